"""How a target ended, and how the run ended, from what its steps say."""

from collections.abc import Iterable
from typing import NamedTuple

from opsconductor.sdk.outcome import Outcome, RunOutcome

_BADNESS = {
    Outcome.SKIPPED: 0,
    Outcome.OK: 1,
    Outcome.CHANGED: 2,
    Outcome.FAILED: 3,
    Outcome.TIMED_OUT: 4,
    Outcome.UNREACHABLE: 5,
    Outcome.AUTH_FAILED: 6,
    Outcome.CANCELLED: 7,
    Outcome.UNKNOWN: 8,
}


class Fault(NamedTuple):
    """A step that did not end well and was not rescued."""

    outcome: Outcome
    step: str
    reason: str


class RunFacts(NamedTuple):
    """What the outcome of a run hangs on.

    Attributes:
        targets: How each target that was started ended.
        not_started: How many targets were never started.
        faults: Run-scoped steps that did not end well.
        cancelled: Somebody asked for a stop while something was left to do.
        timed_out: The job's time was up while something was left to do.
    """

    targets: tuple[Outcome, ...] = ()
    not_started: int = 0
    faults: tuple[Fault, ...] = ()
    cancelled: bool = False
    timed_out: bool = False


def worst(outcomes: Iterable[Outcome], default: Outcome = Outcome.SKIPPED) -> Outcome:
    """The outcome that matters most; unknown before everything."""
    return max(outcomes, key=_BADNESS.__getitem__, default=default)


def run_outcome(facts: RunFacts) -> RunOutcome:
    """How the run ended.

    A truth that is not known comes first, then a stop that was asked for. A run-scoped step that failed
    fails the run; otherwise the targets count, and one that was never started did not end well.
    """
    bad_steps = [fault.outcome for fault in facts.faults]
    if Outcome.UNKNOWN in facts.targets or Outcome.UNKNOWN in bad_steps:
        return RunOutcome.UNKNOWN
    if facts.cancelled:
        return RunOutcome.CANCELLED
    if bad_steps:
        return RunOutcome.FAILED
    good = sum(outcome.good for outcome in facts.targets)
    if good == len(facts.targets) and not facts.not_started:
        return RunOutcome.FAILED if facts.timed_out else RunOutcome.SUCCEEDED
    return RunOutcome.PARTIAL if good else RunOutcome.FAILED
