import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg

from flows.ledger.pair import PairKey, PairResult
from flows.ledger.session import RunLedger
from opsconductor.sdk.outcome import Outcome, RunOutcome
from tests.fixtures.inventory import inventory

from .world import JOB, add, add_credential, add_job, add_target

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGnAOFxNcOiKN5jc9rSNqk2CFpdAyaCyiQbCH6w8hhkH"


async def test_a_run_freezes_its_targets_and_credentials(api: httpx.AsyncClient, portal_database: str):
    await add_credential(api)
    await add_target(api, "web01", credential="root", port=2222, tags=["prod"])
    await add_target(api, "db01", groups=["db"])
    await add_job(api)
    run = await add(api, "/runs", {"job": "look", "parameters": {"unit": "sshd.service"}})
    assert (run["status"], run["target_count"], run["epoch"]) == ("queued", 1, 1)
    await api.patch(f"/api/v1/targets/{(await _first_target(api))['id']}", json={"address": "elsewhere.test"})
    frozen = (await api.get(f"/api/v1/runs/{run['id']}/targets")).json()["items"]
    assert [(row["name"], row["address"], row["port"], row["credential"]) for row in frozen] == [
        ("web01", "web01.test", 2222, "root")
    ]
    with psycopg.connect(portal_database) as connection:
        (credentials,) = connection.execute("SELECT credentials FROM job_runs").fetchone() or ({},)
    assert credentials["root"]["version"] == 1


async def _first_target(api: httpx.AsyncClient) -> dict[str, Any]:
    return next(row for row in (await api.get("/api/v1/targets")).json()["items"] if row["name"] == "web01")


async def test_the_same_idempotency_key_finds_the_same_run(api: httpx.AsyncClient):
    await add_target(api, "web01")
    await add_job(api)
    key = {"Idempotency-Key": str(uuid4())}
    first = await api.post("/api/v1/runs", json={"job": "look"}, headers=key)
    again = await api.post("/api/v1/runs", json={"job": "look"}, headers=key)
    other = await api.post("/api/v1/runs", json={"job": "look", "check_only": True}, headers=key)
    assert first.status_code == 201
    assert again.json()["id"] == first.json()["id"]
    assert other.status_code == 409
    assert other.json()["type"] == "urn:opsconductor:problem:idempotency-key-reused"
    assert len((await api.get("/api/v1/runs")).json()["items"]) == 1


async def test_workers_hear_of_a_run_when_it_is_written_down(api: httpx.AsyncClient, portal_database: str):
    await add_target(api, "web01")
    await add_job(api)
    with psycopg.connect(portal_database, autocommit=True) as connection:
        connection.execute("LISTEN opsconductor_runs")
        run = await add(api, "/runs", {"job": "look"})
        (notice,) = connection.notifies(timeout=10, stop_after=1)
        assert notice.payload == f"{run['id']} 1"


async def test_what_cannot_run_leaves_nothing_behind(api: httpx.AsyncClient):
    await add_job(api)
    await add(api, "/credentials", {"name": "login", "secret": {"kind": "secret_text", "text": "x"}})
    nobody = {"select": "name:nobody"}
    refusals = {
        "no targets": ({"job": "look"}, 422, "targets.select"),
        "no targets named": ({"job": "look", "targets": nobody}, 422, "targets.select"),
        "a broken selector": ({"job": "look", "targets": {"select": "and"}}, 422, "targets.select"),
        "an injected parameter": ({"job": "look", "parameters": {"unit": "x; id"}}, 422, "parameters.unit"),
        "an unknown parameter": ({"job": "look", "parameters": {"uint": "x"}}, 422, "parameters.uint"),
        "another type": ({"job": "look", "parameters": {"unit": 3}}, 422, "parameters.unit"),
        "a NUL": ({"job": "look", "parameters": {"unit": "\x00"}}, 422, "parameters.unit"),
        "an unknown version": ({"job": "look", "version": 9}, 404, None),
        "an unknown job": ({"job": "lock"}, 404, None),
        "no job": ({}, 422, ""),
    }
    for name, (body, status, path) in refusals.items():
        refused = await api.post("/api/v1/runs", json=body, headers={"Idempotency-Key": name.replace(" ", "-")})
        assert refused.status_code == status, (name, refused.text)
        if path is not None:
            assert refused.json()["problems"][0]["path"] == path, name
    assert (await api.get("/api/v1/runs")).json()["items"] == []
    bad_key = await api.post("/api/v1/runs", json={"job": "look"}, headers={"Idempotency-Key": "a b"})
    assert bad_key.status_code == 422


