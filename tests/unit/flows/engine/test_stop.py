"""Runs that end before their end: cancelled, out of time, taken over; steps that take too long."""

import asyncio

import pytest

from flows.ledger.pair import PairKey
from flows.plan import Retry, Strategy
from opsconductor.errors import CommandTimedOutError, ConnectionLostError, FencedError
from opsconductor.sdk.outcome import RunOutcome
from opsconductor.sdk.transport import CommandOutput, Verdict

from .stage import Author, Run


@pytest.fixture
def a() -> Author:
    return Author()


class Endless:
    """A command that never ends, and says when it began."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def __call__(self) -> CommandOutput:
        self.begun.set()
        await asyncio.Event().wait()
        raise AssertionError


async def cancelled_while(run: Run, endless: Endless) -> RunOutcome:
    going = asyncio.create_task(run.go())
    await endless.begun.wait()
    run.record.cancelled.set()
    async with asyncio.timeout(10):
        return await going


async def test_a_cancelled_run_stops_its_commands_and_starts_nothing_more(a: Author) -> None:
    run = Run(
        a, [a.step("one"), a.step("two", "one"), a.tell("mail", ("two", "always"))], 3, strategy=Strategy(concurrency=2)
    )
    endless = Endless()
    run.machine("h0").answers["do two"] = endless
    run.machine("h1").answers["do one"] = Endless()
    assert await cancelled_while(run, endless) is RunOutcome.CANCELLED
    assert run.machine("h0").stopped == run.machine("h0").tokens[-1:]
    assert run.outcomes("h0") == {"one": "changed", "two": "cancelled"}
    assert run.target("h0") == ("cancelled", "two: the run was cancelled; stopped")
    assert run.outcomes("h1") == {"one": "cancelled"}
    assert run.target("h2") == ("skipped", "cancelled before it was started")
    assert run.ran("run") == []


async def test_a_stop_that_is_not_confirmed_is_unknown(a: Author) -> None:
    for effect, verdict, expected in (
        ("test/do@1", Verdict("stuck", detail="pid 7"), "unknown"),
        ("test/do_once@1", Verdict("stuck", detail="pid 7"), "unknown"),
        ("test/do@1", Verdict("done", 143), "cancelled"),
        ("test/do_once@1", Verdict("never"), "cancelled"),
    ):
        author = Author()
        run = Run(author, [author.step("one", uses=effect)])
        endless = Endless()
        run.machine().answers["do one"] = endless
        run.machine().stops = [verdict]
        run.machine().verdicts = [Verdict("running")]
        outcome = await cancelled_while(run, endless)
        assert outcome is (RunOutcome.UNKNOWN if expected == "unknown" else RunOutcome.CANCELLED)
        assert run.outcomes() == {"one": expected}


async def test_a_stop_over_a_line_that_broke_is_unknown(a: Author) -> None:
    run = Run(a, [a.step("one")])
    endless = Endless()
    run.machine().answers["do one"] = endless
    run.machine().stops = [ConnectionLostError("gone", host="h0")]
    assert await cancelled_while(run, endless) is RunOutcome.UNKNOWN


async def test_a_cancel_ends_the_wait_before_a_retry_and_waits_of_actions(a: Author) -> None:
    run = Run(a, [a.step("one", retry=Retry(attempts=5, delay_seconds=3600))]).fail("one")
    going = asyncio.create_task(run.go())
    while not run.result("one"):
        await asyncio.sleep(0)
    run.record.cancelled.set()
    async with asyncio.timeout(10):
        assert await going is RunOutcome.FAILED
    assert run.outcomes() == {"one": "failed"}


async def test_a_cancel_after_the_last_step_changes_nothing(a: Author) -> None:
    run = Run(a, [a.step("one")])

    async def last() -> CommandOutput:
        return CommandOutput()

    run.machine().answers["do one"] = last
    await run.go()
    assert run.record.ended is not None
    assert run.record.ended[0] is RunOutcome.SUCCEEDED


async def test_a_run_cancelled_before_its_start_does_nothing(a: Author) -> None:
    run = Run(a, [a.step("one"), a.tell("mail")], 3)
    run.record.cancelled.set()
    assert await run.go() is RunOutcome.CANCELLED
    assert all(run.machine(f"h{place}").logins == 0 for place in range(3))
    assert run.ran("run") == []
    assert run.record.rows == {}


async def test_a_cancel_does_not_run_always(a: Author) -> None:
    run = Run(a, [a.block("work", steps=[a.step("one")], rescue=[a.step("undo")], always=[a.step("tidy")])])
    endless = Endless()
    run.machine().answers["do one"] = endless
    await cancelled_while(run, endless)
    assert run.ran() == ["one"]


# -- time


async def test_a_step_that_takes_too_long_is_timed_out(a: Author) -> None:
    nodes = [a.step("one", timeout_seconds=2), a.step("two", "one"), a.step("mend", ("one", "failure"))]
    run = Run(a, nodes)
    run.machine().answers["do one"] = CommandTimedOutError("took longer than 2 s", host="h0")
    assert await run.go() is RunOutcome.FAILED
    assert run.target() == ("timed_out", "one: took longer than 2 s")
    assert run.ran() == ["one", "mend"]


async def test_a_step_without_a_host_is_timed_out_by_the_engine(a: Author) -> None:
    from flows.plan import Binding

    step = a.step("wait", uses="test/think@1", timeout_seconds=0.05)
    step = step.model_copy(update={"uses": "test/sleep@1", "arguments": {"seconds": Binding(value=3600)}})
    run = Run(a, [step])
    assert await run.go() is RunOutcome.FAILED
    assert run.target() == ("timed_out", "wait: took longer than 0.05 s; stopped")


async def test_a_timed_out_step_is_repeated_by_its_retry(a: Author) -> None:
    run = Run(a, [a.step("one", timeout_seconds=2, retry=Retry(attempts=2))])
    run.machine().answers["do one"] = [CommandTimedOutError("took longer than 2 s", host="h0"), CommandOutput()]
    assert await run.go() is RunOutcome.SUCCEEDED


async def test_the_job_s_time_stops_everything(a: Author) -> None:
    run = Run(
        a, [a.step("one"), a.tell("mail", ("one", "always"))], 3, timeout_seconds=0.2, strategy=Strategy(concurrency=2)
    )
    run.machine("h0").answers["do one"] = Endless()
    run.machine("h1").answers["do one"] = Endless()
    assert await run.go() is RunOutcome.FAILED
    assert run.target("h0") == ("timed_out", "one: the job's time was up; stopped")
    assert run.target("h2")[0] == "timed_out"
    assert run.machine("h0").stopped
    assert run.ran("run") == []


async def test_the_job_s_time_counts_from_its_first_engine(a: Author) -> None:
    from datetime import UTC, datetime, timedelta

    run = Run(a, [a.step("one")], timeout_seconds=60, started_at=datetime.now(UTC) - timedelta(seconds=61))
    assert await run.go() is RunOutcome.FAILED
    assert run.ran() == []


# -- taken over


async def test_a_fenced_engine_stops_at_once_and_writes_nothing(a: Author) -> None:
    run = Run(a, [a.step("one"), a.step("two", "one")], 4)
    endless = Endless()
    run.machine("h0").answers["do one"] = endless
    going = asyncio.create_task(run.go())
    await endless.begun.wait()
    while not run.result("two", "h3"):
        await asyncio.sleep(0)
    rows = dict(run.record.rows)
    run.record.fenced.set()
    with pytest.raises(FencedError):
        await going
    assert run.record.rows == rows
    assert run.record.ended is None
    assert run.machine("h0").stopped == []
    assert all(run.machine(f"h{place}").open == 0 for place in range(4))
    assert PairKey(0, 0, 1) in rows


async def test_a_run_that_breaks_its_engine_ends_instead_of_breaking_the_next_one(a: Author) -> None:
    run = Run(a, [a.step("one")])
    run.record.rows[PairKey(0, 0, 1)] = (2, None)  # as no record could be: done, yet not among the restored
    assert await run.go() is RunOutcome.UNKNOWN
    assert run.record.ended is not None
    assert "the engine broke (PairRefusedError" in run.record.ended[1]
    assert run.ran() == []
