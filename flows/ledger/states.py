"""The state table of a pair: what to do next, given what is recorded and what was found out.

Pure functions. The promise they keep, proved by the model in the tests together with the fence of the
ledger and the marker on the target: a completed pair never runs again; a read or idempotent step runs at
least once; a once step runs at most once; where the truth cannot be known the outcome is `unknown`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from flows.plan import Effect
from opsconductor.sdk.outcome import Outcome
from opsconductor.sdk.transport import Verdict

from .pair import DONE, SENT, PairState

Decision = Literal["ran", "not_ran", "skip"]
"""What a person says of an attempt of unknown outcome: it is done, it may run again, or the rest goes on without it."""
Found = Verdict | Literal["unreachable"]
"""What a probe found, or that the target could not be asked."""

CRASH_POINTS: Final = (
    "after_claim_commit",
    "before_sent_commit",
    "sent_commit_unanswered",
    "after_sent_commit",
    "after_channel_open",
    "command_running",
    "after_exit_before_result",
    "before_result_commit",
    "result_commit_unanswered",
    "after_result_commit",
    "before_probe",
    "after_probe",
    "before_end_commit",
    "after_end_commit",
)
"""Where an engine may die. The model tries each; the ledger calls those of its own by these names."""

LIVE_RERUNS: Final = 2
"""How often one engine repeats a read or idempotent attempt whose connection broke."""


class Action(StrEnum):
    """What the engine does with a pair."""

    RUN = "run"
    """Commit `sent` for `attempt`, then start its command."""
    SKIP = "skip"
    """Leave it: `outcome` is how it ended."""
    PROBE = "probe"
    """Ask the target what became of `attempt`, then ask the table again with the verdict."""
    WAIT = "wait"
    """The command still runs without us: probe again later, or stop it."""
    RECORD = "record"
    """Commit `done` for `attempt` with `outcome` and `exit_code`."""


@dataclass(frozen=True, slots=True)
class Move:
    """One answer of the table.

    Attributes:
        action: What to do.
        attempt: On which attempt.
        outcome: For SKIP and RECORD.
        exit_code: For RECORD, when the command is known to have left one.
        reason: Why, for people; empty when there is nothing to explain.
    """

    action: Action
    attempt: int
    outcome: Outcome | None = None
    exit_code: int | None = None
    reason: str = ""


def resume(effect: Effect, pair: PairState | None, verdict: Found | None, decision: Decision | None) -> Move:
    """What an engine does with a pair that an earlier engine may have begun.

    Args:
        effect: Effect class of the step.
        pair: The latest recorded attempt; None when there is none.
        verdict: What a probe of that attempt found; None before a probe; `unreachable` when the target
            could not be asked.
        decision: What a person decided about that attempt, if anything.
    """
    if pair is None:
        return Move(Action.RUN, 1)
    if pair.state == DONE:
        return _resume_done(effect, pair, verdict, decision)
    if effect != "once":
        return Move(Action.RUN, pair.attempt + 1, reason="the engine was lost before the result was recorded")
    return _resume_once(pair.attempt, verdict, decision, Action.RECORD)


def _resume_done(effect: Effect, pair: PairState, verdict: Found | None, decision: Decision | None) -> Move:
    if pair.outcome is not Outcome.UNKNOWN or decision is None:
        return Move(Action.SKIP, pair.attempt, pair.outcome)
    if effect == "once" and decision == "not_ran":
        # A stalled engine may still send the old attempt: its marker is claimed before the next one runs.
        return _resume_once(pair.attempt, verdict, decision, Action.SKIP)
    return _decided(pair.attempt, decision, Action.SKIP)


def _decided(attempt: int, decision: Decision, ended: Action) -> Move:
    if decision == "ran":
        return Move(ended, attempt, Outcome.CHANGED, reason="a person decided that it ran")
    if decision == "skip":
        return Move(ended, attempt, Outcome.SKIPPED, reason="a person decided to go on without it")
    return Move(Action.RUN, attempt + 1, reason="a person decided that it did not run")


def _resume_once(attempt: int, verdict: Found | None, decision: Decision | None, ended: Action) -> Move:
    match verdict:
        case None:
            return Move(Action.PROBE, attempt)
        case Verdict(kind="never"):
            return Move(Action.RUN, attempt + 1, reason="the command had not started, and cannot any more")
        case Verdict(kind="done"):
            outcome = Outcome.CHANGED if verdict.exit_code == 0 else Outcome.FAILED
            reason = "the result was found on the target after the engine was lost; its output was not kept"
            return Move(ended, attempt, outcome, verdict.exit_code, reason)
        case Verdict(kind="running" | "orphan"):
            return Move(Action.WAIT, attempt, reason=verdict.detail)
        case _:
            return _resume_unknowable(attempt, verdict, decision, ended)


def _resume_unknowable(
    attempt: int, verdict: Verdict | Literal["unreachable"], decision: Decision | None, ended: Action
) -> Move:
    if decision in ("ran", "skip") or (decision is not None and verdict != "unreachable"):
        return _decided(attempt, decision, ended)
    found = verdict if verdict == "unreachable" else f"{verdict.kind} {verdict.detail}".rstrip()
    reason = f"whether the command ran cannot be known ({found}); decide ran, not_ran or skip"
    return Move(ended, attempt, Outcome.UNKNOWN, reason=reason)


class Disturbance(StrEnum):
    """What came between an attempt and its result."""

    NOT_CONNECTED = "not_connected"
    """No connection; `sent` was not committed."""
    LOGIN_REFUSED = "login_refused"
    """The login was refused; `sent` was not committed."""
    NOT_MARKED = "not_marked"
    """The marker could not be made: the command did not start (MarkerError)."""
    MARKED_BEFORE = "marked_before"
    """The attempt's marker existed already: not started by this call."""
    CONNECTION_LOST = "connection_lost"
    """The line broke after `sent` was committed (ConnectionLostError)."""
    TIMED_OUT = "timed_out"
    """It took too long, and its stop was confirmed (CommandTimedOutError)."""
    CANCELLED = "cancelled"
    """Stopped on request, and the stop was confirmed; or not sent yet."""
    STOP_UNCONFIRMED = "stop_unconfirmed"
    """A stop was asked for, and whether everything ended is not known."""