async def test_a_run_on_too_many_targets_is_refused(api: httpx.AsyncClient):
    rows = [{"name": f"web{n}", "address": f"web{n}.test", "groups": ["web"]} for n in range(6)]
    await api.post("/api/v1/inventory/import", json=inventory(rows))
    await add_job(api)
    refused = await api.post("/api/v1/runs", json={"job": "look"})
    assert refused.json()["type"] == "urn:opsconductor:problem:too-many-targets"
    assert (await api.post("/api/v1/runs", json={"job": "look", "targets": {"select": "name:web0"}})).is_success


async def test_a_run_without_targets_ends_at_once_where_that_is_allowed(api: httpx.AsyncClient):
    await add_job(api)
    run = await add(api, "/runs", {"job": "look", "targets": {"select": "all", "allow_empty": True}})
    assert (run["status"], run["outcome"]) == ("ended", "no_targets")
    events = (await api.get(f"/api/v1/runs/{run['id']}/events")).json()
    assert ([event["kind"] for event in events["items"]], events["ended"]) == (["run.ended"], True)


async def test_secret_parameters_name_credentials(api: httpx.AsyncClient, portal_database: str):
    await add_target(api, "web01")
    await add_job(
        api, JOB.replace("unit: {type: string, default: nginx.service, pattern: '^[a-z.]+$'}", "token: {type: secret}")
    )
    await add_credential(api, "root")
    await add(api, "/credentials", {"name": "token", "secret": {"kind": "secret_text", "text": "t0ken"}})
    for wrong in ("nobody", "root"):
        refused = await api.post("/api/v1/runs", json={"job": "look", "parameters": {"token": wrong}})
        assert refused.json()["problems"][0]["path"] == "parameters.token"
    run = await add(api, "/runs", {"job": "look", "parameters": {"token": "token"}})
    read = (await api.get(f"/api/v1/runs/{run['id']}")).json()
    assert (read["parameters"], read["secret_parameters"]) == ({}, {"token": "token"})
    with psycopg.connect(portal_database) as connection:
        assert "t0ken" not in str(connection.execute("SELECT * FROM job_runs").fetchall())


async def test_a_run_that_nobody_began_is_cancelled_here(api: httpx.AsyncClient):
    run = await _run(api)
    cancelled = (await api.post(f"/api/v1/runs/{run['id']}/cancel")).json()
    assert (cancelled["status"], cancelled["outcome"], cancelled["cancel_requested_by"]) == (
        "ended",
        "cancelled",
        "admin",
    )
    again = await api.post(f"/api/v1/runs/{run['id']}/cancel")
    assert again.status_code == 409
    resumed = (await api.post(f"/api/v1/runs/{run['id']}/resume")).json()
    assert (resumed["status"], resumed["outcome"], resumed["epoch"]) == ("queued", None, cancelled["epoch"] + 1)


