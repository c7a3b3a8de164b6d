from base64 import b64decode
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.ledger.pair import PairKey, PairResult
from flows.ledger.session import RunLedger
from opsconductor.sdk.outcome import Outcome, RunOutcome

from .world import add, add_job, add_target, take_role

JOB = """\
apiVersion: opsconductor/v1
kind: Job
name: grid
targets: {select: "group:web"}
steps:
  - {id: look, uses: linux/command@1, with: {line: uptime}}
  - {id: once, uses: core/log@1, with: {message: hello}}
  - {id: act, uses: linux/command@1, with: {line: uptime}}
"""
WIDTH = 3


async def start(api: httpx.AsyncClient, targets: int = 3) -> dict[str, Any]:
    for number in range(targets):
        await add_target(api, f"web{number:02}")
    await add_job(api, JOB)
    return await add(api, "/runs", {"job": "grid"})


async def opened(database: str, run: dict[str, Any]) -> RunLedger:
    return await RunLedger.claim(database, UUID(run["id"]), int(run["epoch"]), owner="test")


def named(matrix: dict[str, Any], cells: str = "cells") -> list[str]:
    return [matrix["codes"][code] for code in b64decode(matrix[cells])]


async def test_a_snapshot_has_names_and_one_byte_a_cell(api: httpx.AsyncClient, portal_database: str):
    run = await start(api)
    ledger = await opened(portal_database, run)
    await ledger.sent(PairKey(0, 0, 1))
    await ledger.done(PairKey(1, 0, 1), PairResult(Outcome.UNREACHABLE, summary="no route"))
    await ledger.target_ended(1, Outcome.UNREACHABLE, "no route")
    await ledger.done(PairKey(-1, 1, 1), PairResult(Outcome.OK))
    await ledger.done(PairKey(2, 2, 1), PairResult(Outcome.FAILED))
    await ledger.sent(PairKey(2, 2, 2))
    path = f"/api/v1/runs/{run['id']}/matrix"
    matrix = (await api.get(path)).json()
    assert matrix["targets"] == ["web00", "web01", "web02"]
    assert [step["id"] for step in matrix["steps"]] == ["look", "once", "act"]
    assert named(matrix) == [
        "running", "waiting", "waiting",
        "unreachable", "waiting", "waiting",
        "waiting", "waiting", "running",
    ]  # fmt: skip
    assert named(matrix, "run_cells") == ["waiting", "ok", "waiting"]
    assert named(matrix, "target_cells") == ["waiting", "unreachable", "waiting"]
    assert (matrix["notes"], matrix["state"]["status"]) == ({"1": "no route"}, "running")
    part = (await api.get(path, params={"from": 1, "to": 2})).json()
    assert (part["first"], part["total"], part["targets"]) == (1, 3, ["web01"])
    assert (named(part), part["notes"]) == (["unreachable", "waiting", "waiting"], {"1": "no route"})
    beyond = (await api.get(path, params={"from": 9})).json()
    assert (beyond["targets"], beyond["cells"]) == ([], "")
    await ledger.close()


async def test_what_a_client_knows_is_not_sent_again(api: httpx.AsyncClient, portal_database: str):
    run = await start(api)
    path = f"/api/v1/runs/{run['id']}/matrix"
    first = await api.get(path)
    known = {"If-None-Match": first.headers["etag"]}
    tag = first.headers["etag"]
    for written in (tag, f"W/{tag}", f'"other", W/{tag}'):
        assert (await api.get(path, headers={"If-None-Match": written})).status_code == 304, written
    assert (await api.get(path, headers=known, params={"to": 1})).status_code == 200, "another part of it"
    ledger = await opened(portal_database, run)
    assert (await api.get(path, headers=known)).status_code == 200
    await ledger.close()
    with psycopg.connect(portal_database) as connection:
        take_role(connection, "nobody", [])
    assert (await api.get(path, headers=known)).status_code == 403, "who may not look learns nothing by asking again"


async def test_more_than_a_million_cells_come_in_parts(api: httpx.AsyncClient, portal_database: str):
    run = await start(api)
    with psycopg.connect(portal_database) as connection:
        connection.execute("UPDATE job_runs SET target_count = 400000")
    path = f"/api/v1/runs/{run['id']}/matrix"
    refused = await api.get(path)
    assert (refused.status_code, refused.json()["problems"][0]["path"]) == (422, "to")
    assert (await api.get(path, params={"to": 300_000})).status_code == 200
    for wrong in ({"from": -1}, {"to": 10**30}, {"after": -1}, {"after": 2**70}):
        assert (await api.get(path, params=wrong)).status_code == 422, wrong
    assert (await api.get(f"/api/v1/runs/{uuid4()}/matrix")).status_code == 404