_SETTLED: Final = {
    Disturbance.NOT_CONNECTED: Outcome.UNREACHABLE,
    Disturbance.LOGIN_REFUSED: Outcome.AUTH_FAILED,
    Disturbance.NOT_MARKED: Outcome.FAILED,
    Disturbance.TIMED_OUT: Outcome.TIMED_OUT,
    Disturbance.CANCELLED: Outcome.CANCELLED,
}


def settle(effect: Effect, disturbance: Disturbance, attempt: int, reruns: int = 0) -> Move:
    """What a living engine does with an attempt that was disturbed.

    Args:
        effect: Effect class of the step.
        disturbance: What happened.
        attempt: The attempt it happened to.
        reruns: How often this engine has already repeated the pair for a broken connection.
    """
    outcome = _SETTLED.get(disturbance)
    if outcome is not None:
        return Move(Action.RECORD, attempt, outcome)
    if effect == "once":
        return Move(Action.PROBE, attempt)
    if disturbance is Disturbance.STOP_UNCONFIRMED:
        outcome = Outcome.TIMED_OUT if effect == "read" else Outcome.UNKNOWN
        return Move(Action.RECORD, attempt, outcome, reason="its stop could not be confirmed")
    if reruns < LIVE_RERUNS:
        return Move(Action.RUN, attempt + 1, reason="the connection broke before the result arrived")
    outcome = Outcome.UNREACHABLE if effect == "read" else Outcome.UNKNOWN
    return Move(Action.RECORD, attempt, outcome, reason="the connection broke each time before the result arrived")


def admits(recorded: int | None, asked: int) -> bool:
    """Whether the record takes a change of an attempt: sent only when nothing is there, done only once.

    The writer's statement says the same in SQL.
    """
    return recorded is None or (recorded == SENT and asked == DONE)