async def test_an_override_only_narrows_and_the_preview_says_what_it_leaves_out(api: httpx.AsyncClient):
    for name in ("web01", "web02", "web03"):
        await add_target(api, name)
    await add_target(api, "db01", groups=["db"])
    await add_job(api)
    body = {"job": "look", "targets": {"select": "name:web01 or name:db01"}}
    preview = (await api.post("/api/v1/runs/preview", json=body)).json()
    assert [target["name"] for target in preview["targets"]] == ["web01"], "db01 is no target of the job"
    assert (preview["left_out"], preview["refusals"]) == (["web02", "web03"], [])
    assert preview["parameters"] == {"unit": "nginx.service"}
    run = await add(api, "/runs", body)
    frozen = (await api.get(f"/api/v1/runs/{run['id']}/targets")).json()["items"]
    assert [row["name"] for row in frozen] == ["web01"]
    widened = await api.post("/api/v1/runs", json={"job": "look", "targets": {"select": "name:web01) or (all"}})
    assert widened.json()["problems"][0]["path"] == "targets.select"


async def test_a_preview_names_every_refusal_and_starts_nothing(api: httpx.AsyncClient):
    await add_job(api)
    body = {"job": "look", "parameters": {"unit": "x; id", "uint": 1}}
    preview = (await api.post("/api/v1/runs/preview", json=body)).json()
    assert {refusal["path"] for refusal in preview["refusals"]} == {
        "parameters.unit", "parameters.uint", "targets.select",
    }  # fmt: skip
    assert (preview["total"], (await api.get("/api/v1/runs")).json()["items"]) == (0, [])
    assert (await api.post("/api/v1/runs/preview", json={"job": "lock"})).status_code == 404


async def test_runs_are_listed_by_what_people_ask_for(api: httpx.AsyncClient, portal_database: str):
    await add_target(api, "web01")
    target = await add_target(api, "web02")
    await add_job(api)
    both = await add(api, "/runs", {"job": "look"})
    one = await add(api, "/runs", {"job": "look", "targets": {"select": "name:web01"}})
    await api.post(f"/api/v1/runs/{one['id']}/cancel")

    async def listed(**query: Any) -> list[str]:
        answer = await api.get("/api/v1/runs", params=query)
        assert answer.status_code == 200, answer.text
        return [run["id"] for run in answer.json()["items"]]

    newest, oldest = one["id"], both["id"]
    assert await listed(target="WEB02") == await listed(target=target["id"]) == [oldest]
    assert await listed(target="web01", sort="created_at") == [oldest, newest]
    assert await listed(target="nobody") == []
    assert await listed(status="ended") == await listed(outcome="cancelled") == [newest]
    assert (
        await listed(q="OO") == await listed(q="adm") == await listed(by="admin", trigger="manual") == [newest, oldest]
    )
    assert await listed(q="%") == await listed(by="nobody") == await listed(job="loo") == []
    assert await listed(job="Look", folder="") == [newest, oldest]
    assert await listed(folder="ops") == []
    assert await listed(created_after=one["created_at"]) == await listed(finished_after=one["created_at"]) == [newest]
    assert await listed(created_before="0001-01-01T00:00:00+14:00") == []
    assert await listed(started_before="9999-12-31T23:59:59-12:00") == []
    for wrong in ({"sort": "summary"}, {"created_after": "yesterday"}, {"created_after": "2026-01-01T00:00:00"}):
        assert (await api.get("/api/v1/runs", params=wrong)).status_code == 422, wrong
    assert (await api.put(f"/api/v1/runs/{both['id']}/pin")).json()["pinned_by"] == "admin"
    assert await listed(pinned=True) == [oldest]
    await api.delete(f"/api/v1/runs/{both['id']}/pin")
    assert await listed(pinned=True) == []
    events = [entry["event"] for entry in (await api.get("/api/v1/audit")).json()["items"]]
    assert {"run.pinned", "run.unpinned"} <= set(events)


async def _run(api: httpx.AsyncClient) -> dict[str, Any]:
    await add_credential(api)
    for name in ("web01", "web02", "web03"):
        await add_target(api, name, credential="root")
    await add_job(api)
    return await add(api, "/runs", {"job": "look"})


def _key(*, target: int) -> PairKey:
    return PairKey(target_ord=target, step_ord=0, attempt=1)