OUTCOMES = st.sampled_from(list(Outcome))
MOVES = st.lists(st.tuples(st.integers(0, 2), st.sampled_from([0, 2]), OUTCOMES, st.booleans()), max_size=12)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES, cut=st.integers(0, 12))
async def test_changes_lead_from_any_snapshot_to_the_newest(
    api: httpx.AsyncClient, portal_database: str, moves: list[tuple[int, int, Outcome, bool]], cut: int
):
    """Whatever an engine does, and wherever a client stopped listening."""
    with psycopg.connect(portal_database) as connection:
        connection.execute("DELETE FROM targets; UPDATE jobs SET deleted_at = now() WHERE deleted_at IS NULL")
    run = await start(api)
    path = f"/api/v1/runs/{run['id']}/matrix"
    ledger = await opened(portal_database, run)
    attempts: dict[tuple[int, int], int] = {}
    early = (await api.get(path)).json()
    for number, (target, step, outcome, late) in enumerate(moves):
        if number == cut:
            early = (await api.get(path)).json()
        attempt = attempts[target, step] = attempts.get((target, step), 0) + 1
        key = PairKey(target, step, attempt)
        await ledger.sent(key)
        if late:  # the attempt gives way to the next one, and its own row is closed after that
            attempts[target, step] += 1
            await ledger.sent(key._replace(attempt=attempt + 1))
        await ledger.done(key, PairResult(outcome))
        await ledger.target_ended(target, outcome, f"move {number}")
    await ledger.close()
    changes = (await api.get(path, params={"after": early["seq"]})).json()
    final = (await api.get(path)).json()
    assert (changes["from"], changes["to"], changes["reset"]) == (early["seq"], final["seq"], False)
    cells, targets = bytearray(b64decode(early["cells"])), bytearray(b64decode(early["target_cells"]))
    for at in range(0, len(changes["cells"]), 3):
        target, step, code = changes["cells"][at : at + 3]
        cells[target * WIDTH + step] = code
    for at in range(0, len(changes["targets"]), 2):
        targets[changes["targets"][at]] = changes["targets"][at + 1]
    assert cells == b64decode(final["cells"])
    assert targets == b64decode(final["target_cells"])
    assert {**early["notes"], **changes["notes"]} == final["notes"]


async def test_a_cell_shows_what_a_person_decided(api: httpx.AsyncClient, portal_database: str):
    run = await start(api)
    ledger = await opened(portal_database, run)
    for key in (PairKey(0, 0, 1), PairKey(1, 0, 1), PairKey(2, 0, 1), PairKey(-1, 1, 1)):
        await ledger.done(key, PairResult(Outcome.UNKNOWN))
    await ledger.end(RunOutcome.UNKNOWN, "")
    await ledger.close()
    path = f"/api/v1/runs/{run['id']}/matrix"
    before = (await api.get(path)).json()
    assert named(before)[::WIDTH] == ["unknown"] * 3
    await add(api, f"/runs/{run['id']}/decisions", {"target": "web00", "step": "look", "decision": "ran"})
    await add(api, f"/runs/{run['id']}/decisions", {"target": "", "step": "once", "decision": "not_ran"})
    many = {"step": "look", "decision": "skip", "targets": ["web01"]}
    assert (await api.post(f"/api/v1/runs/{run['id']}/decisions/many", json=many)).status_code == 200
    after = (await api.get(path)).json()
    assert named(after)[::WIDTH] == ["decided_ran", "decided_skip", "unknown"]
    assert named(after, "run_cells")[1] == "decided_not_ran"
    changes = (await api.get(path, params={"after": before["seq"]})).json()
    told = {tuple(changes["cells"][at : at + 2]): after["codes"][changes["cells"][at + 2]] for at in (0, 3, 6)}
    assert told == {(0, 0): "decided_ran", (1, 0): "decided_skip", (-1, 1): "decided_not_ran"}
    resumed = (await api.post(f"/api/v1/runs/{run['id']}/resume")).json()
    ledger = await opened(portal_database, resumed)
    await ledger.sent(PairKey(0, 0, 2))
    await ledger.close()
    assert named((await api.get(path)).json())[0] == "running", "the next attempt counts"


async def test_events_that_are_gone_take_a_new_snapshot(api: httpx.AsyncClient, portal_database: str):
    run = await start(api)
    ledger = await opened(portal_database, run)
    await ledger.end(RunOutcome.SUCCEEDED, "fine")
    await ledger.close()
    path = f"/api/v1/runs/{run['id']}/matrix"
    changes = (await api.get(path, params={"after": 1})).json()
    assert (changes["reset"], changes["state"]["outcome"]) == (False, "succeeded")
    with psycopg.connect(portal_database) as connection:
        connection.execute("DELETE FROM job_run_events")
    assert (await api.get(path, params={"after": 1})).json()["reset"] is True
    assert (await api.get(path, params={"after": 2})).json()["reset"] is False, "nothing came after it"
    assert (await api.get(path, params={"after": 99})).json()["to"] == 2
