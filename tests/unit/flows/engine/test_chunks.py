"""Tasks that show steps: they open with the first target, close with the last, and never hold one up."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from flows.engine import ChunkReport
from flows.plan import PlannedStep, Strategy
from opsconductor.sdk.outcome import RunOutcome
from opsconductor.sdk.transport import CommandOutput

from .stage import Author, Run


@pytest.fixture
def a() -> Author:
    return Author()


class Tasks:
    """Remembers what was shown."""

    def __init__(self) -> None:
        self.open: list[tuple[str, str]] = []
        self.reports: dict[tuple[str, str], ChunkReport] = {}

    async def __call__(self, step: PlannedStep, label: str, body: Callable[[], Awaitable[ChunkReport]]) -> ChunkReport:
        self.open.append((step.id, label))
        report = await body()
        self.reports[step.id, label] = report
        return report


async def test_a_small_run_shows_every_target(a: Author) -> None:
    run = Run(a, [a.step("one"), a.step("two", "one"), a.tell("mail", ("two", "always"))], 3).fail("one@h1")
    tasks = Tasks()
    await run.go(run_task=tasks)
    shown = {("one", f"h{place}") for place in range(3)} | {("two", "h0"), ("two", "h2"), ("mail", "run")}
    assert set(tasks.open) == shown
    assert tasks.reports["one", "h1"].failed == [("h1", "`do` ended with exit code 1: it broke")]
    assert not tasks.reports["one", "h1"].ok
    assert tasks.reports["two", "h0"].ok


async def test_a_large_run_shows_few_chunks(a: Author) -> None:
    run = Run(a, [a.step("one"), a.step("two", "one")], 1200).fail("one@h3", "one@h1150")
    tasks = Tasks()
    await run.go(run_task=tasks)
    assert len(tasks.open) == 8
    first = tasks.reports["one", "h0 … h299 (300)"]
    assert sum(first.outcomes.values()) == 300
    assert [name for name, _ in first.failed] == ["h3"]
    assert sum(tasks.reports["two", "h0 … h299 (300)"].outcomes.values()) == 299


async def test_a_chunk_is_worth_a_task(a: Author) -> None:
    tasks = Tasks()
    await Run(a, [a.step("one"), a.step("two", "one")], 300).go(run_task=tasks)
    assert tasks.reports.keys() == {
        (step, label) for step in ("one", "two") for label in ("h0 … h249 (250)", "h250 … h299 (50)")
    }


async def test_a_chunk_closes_when_its_last_target_has_left(a: Author) -> None:
    run = Run(a, [a.step("one"), a.step("two", "one")], 300, strategy=Strategy(concurrency=300)).fail("one@h3")
    tasks = Tasks()

    async def last() -> CommandOutput:
        async with asyncio.timeout(10):
            while ("one", "h0 … h249 (250)") not in tasks.reports:
                await asyncio.sleep(0)
        return CommandOutput()

    run.machine("h299").answers["do one"] = last
    assert await run.go(run_task=tasks) is RunOutcome.PARTIAL
    assert tasks.reports["one", "h250 … h299 (50)"].ok


async def test_no_target_waits_for_what_shows_it(a: Author) -> None:
    never = asyncio.Event()

    async def stuck(step: PlannedStep, label: str, body: Callable[[], Awaitable[ChunkReport]]) -> ChunkReport:
        await never.wait()
        return await body()

    run = Run(a, [a.step("one"), a.step("two", "one")], 2)
    going = asyncio.create_task(run.go(run_task=stuck))
    async with asyncio.timeout(10):
        while run.record.ended is None:
            await asyncio.sleep(0)
    never.set()
    assert await going is RunOutcome.SUCCEEDED


async def test_a_task_that_cannot_be_shown_changes_nothing(a: Author) -> None:
    async def broken(step: PlannedStep, label: str, body: Callable[[], Awaitable[ChunkReport]]) -> ChunkReport:
        raise ConnectionError("the server is away")

    assert await Run(a, [a.step("one")], 2).go(run_task=broken) is RunOutcome.SUCCEEDED
