"""One attempt of one step: render, log in, commit that it is sent, call the action, say what came of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from flows.ledger.pair import PairKey, PairResult, op_token
from flows.ledger.states import Disturbance
from opsconductor.errors import (
    ActionFailedError,
    CheckNotSupportedError,
    CommandFailedError,
    CommandStoppedError,
    CommandTimedOutError,
    ConnectionLostError,
    ExpressionError,
    HostError,
    HostKeyError,
    HostUnreachableError,
    LedgerError,
    LoginRefusedError,
    OpsError,
)
from opsconductor.sdk.action import Result
from opsconductor.sdk.outcome import Outcome
from opsconductor.sdk.transport import CommandOutput, Connection, Operation, Verdict

from .environment import Environment
from .fleet import Track
from .halt import HaltedError, HaltReason, StepTimedOutError
from .host import RecordingHost
from .program import StepProgram

STOP_SECONDS = 60.0
"""How much longer than the step's own time the transport gets to stop a command by itself."""


@dataclass(frozen=True, slots=True)
class Disturbed:
    """Something came between the attempt and its result."""

    disturbance: Disturbance
    detail: str = ""
    halted: HaltReason | None = None


Ending = PairResult | Disturbed


class Attempt:
    """One attempt of one step on one target, or of a run-scoped step."""

    __slots__ = ("_connection", "_environment", "_host", "_live", "key", "operation", "program", "track")

    def __init__(self, environment: Environment, track: Track, program: StepProgram, number: int) -> None:
        self._environment = environment
        self.track = track
        self.program = program
        self.key = PairKey(track.ord, program.step.ord, number)
        self._connection: Connection | None = None
        self._host: RecordingHost | None = None
        self._live = environment.live.of(self.key)
        self.operation = self._operation()

    def _operation(self) -> Operation:
        step = self.program.step
        target_id = self.track.target.id if self.track.target else "run"
        return Operation(
            token=op_token(self._environment.record.run.id, target_id, step.ord, self.key.attempt),
            once=step.effect == "once" and not self._environment.record.run.check_only,
            timeout_seconds=step.timeout_seconds,
            live=self._live,
        )

    async def run(self) -> Ending:
        """Make the attempt. What it came to is returned, not yet recorded."""
        try:
            arguments = self._render()
            subject = await self._subject()
        except HaltedError as halted:
            return Disturbed(Disturbance.CANCELLED, "not started", cast("HaltReason", halted.args[0]))
        except OpsError as error:
            return self._failure(error)
        await self._environment.record.sent(self.key)
        return await self._call(subject, arguments)

    def _render(self) -> dict[str, Any]:
        arguments = self.program.arguments
        names = arguments.names
        context = self._environment.contexts.build(names, self.track) if names else {}
        return arguments.render(context, self._environment.credentials)

    async def _subject(self) -> Any:
        action, contexts = self.program.action, self._environment.contexts
        if action.scope == "run":
            return contexts.run_context()
        target = self.track.target
        if action.scope == "any" or target is None:
            return contexts.step_context(self.track)
        if not self.program.works_on(target.platform):
            raise ActionFailedError(f"{action.ref} does not work on {target.platform}")
        async with self._environment.halt.guard():
            self._connection = await self._environment.lines.line(target).connection()
        self._host = RecordingHost(self._connection.host(self.operation))
        return self._host

    async def _call(self, subject: Any, arguments: dict[str, Any]) -> Ending:
        try:
            async with self._environment.halt.guard(self._seconds()):
                result = await self._function(subject, arguments)
        except HaltedError as halted:
            reason = cast("HaltReason", halted.args[0])
            outcome = Outcome.TIMED_OUT if reason is HaltReason.TIMED_OUT else Outcome.CANCELLED
            return await self._stopped(outcome, reason)
        except StepTimedOutError:
            return await self._stopped(Outcome.TIMED_OUT, None)
        except ConnectionLostError as error:
            return Disturbed(Disturbance.CONNECTION_LOST, error.reason)
        except HostUnreachableError as error:
            return Disturbed(Disturbance.CONNECTION_LOST, error.reason)
        except LedgerError:
            raise
        except OpsError as error:
            return self._failure(error)
        except Exception as error:
            return self._ended(Outcome.FAILED, f"the action broke: {type(error).__name__}: {error}")
        finally:
            self._environment.live.forget(self.key)
        return self._success(result)

    def _function(self, subject: Any, arguments: dict[str, Any]) -> Awaitable[Result[Any]]:
        action = self.program.action
        function: Callable[..., Awaitable[Result[Any]]] = action.function
        if self._environment.record.run.check_only:
            if action.check is None and action.effect != "read":
                raise CheckNotSupportedError(action.ref)
            function = action.check or function
        return function(subject, **arguments)

    def _seconds(self) -> float | None:
        seconds = self.program.step.timeout_seconds
        return seconds if seconds is None or self._connection is None else seconds + STOP_SECONDS

    async def _stopped(self, outcome: Outcome, reason: HaltReason | None) -> Ending:
        """End what the attempt started; only a confirmed end gives it an outcome."""
        why = "the job's time was up" if reason is HaltReason.TIMED_OUT else "the run was cancelled"
        if reason is None:
            why = f"took longer than {self.program.step.timeout_seconds:g} s"
        if self._connection is None:
            return self._ended(outcome, f"{why}; stopped")
        try:
            verdict = await self._connection.stop(self.operation)
        except HostError as error:
            return Disturbed(Disturbance.STOP_UNCONFIRMED, f"{why}; {error.reason}", reason)
        if is_stopped(verdict):
            return self._ended(outcome, f"{why}; stopped")
        return Disturbed(Disturbance.STOP_UNCONFIRMED, f"{why}; {verdict.kind} {verdict.detail}".rstrip(), reason)

    def _success(self, result: Result[Any]) -> PairResult:
        outcome = Outcome.CHANGED if result.did_change else Outcome.OK
        command = result.command
        if command is None:
            return PairResult(outcome, None, result.summary, result.values)
        outputs = result.values
        if not self.program.kept:  # the texts are kept once, as output
            outputs = {name: value for name, value in outputs.items() if value not in (command.stdout, command.stderr)}
        return _printed(PairResult(outcome, command.exit_code, result.summary, outputs), command)

    def _failure(self, error: OpsError) -> Ending:
        if isinstance(error, CheckNotSupportedError):
            return PairResult(Outcome.SKIPPED, summary="no dry run: what it would change is not known")
        if isinstance(error, ExpressionError) and self._environment.record.run.check_only:
            return PairResult(Outcome.SKIPPED, summary=f"not known in a dry run: {error}")
        message = error.reason if isinstance(error, HostError) else str(error)
        exit_code = error.exit_code if isinstance(error, CommandFailedError) else None
        return self._ended(_outcome(error), message, exit_code, _facts(error))

    def _ended(
        self, outcome: Outcome, summary: str, exit_code: int | None = None, outputs: dict[str, Any] | None = None
    ) -> PairResult:
        result = PairResult(outcome, exit_code, summary, outputs)
        last = self._host.last if self._host else None
        return result if last is None else _printed(result, last)


def is_stopped(verdict: Verdict) -> bool:
    """Whether a stop was confirmed: nothing of the command is left, or it never started."""
    return verdict.kind in {"never", "done"}


def _outcome(error: OpsError) -> Outcome:
    if isinstance(error, LoginRefusedError):
        return Outcome.AUTH_FAILED
    if isinstance(error, HostUnreachableError):
        return Outcome.UNREACHABLE
    if isinstance(error, CommandTimedOutError):
        return Outcome.TIMED_OUT
    if isinstance(error, CommandStoppedError):
        return Outcome.CANCELLED
    return Outcome.FAILED


def _facts(error: OpsError) -> dict[str, Any] | None:
    """What programs need of an error besides its message: who the host was, and who it says it is now."""
    if isinstance(error, HostKeyError):
        return {"expected_fingerprint": error.expected, "offered_fingerprint": error.offered}
    return None


def _printed(result: PairResult, output: CommandOutput) -> PairResult:
    return PairResult(
        result.outcome,
        result.exit_code,
        result.summary,
        result.outputs,
        output.stdout,
        output.stderr,
        output.stdout_bytes,
        output.stderr_bytes,
        output.truncated,
    )
