"""The promise of the ledger holds in every reachable world, and the checker sees when it does not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from flows.ledger import states
from flows.ledger.pair import DONE, SENT
from flows.ledger.states import CRASH_POINTS, Action, Disturbance, Move
from opsconductor.sdk.outcome import Outcome
from opsconductor.sdk.transport import Verdict

from .model import BrokenPromiseError, Faults, Model, Rules

EFFECTS = ("read", "idempotent", "once")


THREE = Faults(3, crashes=2, takeovers=1, drops=2, reboots=1, unanswered=1, unreachable=1)


@pytest.mark.parametrize(("effect", "faults"), [("once", THREE), ("idempotent", Faults(2)), ("read", Faults(2))])
def test_every_world_keeps_the_promise(effect, faults):
    model = Model(effect, faults=faults)
    assert model.check() > 10_000
    assert {Outcome.CHANGED, Outcome.FAILED, Outcome.CANCELLED} <= model.outcomes


@pytest.mark.parametrize("effect", ["idempotent", "read"])
def test_a_line_that_breaks_every_time_ends_the_pair(effect):
    outcome = {"idempotent": Outcome.UNKNOWN, "read": Outcome.UNREACHABLE}[effect]
    model = Model(effect, faults=Faults(4, crashes=0, takeovers=0, drops=4, reboots=0, unanswered=0, cancels=0))
    model.check()
    assert outcome in model.outcomes


def test_every_named_point_is_a_place_where_the_model_dies():
    model = Model("once", faults=Faults(total=2))
    model.check()
    assert model.crashed_at == set(CRASH_POINTS)


def test_without_faults_nothing_is_unknown():
    model = Model("once", faults=Faults(total=0))
    model.check()
    assert model.outcomes == {Outcome.CHANGED, Outcome.FAILED}


def test_crashes_alone_leave_nothing_unknown():
    model = Model("once", faults=Faults(2, reboots=0, unreachable=0))
    model.check()
    assert Outcome.UNKNOWN not in model.outcomes


def resuming(when: Callable[..., bool], instead: Callable[..., Move]) -> Rules:
    """The true table, but for one cell."""

    def resume(effect, pair, verdict, decision):
        if pair is not None and when(effect, pair, verdict):
            return instead(pair)
        return states.resume(effect, pair, verdict, decision)

    return Rules(resume=resume)


def settling(when: Callable[..., bool], instead: Callable[[int], Move]) -> Rules:
    def settle(effect, disturbance, attempt, reruns=0):
        if when(effect, disturbance):
            return instead(attempt)
        return states.settle(effect, disturbance, attempt, reruns)

    return Rules(settle=settle)


def run_next(pair):
    return Move(Action.RUN, pair.attempt + 1)


def found(kind: str) -> Callable[..., bool]:
    return lambda effect, pair, verdict: isinstance(verdict, Verdict) and verdict.kind == kind


def record(outcome: Outcome) -> Callable[..., Move]:
    return lambda pair: Move(Action.RECORD, pair if isinstance(pair, int) else pair.attempt, outcome)


def is_sent(effect, pair, verdict):
    return pair.state == SENT


def is_completed(effect, pair, verdict):
    return pair.state == DONE and pair.outcome is not Outcome.UNKNOWN


FAULTY = {
    "a sent once pair is not probed": ("once", resuming(is_sent, run_next)),
    "a completed pair runs again": ("idempotent", resuming(is_completed, run_next)),
    "a finished command runs again": ("once", resuming(found("done"), run_next)),
    "a running command is started again": ("once", resuming(found("running"), run_next)),
    "a lost command is started again": ("once", resuming(found("lost"), run_next)),
    "never is taken for changed": ("once", resuming(found("never"), record(Outcome.CHANGED))),
    "never is taken for unknown": ("once", resuming(found("never"), record(Outcome.UNKNOWN))),
    "a burnt attempt is used again": ("once", resuming(found("never"), lambda pair: Move(Action.RUN, pair.attempt))),
    "a running command is left alone": ("once", resuming(found("running"), record(Outcome.UNKNOWN))),
    "an idempotent pair is given up": ("idempotent", resuming(is_sent, record(Outcome.UNKNOWN))),
    "a sent read is skipped": ("read", resuming(is_sent, lambda pair: Move(Action.SKIP, pair.attempt))),
    "a broken line starts a once command again": (
        "once",
        settling(lambda effect, d: d is Disturbance.CONNECTION_LOST, lambda attempt: Move(Action.RUN, attempt + 1)),
    ),
    "a broken line means unreachable": (
        "idempotent",
        settling(lambda effect, d: d is Disturbance.CONNECTION_LOST, record(Outcome.UNREACHABLE)),
    ),
    "an unconfirmed stop means cancelled": (
        "once",
        settling(lambda effect, d: d is Disturbance.STOP_UNCONFIRMED, record(Outcome.CANCELLED)),
    ),
    "a marked attempt means failed": (
        "once",
        settling(lambda effect, d: d is Disturbance.MARKED_BEFORE, record(Outcome.FAILED)),
    ),
    "the fence is open": ("once", replace(Rules(), fenced=False)),
    "a take-over keeps the epoch": ("idempotent", replace(Rules(), epoch_rises=False)),
    "the record takes no result of a sent attempt": (
        "once",
        replace(Rules(), admits=lambda recorded, asked: not recorded),
    ),
    "the probe does not claim the marker": ("once", replace(Rules(), probe_claims=False)),
    "the marker excludes nobody": ("once", replace(Rules(), marker_excludes=False)),
    "the command starts before it is recorded": ("once", replace(Rules(), sent_before_send=False)),
    "a lost answer is taken for a commit": ("idempotent", replace(Rules(), replays=False)),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_planted_fault_is_found(fault):
    effect, rules = FAULTY[fault]
    with pytest.raises(BrokenPromiseError):
        Model(effect, rules, Faults(total=2)).check()