async def _play(database: str, run: dict[str, Any]) -> None:
    """An engine of one run: web01 did well, web02 failed, of web03 nobody knows."""
    ledger = await RunLedger.claim(database, UUID(run["id"]), int(run["epoch"]), owner="test")
    results = {
        0: PairResult(Outcome.OK, 0, "up 3 days", {}, "up 3 days\n", "", 10, 0, truncated=False),
        1: PairResult(Outcome.FAILED, 1, "exit code 1", None, "", "no\n", 0, 3, truncated=False),
        2: PairResult(Outcome.UNKNOWN, None, "the line broke", None, "", "", 0, 0, truncated=False),
    }
    for target, result in results.items():
        await ledger.sent(_key(target=target))
        await ledger.done(_key(target=target), result)
        await ledger.target_ended(target, result.outcome, "" if target == 0 else result.summary)
    await ledger.host_key_seen(0, KEY)
    await ledger.end(RunOutcome.UNKNOWN, "1 unknown")
    await ledger.close()


async def test_a_run_that_was_played_can_be_looked_at(api: httpx.AsyncClient, portal_database: str):
    run = await _run(api)
    path = f"/api/v1/runs/{run['id']}"
    pending = (await api.get(f"{path}/targets", params={"outcome": "pending"})).json()["items"]
    assert [row["name"] for row in pending] == ["web01", "web02", "web03"]
    await _play(portal_database, run)
    assert (await api.get(f"{path}/targets", params={"outcome": "pending"})).json()["items"] == []
    read = (await api.get(path)).json()
    assert (read["outcome"], read["targets_by_outcome"]) == ("unknown", {"ok": 1, "failed": 1, "unknown": 1})
    assert (read["steps"][0]["id"], read["steps"][0]["ok"], read["steps"][0]["bad"]) == ("probe", 1, 2)
    failed = (await api.get(f"{path}/targets", params={"outcome": "failed"})).json()["items"]
    assert [(row["name"], row["reason"]) for row in failed] == [("web02", "exit code 1")]
    (attempt,) = (await api.get(f"{path}/targets/0/steps")).json()
    assert (attempt["step"], attempt["outcome"], attempt["exit_code"]) == ("probe", "ok", 0)
    output = (await api.get(f"{path}/targets/1/steps/0/attempts/1/output")).json()
    assert (output["stdout"], output["stderr"]) == ("", "no\n")
    assert (await api.get(f"{path}/targets/9/steps/0/attempts/1/output")).status_code == 404
    async with asyncio.timeout(20):
        while not (await _first_target(api))["host_keys"]:
            await asyncio.sleep(0.05)
    assert (await _first_target(api))["host_keys"] == [KEY], "the first key it showed is kept"


async def test_a_rerun_takes_what_did_not_end_well_as_it_is_now(api: httpx.AsyncClient, portal_database: str):
    run = await _run(api)
    early = await api.post(f"/api/v1/runs/{run['id']}/rerun", json={})
    assert early.status_code == 409
    await _play(portal_database, run)
    web02 = next(row for row in (await api.get("/api/v1/targets")).json()["items"] if row["name"] == "web02")
    await api.patch(f"/api/v1/targets/{web02['id']}", json={"address": "mended.test"})
    again = await add(api, f"/runs/{run['id']}/rerun", {})
    targets = (await api.get(f"/api/v1/runs/{again['id']}/targets")).json()["items"]
    assert [(row["name"], row["address"]) for row in targets] == [("web02", "mended.test"), ("web03", "web03.test")]
    assert (again["rerun_of"], again["job_version"]) == (run["id"], 1)


