"""Chunks: how many targets one task of the flow carries.

A task is an observer. It opens when the first target of its chunk reaches the step and closes when the last
one has passed or can no longer come; no target ever waits for a task.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Protocol

from flows.plan import PlannedStep
from opsconductor.sdk.outcome import Outcome

SINGLE_LIMIT = 320
CHUNKS_PER_STEP = 4
SMALLEST_CHUNK = 250
"""A task run costs Prefect's server as much CPU as dozens of small commands; fewer targets are not worth one."""
NAMED_FAILURES = 20
RUN_LABEL = "run"
SHOWN_SECONDS = 10.0
"""How long the end of a run waits for what shows it."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class ChunkReport:
    """How a step ended on the targets of one chunk.

    Attributes:
        outcomes: How many targets ended how.
        failed: Names of targets that did not end well, with the reason; the first twenty.
    """

    outcomes: Counter[Outcome] = field(default_factory=Counter[Outcome])
    failed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def ok(self) -> bool:
        """Whether the step ended well on every target."""
        return all(outcome.good for outcome in self.outcomes)

    def add(self, name: str, outcome: Outcome, reason: str) -> None:
        """Count one target."""
        self.outcomes[outcome] += 1
        if not outcome.good and len(self.failed) < NAMED_FAILURES:
            self.failed.append((name, reason or outcome.label))


class TaskRunner(Protocol):
    """Shows one step on one chunk as one task; the body ends when the chunk has passed the step."""

    async def __call__(
        self, step: PlannedStep, label: str, body: Callable[[], Awaitable[ChunkReport]]
    ) -> ChunkReport: ...


async def direct(step: PlannedStep, label: str, body: Callable[[], Awaitable[ChunkReport]]) -> ChunkReport:
    """The task runner that shows nothing."""
    return await body()


class Gate:
    """One step on one chunk."""

    def __init__(self, step: PlannedStep, label: str, expected: int) -> None:
        self._step = step
        self._label = label
        self._expected = expected
        self._passed = asyncio.Event()
        self._report = ChunkReport()
        self.task: asyncio.Task[None] | None = None

    def open(self, run_task: TaskRunner) -> None:
        """A target has reached the step."""
        if self.task is None:
            self.task = asyncio.create_task(self._show(run_task))

    def passed(self, name: str, outcome: Outcome, reason: str) -> None:
        """A target ended the step."""
        self._report.add(name, outcome, reason)
        self.leave()

    def leave(self) -> None:
        """A target has passed the step, or can no longer come."""
        self._expected -= 1
        if self._expected <= 0:
            self._passed.set()

    def close(self) -> None:
        """Nobody comes any more."""
        self._passed.set()

    async def _carry(self) -> ChunkReport:
        await self._passed.wait()
        return self._report

    async def _show(self, run_task: TaskRunner) -> None:
        try:
            await run_task(self._step, self._label, self._carry)
        except Exception as error:
            _log.warning("task %s %s is not shown: %s", self._step.id, self._label, error)


class Gates:
    """The gates of a run."""

    def __init__(self, run_task: TaskRunner, names: Sequence[str], steps: int) -> None:
        self._run_task = run_task
        self._names = names
        single = len(names) * steps <= SINGLE_LIMIT
        self._size = 1 if single else max(SMALLEST_CHUNK, ceil(len(names) / CHUNKS_PER_STEP))
        self._gates: dict[tuple[int, int], Gate] = {}

    def reached(self, step: PlannedStep, target_ord: int) -> Gate:
        """A target (-1: the run) begins a step."""
        gate = self._gate(step, target_ord)
        gate.open(self._run_task)
        return gate

    def leave(self, step: PlannedStep, target_ord: int) -> None:
        """A target will not begin a step."""
        if self._size > 1:
            self._gate(step, target_ord).leave()

    async def close(self) -> None:
        """Close what is open and wait until it is shown, but not for long."""
        tasks = [gate.task for gate in self._gates.values() if gate.task is not None]
        for gate in self._gates.values():
            gate.close()
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=SHOWN_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _gate(self, step: PlannedStep, target_ord: int) -> Gate:
        chunk = -1 if target_ord < 0 else target_ord // self._size
        gate = self._gates.get((step.ord, chunk))
        if gate is None:
            gate = self._gates[step.ord, chunk] = self._make(step, chunk)
        return gate

    def _make(self, step: PlannedStep, chunk: int) -> Gate:
        if chunk < 0:
            return Gate(step, RUN_LABEL, 1)
        names = self._names[chunk * self._size : (chunk + 1) * self._size]
        label = names[0] if self._size == 1 else f"{names[0]} … {names[-1]} ({len(names)})"
        return Gate(step, label, len(names))
