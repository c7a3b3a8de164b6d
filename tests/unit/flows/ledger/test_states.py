"""The state table, cell by cell."""

import pytest

from flows.ledger.pair import DONE, SENT, PairState
from flows.ledger.states import LIVE_RERUNS, Action, Disturbance, admits, resume, settle
from opsconductor.sdk.outcome import Outcome
from opsconductor.sdk.transport import Verdict

SENT_TWICE = PairState(2, SENT)
UNKNOWN = PairState(2, DONE, Outcome.UNKNOWN)

RESUMED = [
    # effect, pair, verdict, decision → action, attempt, outcome
    ("once", None, None, None, Action.RUN, 1, None),
    ("read", PairState(1, DONE, Outcome.OK), None, None, Action.SKIP, 1, Outcome.OK),
    ("once", PairState(1, DONE, Outcome.FAILED), None, "not_ran", Action.SKIP, 1, Outcome.FAILED),
    ("read", SENT_TWICE, None, None, Action.RUN, 3, None),
    ("idempotent", SENT_TWICE, None, None, Action.RUN, 3, None),
    ("once", SENT_TWICE, None, None, Action.PROBE, 2, None),
    ("once", SENT_TWICE, None, "ran", Action.PROBE, 2, None),
    ("once", SENT_TWICE, Verdict("never"), None, Action.RUN, 3, None),
    ("once", SENT_TWICE, Verdict("done", 0), "not_ran", Action.RECORD, 2, Outcome.CHANGED),
    ("once", SENT_TWICE, Verdict("done", 7), None, Action.RECORD, 2, Outcome.FAILED),
    ("once", SENT_TWICE, Verdict("running"), None, Action.WAIT, 2, None),
    ("once", SENT_TWICE, Verdict("orphan"), "not_ran", Action.WAIT, 2, None),
    ("once", SENT_TWICE, Verdict("lost"), None, Action.RECORD, 2, Outcome.UNKNOWN),
    ("once", SENT_TWICE, Verdict("stuck"), None, Action.RECORD, 2, Outcome.UNKNOWN),
    ("once", SENT_TWICE, Verdict("no_marker"), "ran", Action.RECORD, 2, Outcome.CHANGED),
    ("once", SENT_TWICE, Verdict("no_marker"), "not_ran", Action.RUN, 3, None),
    ("once", SENT_TWICE, "unreachable", None, Action.RECORD, 2, Outcome.UNKNOWN),
    ("once", SENT_TWICE, "unreachable", "not_ran", Action.RECORD, 2, Outcome.UNKNOWN),
    ("once", UNKNOWN, None, None, Action.SKIP, 2, Outcome.UNKNOWN),
    ("once", UNKNOWN, None, "ran", Action.SKIP, 2, Outcome.CHANGED),
    ("once", UNKNOWN, None, "not_ran", Action.PROBE, 2, None),
    ("once", UNKNOWN, Verdict("never"), "not_ran", Action.RUN, 3, None),
    ("once", UNKNOWN, Verdict("done", 0), "not_ran", Action.SKIP, 2, Outcome.CHANGED),
    ("once", UNKNOWN, Verdict("lost"), "not_ran", Action.RUN, 3, None),
    ("once", UNKNOWN, "unreachable", "not_ran", Action.SKIP, 2, Outcome.UNKNOWN),
    ("idempotent", UNKNOWN, None, "not_ran", Action.RUN, 3, None),
    ("once", UNKNOWN, None, "skip", Action.SKIP, 2, Outcome.SKIPPED),
    ("idempotent", UNKNOWN, None, "skip", Action.SKIP, 2, Outcome.SKIPPED),
    ("once", SENT_TWICE, "unreachable", "skip", Action.RECORD, 2, Outcome.SKIPPED),
    ("once", SENT_TWICE, Verdict("done", 0), "skip", Action.RECORD, 2, Outcome.CHANGED),
]


@pytest.mark.parametrize(("effect", "pair", "verdict", "decision", "action", "attempt", "outcome"), RESUMED)
def test_a_restored_pair(effect, pair, verdict, decision, action, attempt, outcome):
    move = resume(effect, pair, verdict, decision)
    assert (move.action, move.attempt, move.outcome) == (action, attempt, outcome)


def test_an_exit_code_found_on_the_target_is_kept():
    assert resume("once", SENT_TWICE, Verdict("done", 7), None).exit_code == 7


def test_what_cannot_be_known_says_why():
    move = resume("once", SENT_TWICE, Verdict("lost", detail="reboot"), None)
    assert "lost reboot" in move.reason
    assert "ran, not_ran or skip" in move.reason


SETTLED = [
    ("once", Disturbance.NOT_CONNECTED, 0, Action.RECORD, 4, Outcome.UNREACHABLE),
    ("once", Disturbance.LOGIN_REFUSED, 0, Action.RECORD, 4, Outcome.AUTH_FAILED),
    ("once", Disturbance.NOT_MARKED, 0, Action.RECORD, 4, Outcome.FAILED),
    ("once", Disturbance.MARKED_BEFORE, 0, Action.PROBE, 4, None),
    ("once", Disturbance.CONNECTION_LOST, 0, Action.PROBE, 4, None),
    ("once", Disturbance.STOP_UNCONFIRMED, 0, Action.PROBE, 4, None),
    ("once", Disturbance.TIMED_OUT, 0, Action.RECORD, 4, Outcome.TIMED_OUT),
    ("read", Disturbance.CANCELLED, 0, Action.RECORD, 4, Outcome.CANCELLED),
    ("read", Disturbance.CONNECTION_LOST, 0, Action.RUN, 5, None),
    ("read", Disturbance.CONNECTION_LOST, LIVE_RERUNS, Action.RECORD, 4, Outcome.UNREACHABLE),
    ("idempotent", Disturbance.CONNECTION_LOST, 0, Action.RUN, 5, None),
    ("idempotent", Disturbance.CONNECTION_LOST, LIVE_RERUNS, Action.RECORD, 4, Outcome.UNKNOWN),
    ("read", Disturbance.STOP_UNCONFIRMED, 0, Action.RECORD, 4, Outcome.TIMED_OUT),
    ("idempotent", Disturbance.STOP_UNCONFIRMED, 0, Action.RECORD, 4, Outcome.UNKNOWN),
]


@pytest.mark.parametrize(("effect", "disturbance", "reruns", "action", "attempt", "outcome"), SETTLED)
def test_a_disturbed_attempt(effect, disturbance, reruns, action, attempt, outcome):
    move = settle(effect, disturbance, 4, reruns)
    assert (move.action, move.attempt, move.outcome) == (action, attempt, outcome)


def test_an_attempt_is_sent_once_and_done_once():
    admitted = {(was, asked) for was in (None, SENT, DONE) for asked in (SENT, DONE) if admits(was, asked)}
    assert admitted == {(None, SENT), (None, DONE), (SENT, DONE)}