async def test_a_person_decides_what_cannot_be_known_once(api: httpx.AsyncClient, portal_database: str):
    run = await _run(api)
    await _play(portal_database, run)
    path = f"/api/v1/runs/{run['id']}"
    decision = {"target": "web03", "step": "probe", "decision": "not_ran", "reason": "looked at it"}
    for wrong in ({"target": "web01"}, {"step": "nothing"}, {"target": "nobody"}, {"decision": "maybe"}):
        assert (await api.post(f"{path}/decisions", json=decision | wrong)).status_code in (404, 409, 422), wrong
    kept = await api.post(f"{path}/decisions", json=decision)
    assert kept.status_code == 201, kept.text
    twice = await api.post(f"{path}/decisions", json=decision | {"decision": "ran"})
    assert twice.json()["type"] == "urn:opsconductor:problem:decided-already"
    resumed = (await api.post(f"{path}/resume")).json()
    ledger = await RunLedger.claim(portal_database, UUID(run["id"]), resumed["epoch"], owner="test")
    assert dict(ledger.decisions) == {_key(target=2): "not_ran"}
    await ledger.end(RunOutcome.FAILED, "")
    await ledger.close()
    assert (await api.post(f"{path}/resume")).status_code == 409


async def test_two_runs_are_compared_target_by_target(api: httpx.AsyncClient, portal_database: str):
    run = await _run(api)
    await _play(portal_database, run)
    again = await add(api, f"/runs/{run['id']}/rerun", {})
    ledger = await RunLedger.claim(portal_database, UUID(again["id"]), 1, owner="test")
    await ledger.target_ended(0, Outcome.CHANGED)
    await ledger.target_ended(1, Outcome.UNKNOWN, "the line broke again")
    await ledger.end(RunOutcome.PARTIAL, "")
    await ledger.close()
    compared = (await api.get(f"/api/v1/runs/{run['id']}/compare/{again['id']}")).json()
    assert [(row["name"], row["before"], row["after"]) for row in compared["changed"]] == [
        ("web01", "ok", "absent"),
        ("web02", "failed", "changed"),
    ]
    counts = {(row["before"], row["after"]): row["count"] for row in compared["counts"]}
    assert counts == {("ok", "absent"): 1, ("failed", "changed"): 1, ("unknown", "unknown"): 1}
    assert compared["changed_total"] == 2
    assert (await api.get(f"/api/v1/runs/{run['id']}/compare/{uuid4()}")).status_code == 404


async def test_a_target_has_a_history_also_when_it_is_gone(api: httpx.AsyncClient, portal_database: str):
    run = await _run(api)
    await _play(portal_database, run)
    again = await add(api, f"/runs/{run['id']}/rerun", {})
    web02 = next(row for row in (await api.get("/api/v1/targets")).json()["items"] if row["name"] == "web02")
    path = f"/api/v1/targets/{web02['id']}/runs"
    await api.delete(f"/api/v1/targets/{web02['id']}")
    history = (await api.get(path)).json()["items"]
    assert [(row["id"], row["target_outcome"], row["target_reason"]) for row in history] == [
        (again["id"], None, ""),
        (run["id"], "failed", "exit code 1"),
    ]
    assert [row["id"] for row in (await api.get(path, params={"outcome": "unknown"})).json()["items"]] == [run["id"]]
    assert (await api.get(path, params={"size": 1})).json()["next_page"]
    assert (await api.get(f"/api/v1/targets/{uuid4()}/runs")).status_code == 404


