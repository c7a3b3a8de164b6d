"""What running again refuses: a job that is switched off, a key whose run is gone, a host that is out of sight."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from flows.ledger.pair import PairKey, PairResult
from flows.ledger.session import RunLedger
from opsconductor.sdk.outcome import Outcome, RunOutcome

from .people import add_user, signed_in
from .world import add, add_job, add_target

SEES_JOBS = ["jobs:view", "jobs:run", "targets:connect"]


async def ended(api: httpx.AsyncClient, dsn: str, outcome: RunOutcome) -> dict[str, Any]:
    """A run of `look` on web01 that did not end well."""
    target = await add_target(api, "web01")
    job = await add_job(api)
    run = await add(api, "/runs", {"job": "look"})
    ledger = await RunLedger.claim(dsn, UUID(run["id"]), 1, owner="test")
    key = PairKey(target_ord=0, step_ord=0, attempt=1)
    await ledger.sent(key)
    await ledger.done(key, PairResult(Outcome.UNKNOWN if outcome == RunOutcome.UNKNOWN else Outcome.FAILED))
    await ledger.target_ended(0, Outcome.FAILED, "no")
    await ledger.end(outcome, "")
    await ledger.close()
    return {**run, "target": target, "job": job}


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


@pytest.mark.parametrize("way", ["resume", "rerun", "rerun/preview"])
async def test_a_job_that_is_switched_off_goes_on_nowhere(api: httpx.AsyncClient, portal_database: str, way: str):
    run = await ended(api, portal_database, RunOutcome.UNKNOWN)
    job = f"/api/v1/jobs/{run['job']['id']}"
    await api.patch(job, json={"active": False})
    body: Mapping[str, Any] | None = None if way == "resume" else {}
    refused = await api.post(f"/api/v1/runs/{run['id']}/{way}", json=body)
    assert problem(refused) == (409, "job-inactive")
    assert "job look is inactive" in refused.json()["detail"]
    assert (await api.get(f"/api/v1/runs/{run['id']}")).json()["outcome"] == "unknown", "nothing was begun"
    await api.patch(job, json={"active": True})
    assert (await api.post(f"/api/v1/runs/{run['id']}/{way}", json=body)).is_success


async def test_a_key_whose_run_is_out_of_sight_starts_no_second_one(
    api: httpx.AsyncClient, portal_app: FastAPI, portal_database: str
):
    await add_target(api, "web01")
    await add_job(api)
    await add_user(portal_app, "anna", [*SEES_JOBS, "targets:view"])
    key = {"Idempotency-Key": str(uuid4())}
    async with await signed_in(api, portal_app, "anna") as anna:
        first = await anna.post("/api/v1/runs", json={"job": "look"}, headers=key)
        assert first.status_code == 201, first.text
        with psycopg.connect(portal_database) as connection:
            connection.execute("UPDATE jobs SET folder = 'hidden'")
            connection.execute("UPDATE roles SET permissions = '[]' WHERE name = 'role-of-anna'")
            connection.execute(
                "INSERT INTO role_grants (id, user_id, role_id, kind, place, created_at, created_by) "
                "SELECT gen_random_uuid(), u.id, r.id, 'job_folder', 'open', now(), 'test' FROM users u, roles r "
                "WHERE u.username = 'anna' AND r.name = 'operator'"
            )
        again = await anna.post("/api/v1/runs", json={"job": "look"}, headers=key)
    assert problem(again) == (409, "earlier-run-hidden")
    assert len((await api.get("/api/v1/runs")).json()["items"]) == 1


async def test_a_target_that_is_there_is_never_repeated_at_its_former_address(
    api: httpx.AsyncClient, portal_app: FastAPI, portal_database: str
):
    run = await ended(api, portal_database, RunOutcome.FAILED)
    await api.patch(f"/api/v1/targets/{run['target']['id']}", json={"address": "moved.test"})
    await add_user(portal_app, "blind", SEES_JOBS)
    path = f"/api/v1/runs/{run['id']}/rerun"
    async with await signed_in(api, portal_app, "blind") as blind:
        for refused in (await blind.post(path, json={}), await blind.post(f"{path}/preview", json={})):
            assert problem(refused) == (403, "permission-denied")
            assert "targets:view for target web01" in refused.json()["detail"]
        await api.delete(f"/api/v1/targets/{run['target']['id']}")
        again = await blind.post(path, json={})
        assert again.status_code == 201, "what is gone is repeated as it was"
    (row,) = (await api.get(f"/api/v1/runs/{again.json()['id']}/targets")).json()["items"]
    assert row["address"] == "web01.test"


async def test_a_target_that_took_the_name_of_another_is_told_apart(api: httpx.AsyncClient, portal_database: str):
    gone = await add_target(api, "db01")
    run = await ended(api, portal_database, RunOutcome.FAILED)
    await api.delete(f"/api/v1/targets/{gone['id']}")
    await api.patch(f"/api/v1/targets/{run['target']['id']}", json={"name": "DB01"})
    path = f"/api/v1/runs/{run['id']}/rerun"
    previewed = (await api.post(f"{path}/preview", json={"targets": "all"})).json()
    again = await add(api, f"/runs/{run['id']}/rerun", {"targets": "all"})
    rows = (await api.get(f"/api/v1/runs/{again['id']}/targets")).json()["items"]
    assert {row["name"]: row["address"] for row in rows} == {"db01 (gone)": "db01.test", "DB01": "web01.test"}
    assert [row["name"] for row in previewed["targets"]] == [row["name"] for row in rows]
    for name in ("db01", "db01 (gone)"):
        answer = await api.get(f"/api/v1/runs/{again['id']}/output", params={"target": name})
        assert answer.status_code == 200, answer.text
