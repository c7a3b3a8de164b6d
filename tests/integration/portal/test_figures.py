"""What Prometheus is told, by real scrapes over a real record."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from psycopg_pool import AsyncConnectionPool
from ruamel.yaml import YAML
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from websockets.asyncio.client import connect

from flows.ledger.pair import PairKey, PairResult
from flows.ledger.session import RunLedger
from flows.worker.presence import stay_seen
from opsconductor.sdk.outcome import Outcome, RunOutcome
from portal.upkeep.figures import count_runs
from tests.doubles.gateway import RememberingGateway

from .world import add, add_job, add_target

DOCS = Path(__file__).parents[3] / "docs" / "reference"
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def scrape(api: httpx.AsyncClient) -> Figures:
    answer = await api.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(told: Figures, name: str, /, **labels: str) -> float | None:
    return told.get((name, frozenset(labels.items())))


async def start(api: httpx.AsyncClient) -> UUID:
    return UUID((await add(api, "/runs", {"job": "look"}))["id"])


async def do(dsn: str, run_id: UUID) -> None:
    """The run's one step, with a command that took 2 seconds."""
    ledger = await RunLedger.claim(dsn, run_id, 1, owner="test")
    key = PairKey(0, 0, 1)
    await ledger.sent(key)
    await ledger.done(key, PairResult(Outcome.CHANGED))
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE job_run_steps SET sent_at = done_at - interval '2 seconds' WHERE run_id = %s", (run_id,)
        )
    await ledger.end(RunOutcome.SUCCEEDED, "fine")
    await ledger.close()


@pytest.fixture
async def job(api: httpx.AsyncClient) -> dict[str, Any]:
    await add_target(api, "web01")
    return await add_job(api)


async def test_runs_are_told_while_they_go_on_and_counted_once_when_they_end(
    api: httpx.AsyncClient, job: dict[str, Any], portal_app: FastAPI, portal_database: str
):
    first, _ = await start(api), await start(api)
    before = await scrape(api)
    assert value(before, "opsconductor_runs", status="queued") == 2
    assert value(before, "opsconductor_runs_ended_total", outcome="succeeded") == 0
    await do(portal_database, first)
    for _ in range(2):
        await count_runs(portal_app.state.sessions, portal_app.state.actions)
    after = await scrape(api)
    assert value(after, "opsconductor_runs", status="queued") == 1
    assert value(after, "opsconductor_runs_ended_total", outcome="succeeded") == 1
    action = {"action": "linux/command@1"}
    assert value(after, "opsconductor_step_seconds_count", **action) == 1
    assert value(after, "opsconductor_step_seconds_sum", **action) == pytest.approx(2)
    assert value(after, "opsconductor_step_seconds_bucket", le="1.0", **action) == 0
    assert value(after, "opsconductor_step_seconds_bucket", le="2.5", **action) == 1


async def test_actions_that_nobody_knows_have_one_name_together(
    api: httpx.AsyncClient, job: dict[str, Any], portal_app: FastAPI, portal_database: str
):
    with psycopg.connect(portal_database, autocommit=True) as connection:
        connection.execute("UPDATE published_jobs SET plan = replace(plan::text, 'linux/command', 'gone/thing')::jsonb")
    await do(portal_database, await start(api))
    await count_runs(portal_app.state.sessions, portal_app.state.actions)
    figures = await scrape(api)
    assert value(figures, "opsconductor_step_seconds_count", action="other") == 1


async def test_what_prefect_was_not_told_waits_in_the_outbox(
    api: httpx.AsyncClient, gateway: RememberingGateway, portal_database: str
):
    gateway.away = True
    await add_target(api, "web01")
    await add_job(api)
    await start(api)
    with psycopg.connect(portal_database, autocommit=True) as connection:
        connection.execute("UPDATE job_runs SET created_at = now() - interval '1 hour'")
        connection.execute("UPDATE job_versions SET created_at = now() - interval '2 hours'")
    figures = await scrape(api)
    for kind, seconds in (("deployments", 7200), ("flow_runs", 3600)):
        assert value(figures, "opsconductor_outbox_entries", kind=kind) == 1
        assert value(figures, "opsconductor_outbox_oldest_seconds", kind=kind) == pytest.approx(seconds, abs=60)


async def test_a_worker_is_seen_while_it_works_and_lost_when_it_does_not_say_goodbye(
    api: httpx.AsyncClient, portal_database: str
):
    assert value(await scrape(api), "opsconductor_worker_last_seen_timestamp_seconds") is None
    with psycopg.connect(portal_database, autocommit=True) as connection:
        connection.execute("INSERT INTO workers VALUES ('dead:1', now() - interval '2 minutes', 7, 50)")
        async with AsyncConnectionPool(portal_database, open=False, kwargs={"autocommit": True}) as pool:
            beating = asyncio.create_task(stay_seen(pool, lambda: 3, 50))
            while value(figures := await scrape(api), "opsconductor_workers", state="seen") != 1:
                await asyncio.sleep(0.02)
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
        assert value(figures, "opsconductor_workers", state="lost") == 1
        assert value(figures, "opsconductor_worker_runs") == 3
        assert value(figures, "opsconductor_worker_capacity") == 50
    assert value(await scrape(api), "opsconductor_workers", state="seen") == 0