async def test_many_attempts_are_decided_at_once_and_one_by_one_answered_for(
    api: httpx.AsyncClient, portal_database: str
):
    run = await _run(api)
    ledger = await RunLedger.claim(portal_database, UUID(run["id"]), 1, owner="test")
    for target, outcome in enumerate((Outcome.UNKNOWN, Outcome.UNKNOWN, Outcome.OK)):
        await ledger.sent(_key(target=target))
        await ledger.done(_key(target=target), PairResult(outcome))
    await ledger.end(RunOutcome.UNKNOWN, "2 unknown")
    await ledger.close()
    path = f"/api/v1/runs/{run['id']}/decisions"
    body = {"step": "probe", "decision": "skip", "reason": "rebuilt since"}
    dry = (await api.post(f"{path}/many", json={**body, "dry_run": True})).json()
    assert [row["target"] for row in dry["decided"]] == ["web01", "web02"]
    await add(api, f"/runs/{run['id']}/decisions", {"target": "web01", "step": "probe", "decision": "ran"})
    kept = (await api.post(f"{path}/many", json={**body, "targets": ["WEB01", "web02", "web03", "nobody"]})).json()
    assert [(row["target"], row["decision"], row["attempt"]) for row in kept["decided"]] == [("web02", "skip", 1)]
    assert [(row["target"], row["reason"]) for row in kept["not_decided"]] == [
        ("web01", "admin decided already: ran"),
        ("web03", "is not of unknown outcome"),
        ("nobody", "is not of unknown outcome"),
    ]
    assert (await api.post(f"{path}/many", json=body)).json()["decided"] == [], "everything is decided"
    for wrong in ({"step": "nothing"}, {"decision": "maybe"}, {"targets": ["\x00"]}):
        assert (await api.post(f"{path}/many", json=body | wrong)).status_code == 422, wrong
    resumed = (await api.post(f"/api/v1/runs/{run['id']}/resume")).json()
    ledger = await RunLedger.claim(portal_database, UUID(run["id"]), resumed["epoch"], owner="test")
    assert dict(ledger.decisions) == {_key(target=0): "ran", _key(target=1): "skip"}
    await ledger.close()
    events = [entry["event"] for entry in (await api.get("/api/v1/audit")).json()["items"]]
    assert events.count("run.pairs_decided") == 1


async def test_a_rerun_says_exactly_which_targets_before_it_starts(api: httpx.AsyncClient, portal_database: str):
    for name in ("web04", "web05"):
        await add_target(api, name)
    run = await _run(api)
    ledger = await RunLedger.claim(portal_database, UUID(run["id"]), 1, owner="test")
    ends = (Outcome.FAILED, Outcome.UNREACHABLE, Outcome.AUTH_FAILED, Outcome.SKIPPED, Outcome.OK)
    names = ("web01", "web02", "web03", "web04", "web05")
    for target, outcome in enumerate(ends):
        if outcome in (Outcome.FAILED, Outcome.OK):
            await ledger.sent(_key(target=target))
        if outcome is not Outcome.SKIPPED:
            await ledger.done(_key(target=target), PairResult(outcome))
        await ledger.target_ended(target, outcome, "" if outcome is Outcome.OK else f"{outcome.label} so")
    await ledger.end(RunOutcome.FAILED, "")
    await ledger.close()
    web01 = next(row for row in (await api.get("/api/v1/targets")).json()["items"] if row["name"] == "web01")
    await api.delete(f"/api/v1/targets/{web01['id']}")
    path = f"/api/v1/runs/{run['id']}/rerun"
    for which, wanted in {
        "failed": names[:4],
        "unreachable": ("web02", "web03"),
        "not_started": ("web04",),
        "all": names,
    }.items():
        preview = (await api.post(f"{path}/preview", json={"targets": which})).json()
        assert tuple(row["name"] for row in preview["targets"]) == wanted, which
    assert [row["gone"] for row in preview["targets"]] == [True, False, False, False, False]
    assert preview["targets"][1]["reason"] == "unreachable so"
    assert len((await api.get("/api/v1/runs")).json()["items"]) == 1, "nothing was started"
    again = await add(api, f"/runs/{run['id']}/rerun", {"targets": "not_started"})
    frozen = (await api.get(f"/api/v1/runs/{again['id']}/targets")).json()["items"]
    assert [row["name"] for row in frozen] == ["web04"]
    assert (await api.post(f"/api/v1/runs/{again['id']}/rerun/preview", json={})).status_code == 409
    assert (await api.post(f"{path}/preview", json={"targets": "some"})).status_code == 422
