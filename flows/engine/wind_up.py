"""The end of a target and of a run: what it came to, said to the record."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from opsconductor.sdk.outcome import Outcome, RunOutcome

from .environment import Environment
from .fleet import Track
from .graph import STATUS, Status
from .halt import HaltReason
from .lanes import Lanes
from .outcome import RunFacts, run_outcome
from .record import Record
from .report import reason_of, summary

ENDS_AT_ONCE = 1000
LISTED = 100
_UNFINISHED = {
    HaltReason.CANCELLED: (Outcome.CANCELLED, "cancelled before it was finished"),
    HaltReason.TIMED_OUT: (Outcome.TIMED_OUT, "the job's time was up before it was finished"),
}


@dataclass(frozen=True, slots=True)
class Conclusion:
    """How a run ended, for whoever shows it. Without secrets.

    Attributes:
        outcome: Its outcome.
        summary: Text that names failed targets and why.
        targets: How many targets ended how.
        failed: Targets that did not end well, and why; the first hundred.
    """

    outcome: RunOutcome
    summary: str
    targets: Mapping[Outcome, int] = field(default_factory=dict[Outcome, int])
    failed: tuple[tuple[str, str], ...] = ()


async def end_target(environment: Environment, lanes: Lanes, track: Track) -> None:
    """Record how a target ended, and log out of it."""
    outcome, reason = target_outcome(environment, lanes, track)
    track.outcome = outcome
    await environment.record.target_ended(track.ord, outcome, environment.redactor.text(reason))
    if track.target is not None:
        await environment.lines.hang_up(track.target)


def target_outcome(environment: Environment, lanes: Lanes, track: Track) -> tuple[Outcome, str]:
    """How a target ended, and why it did not end well."""
    halted = environment.halt.reason
    fault = track.fault()
    if fault is not None:
        return fault.outcome, reason_of(track)
    if not track.started:
        return _not_started(halted)
    if halted is not None and track.waits(lanes.spine):
        return _UNFINISHED[halted]
    rescued = f"rescued: {track.rescued.step}: {track.rescued.reason}" if track.rescued else ""
    return track.good_outcome(environment.program.target_steps), rescued


def _not_started(halted: HaltReason | None) -> tuple[Outcome, str]:
    if halted is HaltReason.TIMED_OUT:
        return Outcome.TIMED_OUT, "the job's time was up before it was started"
    if halted is HaltReason.CANCELLED:
        return Outcome.SKIPPED, "cancelled before it was started"
    return Outcome.SKIPPED, "not started: too much went wrong before"


async def end_without_targets(record: Record) -> Conclusion:
    """Record the end of a run that had nothing to run on."""
    text = "no_targets: nothing was done"
    await record.end(RunOutcome.NO_TARGETS, text)
    return Conclusion(RunOutcome.NO_TARGETS, text)


async def end_run(environment: Environment, lanes: Lanes) -> Conclusion:
    """Record how the targets and the run ended."""
    left = [track for track in environment.fleet.tracks if track.outcome is None]
    for begin in range(0, len(left), ENDS_AT_ONCE):
        await asyncio.gather(*(end_target(environment, lanes, track) for track in left[begin : begin + ENDS_AT_ONCE]))
    outcome = run_outcome(_facts(environment, lanes))
    text = environment.redactor.text(summary(environment.fleet, outcome))
    await environment.record.end(outcome, text)
    fleet, clean = environment.fleet, environment.redactor.text
    return Conclusion(
        outcome,
        text,
        Counter(track.outcome for track in fleet.tracks if track.outcome is not None),
        tuple((track.name, clean(reason_of(track))) for track, _ in zip(fleet.failed(), range(LISTED), strict=False)),
    )


def _facts(environment: Environment, lanes: Lanes) -> RunFacts:
    fleet, halted = environment.fleet, environment.halt.reason
    run_left = any(STATUS[fleet.run.cells[vertex.ord]] is Status.WAITING for vertex in lanes.top.vertices)
    started = [track for track in fleet.tracks if track.started]
    left = run_left or len(started) < len(fleet) or any(_unfinished(track) for track in (*started, fleet.run))
    return RunFacts(
        targets=tuple(track.outcome for track in started if track.outcome is not None),
        not_started=len(fleet) - len(started),
        faults=tuple(fleet.run.faults.values()),
        cancelled=halted is HaltReason.CANCELLED and left,
        timed_out=halted is HaltReason.TIMED_OUT and left,
    )


def _unfinished(track: Track) -> bool:
    return track.outcome is Outcome.CANCELLED or any(
        fault.outcome in (Outcome.CANCELLED, Outcome.UNKNOWN) for fault in track.faults.values()
    )
