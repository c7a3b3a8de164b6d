"""The engine with the real record on a real PostgreSQL."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from flows.plan import Plan, Strategy
from opsconductor.errors import FencedError
from opsconductor.sdk.outcome import RunOutcome
from opsconductor.sdk.transport import CommandOutput
from tests.doubles.fake_connector import FakeConnector
from tests.unit.flows.engine.stage import FAIL, Author

pytestmark = pytest.mark.real


def job(*, batches: tuple[int | str, ...] = ()) -> Plan:
    a = Author()
    nodes = (a.step("one"), a.step("two", "one"), a.tell("mail", ("two", "always")))
    return Plan(name="test", nodes=nodes, strategy=Strategy(batches=batches))


async def test_what_happened_is_in_the_record(
    publish: Any, start: Any, session: Any, query: Callable[..., Any]
) -> None:
    connector = FakeConnector()
    connector.machine("h1").answers["do two"] = FAIL
    connector.machine("h0").answers["do one"] = CommandOutput("hello", stdout_bytes=5)
    run_id = start(publish(job(batches=(2,))), 3)
    opened = await session(run_id, connector)
    conclusion = await opened.conclude()
    assert conclusion.outcome is RunOutcome.PARTIAL
    rows = query(
        "SELECT target_ord, step_ord, state, outcome, exit_code FROM job_run_steps WHERE run_id = %s ORDER BY 1, 2",
        run_id,
    )
    assert rows == [
        (-1, 2, 2, 1, None),
        (0, 0, 2, 1, 0),
        (0, 1, 2, 1, 0),
        (1, 0, 2, 1, 0),
        (1, 1, 2, 3, 1),
        (2, 0, 2, 1, 0),
        (2, 1, 2, 1, 0),
    ]
    assert query("SELECT status, outcome, summary FROM job_runs WHERE id = %s", run_id) == [
        (
            "ended",
            "partial",
            "partial: 2 of 3 targets succeeded; 1 failed: h1 (two: `do` ended with exit code 1: it broke)",
        )
    ]
    reasons = query("SELECT name, outcome, reason FROM job_run_targets WHERE run_id = %s ORDER BY ord", run_id)
    assert reasons == [("h0", 1, ""), ("h1", 3, "two: `do` ended with exit code 1: it broke"), ("h2", 1, "")]
    kinds = [kind for (kind,) in query("SELECT kind FROM job_run_events WHERE run_id = %s ORDER BY seq", run_id)]
    assert kinds.count("batch.started") == 2
    assert kinds[-1] == "run.ended"


async def test_a_run_that_is_taken_over_stops_and_its_successor_ends_it(
    publish: Any, start: Any, session: Any, query: Callable[..., Any]
) -> None:
    connector = FakeConnector()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> CommandOutput:
        begun.set()
        await go_on.wait()
        return CommandOutput()

    connector.machine("h0").answers["do two"] = slow
    run_id = start(publish(job()), 2)
    first = await session(run_id, connector)
    going = asyncio.create_task(first.conclude())
    await begun.wait()
    while query("SELECT count(*) FROM job_run_steps WHERE run_id = %s AND target_ord = 1 AND state = 2", run_id) != [
        (2,)
    ]:
        await asyncio.sleep(0)
    query("UPDATE job_runs SET epoch = epoch + 1, owner = NULL, lease_until = NULL WHERE id = %s", run_id)
    second_connector = FakeConnector()
    second = await session(run_id, second_connector, epoch=1)
    assert (await second.conclude()).outcome is RunOutcome.SUCCEEDED
    go_on.set()
    with pytest.raises(FencedError):
        await going
    assert second_connector.machine("h0").commands == ["do two"]
    assert second_connector.machine("h1").commands == []
    assert query("SELECT status, outcome, epoch FROM job_runs WHERE id = %s", run_id) == [("ended", "succeeded", 1)]


async def test_a_cancel_reaches_the_engine(publish: Any, start: Any, session: Any, query: Callable[..., Any]) -> None:
    connector = FakeConnector()
    begun = asyncio.Event()

    async def endless() -> CommandOutput:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    connector.machine("h0").answers["do one"] = endless
    run_id = start(publish(job()), 1)
    opened = await session(run_id, connector)
    going = asyncio.create_task(opened.conclude())
    await begun.wait()
    query("UPDATE job_runs SET cancel_requested_at = now(), cancel_requested_by = 'ada' WHERE id = %s", run_id)
    query("SELECT pg_notify('opsconductor_commands', %s)", str(run_id))
    async with asyncio.timeout(20):
        assert (await going).outcome is RunOutcome.CANCELLED
    assert connector.machine("h0").stopped
    assert query("SELECT outcome FROM job_run_steps WHERE run_id = %s", run_id) == [(7,)]
