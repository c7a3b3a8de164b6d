"""Every error OpsConductor raises on purpose.

OpsError
├── InvalidInputError           422, names the fields
│   └── DocumentError           a job document is refused; carries every problem at once
├── ExpressionError             422, an expression is refused or has no value
│   └── ExpressionBudgetError   an expression asked for more work than it may
├── ActionDefinitionError       an action or library is declared wrongly (programming error)
├── ActionError                 an action ended without doing its work
│   ├── ActionFailedError       the action looked and says no: outcome failed
│   └── CheckNotSupportedError  the action has no dry run and says so
├── HostError                   the target answered badly, or not at all
│   ├── HostUnreachableError    retryable, no connection: outcome unreachable
│   │   └── HostKeyError        the host is not who it was: nothing was offered to it
│   ├── LoginRefusedError       outcome auth_failed
│   ├── CommandFailedError      an exit code the action does not accept: outcome failed
│   ├── CommandTimedOutError    outcome timed_out, the command was stopped
│   ├── CommandStoppedError     outcome cancelled, the stop was confirmed
│   ├── ConnectionLostError     the line broke after the command may have started
│   └── MarkerError             a once command could not be claimed: nothing ran
├── SealedError                 503, secrets cannot be opened: keyring missing, wrong or open to others
├── LedgerError                 the record of runs refused
│   ├── FencedError             another process owns the run now
│   ├── PairRefusedError        the attempt is already recorded: it must not be sent again
│   └── RunNotClaimableError    the run is owned, ended or cancelled
├── NotAuthenticatedError       401
├── NotAllowedError             403
├── NotFoundError               404, also for what the actor may not see
├── ConflictError               409, base of each module's state errors
├── TooManyRequestsError        429
└── UnavailableError            503, a part the request needs is away
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


class OpsError(Exception):
    """Base of every deliberate error."""

    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input.

    Attributes:
        path: Where, such as `steps[2].with.unit`; empty for the whole document.
        message: What is wrong, in one sentence.
        hint: What to do next; empty when the message says it all.
        line: Line in the source text, counted from 1; None when there is no text.
    """

    path: str
    message: str
    hint: str = ""
    line: int | None = None

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        path = f"{self.path}: " if self.path else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}{path}{self.message}{hint}"


class InvalidInputError(OpsError):
    """The input is refused; every problem is named."""

    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class DocumentError(InvalidInputError):
    """The job document is refused."""


class ExpressionError(OpsError):
    """The expression is refused, or has no value."""

    status = 422

    def __init__(self, message: str, *, source: str) -> None:
        super().__init__(f"{message}, in `{source[:200]}`")
        self.reason = message
        self.source = source


class ExpressionBudgetError(ExpressionError):
    """The expression asked for more work than one expression may."""


class ActionDefinitionError(OpsError):
    """An action or library is declared wrongly."""


class ActionError(OpsError):
    """The action ended without doing its work."""


class ActionFailedError(ActionError):
    """The action looked and says no."""


class CheckNotSupportedError(ActionError):
    """The action has no dry run."""

    def __init__(self, action: str) -> None:
        super().__init__(f"{action} has no dry run: what it would change is not known")
        self.action = action


class HostError(OpsError):
    """The target host answered badly, or not at all."""

    status = 502

    def __init__(self, message: str, *, host: str) -> None:
        super().__init__(f"{host}: {message}")
        self.host = host
        self.reason = message


class HostUnreachableError(HostError):
    """No connection could be made to the host."""

    retryable = True


class HostKeyError(HostUnreachableError):
    """The host's key is not the one that was recorded; no credential was offered."""

    retryable = False

    def __init__(self, *, host: str, expected: str, offered: str) -> None:
        super().__init__(
            f"host key changed: recorded {expected}, offered {offered}; nothing was sent. "
            "If the host was rebuilt on purpose, accept its new key on the target",
            host=host,
        )
        self.expected = expected
        self.offered = offered


class LoginRefusedError(HostError):
    """The host refused the login."""


class CommandFailedError(HostError):
    """A command ended with an exit code the action does not accept."""

    def __init__(self, *, host: str, program: str, exit_code: int, stderr: str = "") -> None:
        last = stderr.strip().splitlines()[-1] if stderr.strip() else ""
        detail = f": {last[:300]}" if last else ""
        super().__init__(f"`{program}` ended with exit code {exit_code}{detail}", host=host)
        self.program = program
        self.exit_code = exit_code


class CommandTimedOutError(HostError):
    """The command took longer than it may and was stopped."""


class CommandStoppedError(HostError):
    """The command was stopped on request, and the stop was confirmed."""


class ConnectionLostError(HostError):
    """The connection broke after the command may have started."""


class MarkerError(HostError):
    """The marker that guards a `once` command could not be made; the command did not start."""


class SealedError(OpsError):
    """Secrets cannot be opened: the keyring is missing, wrong, or open to others."""

    status = 503


class LedgerError(OpsError):
    """The record of runs refused."""


class FencedError(LedgerError):
    """Another process owns the run now; this one must stop."""


class PairRefusedError(LedgerError):
    """The record already holds this attempt; nothing was written and nothing may be sent."""


class RunNotClaimableError(LedgerError):
    """The run is owned by another process, has ended, or has moved to another epoch."""


class NotAuthenticatedError(OpsError):
    """Nobody is signed in, or the token is not valid."""

    status = 401


class NotAllowedError(OpsError):
    """The actor lacks the permission."""

    status = 403


class NotFoundError(OpsError):
    """The thing asked for does not exist, or the actor may not see it."""

    status = 404

    def __init__(self, kind: str, key: object, *, hint: str = "") -> None:
        super().__init__(f"{kind} {key} does not exist{f' ({hint})' if hint else ''}")
        self.kind = kind
        self.key = key


class ConflictError(OpsError):
    """The request contradicts the current state."""

    status = 409


class TooManyRequestsError(OpsError):
    """Too many requests in too short a time."""

    status = 429

    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class UnavailableError(OpsError):
    """A part the request needs is away."""

    status = 503
    retryable = True