async def test_credentials_that_need_care_are_counted(api: httpx.AsyncClient):
    now = datetime.now(UTC)
    for name, dates in {
        "old": {"valid_until": (now - timedelta(days=1)).isoformat()},
        "soon": {"valid_until": (now + timedelta(days=13)).isoformat()},
        "later": {"valid_until": (now + timedelta(days=15)).isoformat(), "next_rotation_date": now.date().isoformat()},
        "tomorrow": {"next_rotation_date": (now + timedelta(days=1)).date().isoformat()},
    }.items():
        secret = {"kind": "secret_text", "text": "x"}
        await add(api, "/credentials", {"name": name, "secret": secret, **dates})
    told = await scrape(api)
    states = ("expired", "expiring", "rotation_due")
    assert [value(told, "opsconductor_credentials", state=state) for state in states] == [1, 1, 1]


async def test_watchers_are_counted_while_they_watch(api: httpx.AsyncClient, job: dict[str, Any], served: str):
    run_id = await start(api)
    route = {"route": "/api/v1/runs/{run_id}/events"}
    headers = {"Authorization": api.headers["Authorization"]}
    async with connect(f"ws://{served}/api/v1/runs/{run_id}/events", additional_headers=headers, proxy=None):
        assert value(await scrape(api), "opsconductor_websockets", **route) == 1
    while value(await scrape(api), "opsconductor_websockets", **route) != 0:
        await asyncio.sleep(0.02)


async def test_the_audit_log_tells_what_its_last_verification_found(api: httpx.AsyncClient, portal_database: str):
    await add_target(api, "web01")
    first = await scrape(api)
    assert (value(first, "opsconductor_audit_entries_total") or 0) >= 1
    assert value(first, "opsconductor_audit_chain_intact") is None
    await api.get("/api/v1/audit/chain")
    assert value(await scrape(api), "opsconductor_audit_chain_intact") == 1
    with psycopg.connect(portal_database, autocommit=True) as connection:
        connection.execute("ALTER TABLE audit_log DISABLE TRIGGER USER")
        connection.execute("UPDATE audit_log SET actor_name = 'nobody' WHERE seq = 1")
    await api.get("/api/v1/audit/chain")
    assert value(await scrape(api), "opsconductor_audit_chain_intact") == 0


async def test_a_figure_that_cannot_be_read_is_absent_and_the_others_are_there(
    api: httpx.AsyncClient, portal_database: str
):
    with psycopg.connect(portal_database, autocommit=True) as connection:
        connection.execute("ALTER TABLE workers RENAME TO gone")
    figures = await scrape(api)
    assert value(figures, "opsconductor_figures_up", figures="workers") == 0
    assert value(figures, "opsconductor_workers", state="seen") is None
    assert value(figures, "opsconductor_figures_up", figures="runs") == 1
    assert value(figures, "opsconductor_runs", status="queued") == 0


async def test_a_pool_that_is_used_up_is_told_by_a_scrape_that_needs_it(api: httpx.AsyncClient, portal_app: FastAPI):
    engine = portal_app.state.engine
    held = [await engine.connect() for _ in range(2 * engine.pool.size())]
    waits = asyncio.create_task(_connect(engine))
    figures = await scrape(api)
    for connection in held:
        await connection.close()
    await (await waits).close()
    assert value(figures, "opsconductor_database_pool_size") == 4
    assert value(figures, "opsconductor_database_pool_checked_out") == 8
    assert value(figures, "opsconductor_database_pool_overflow") == 4
    assert (value(figures, "opsconductor_database_pool_waiting") or 0) >= 1
    assert value(figures, "opsconductor_figures_up", figures="runs") == 0
    assert value(await scrape(api), "opsconductor_figures_up", figures="runs") == 1


async def _connect(engine: AsyncEngine) -> AsyncConnection:
    return await engine.connect()


async def test_the_reference_and_the_alerts_name_every_figure_and_no_other(
    api: httpx.AsyncClient, job: dict[str, Any], portal_app: FastAPI, portal_database: str, served: str
):
    run_id = await start(api)
    await do(portal_database, run_id)
    await count_runs(portal_app.state.sessions, portal_app.state.actions)
    await api.get("/api/v1/audit/chain")
    with psycopg.connect(portal_database, autocommit=True) as connection:
        connection.execute("INSERT INTO workers VALUES ('here:1', now(), 0, 50)")
    headers = {"Authorization": api.headers["Authorization"]}
    async with connect(f"ws://{served}/api/v1/runs/{run_id}/events", additional_headers=headers, proxy=None):
        text = (await api.get("/metrics")).text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    told = {family.name for family in families.values() if family.name.startswith("opsconductor_")}
    told = {f"{name}_total" if families[name].type == "counter" else name for name in told}
    told = {name for name in told if not name.endswith("_created")}
    assert set(re.findall(r"^\| `(opsconductor_\w+)`", (DOCS / "metrics.md").read_text(), re.M)) == told

    rules = YAML(typ="safe").load((DOCS / "alerts.yaml").read_text())
    samples = {sample.name for family in families.values() for sample in family.samples}
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        named = set(re.findall(r"\bopsconductor_\w+", rule["expr"]))
        assert named, rule["alert"]
        assert named <= samples, json.dumps([rule["alert"], sorted(named - samples)])
        assert (
            {"alert", "expr", "labels", "annotations"}
            <= rule.keys()
            <= {"alert", "expr", "for", "labels", "annotations"}
        )
