"""A pair: one step on one target, from its condition to its final outcome."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import cast

from flows.ledger import states
from flows.ledger.pair import DONE, SENT, PairKey, PairResult, PairState
from flows.ledger.states import Action, Disturbance, Found, Move
from flows.plan import Effect
from opsconductor.errors import ExpressionError, HostError
from opsconductor.sdk.outcome import Outcome
from opsconductor.sdk.transport import Operation, Verdict

from .attempt import Attempt, Disturbed, is_stopped
from .environment import Environment
from .fleet import Track
from .halt import HaltedError, HaltReason
from .program import StepProgram
from .result import note, redacted, restored

POLL_SECONDS = 1.0
PROBE_SECONDS = 60.0
PROBE_LOGINS = 2
"""How often a login is tried on a target that has to be asked what became of a command."""


class Pair:
    """One step on one target, or one run-scoped step."""

    __slots__ = (
        "_burnt",
        "_effect",
        "_environment",
        "_number",
        "_pair",
        "_program",
        "_reruns",
        "_superseded",
        "_track",
    )

    def __init__(self, environment: Environment, track: Track, program: StepProgram) -> None:
        self._environment = environment
        self._track = track
        self._program = program
        self._effect: Effect = "read" if environment.record.run.check_only else program.step.effect
        self._pair = PairState(1, SENT)
        self._burnt = 0
        self._reruns = 0
        self._superseded: list[tuple[int, str]] = []

    async def run(self) -> None:
        """Bring the step to its end on this target, and note it on the track."""
        environment, step = self._environment, self._program.step
        gate = environment.gates.reached(step, self._track.ord) if environment.gates else None
        result = await self._result()
        note(self._track, self._program, result)
        if gate is not None:
            gate.passed(self._track.name, result.outcome, result.summary)

    async def settle(self, pair: PairState) -> None:
        """End what an earlier engine sent and this run does not come to any more."""
        self._pair = pair
        note(self._track, self._program, await self._end(await self._end_left()))

    async def _result(self) -> PairResult:
        return await self._end(await self._begin())

    async def _end(self, found: Move | PairResult) -> PairResult:
        while True:
            if isinstance(found, PairResult):
                found = await self._again(found)
                if isinstance(found, PairResult):
                    break
            else:
                found = await self._act(found)
        for number, reason in self._superseded:
            await self._record(number, PairResult(Outcome.FAILED, summary=reason))
        return found

    async def _begin(self) -> Move | PairResult:
        pairs = self._environment.record.restored
        pair = pairs.get((self._track.ord, self._program.step.ord)) if pairs else None
        if pair is None:
            skipped = self._condition()
            return Move(Action.RUN, 1) if skipped is None else await self._record(1, skipped)
        self._pair = pair
        if pair.state == SENT and self._environment.halt.reason is not None:
            return await self._end_left()
        found = states.resume(self._effect, pair, None, self._decision())
        return self._found(found)

    def _found(self, move: Move) -> Move | PairResult:
        """Note what the state table makes of a pair that was begun before."""
        if move.action is Action.SKIP:
            return restored(self._pair, move)
        if move.action is Action.RUN:
            self._supersede(move.reason)
        return move

    def _condition(self) -> PairResult | None:
        """The result of a step whose condition keeps it from running."""
        when = self._program.when
        if when is None:
            return None
        try:
            holds = when.evaluate(self._environment.contexts.build(self._program.when_names, self._track))
        except ExpressionError as error:
            dry = self._environment.record.run.check_only
            return PairResult(Outcome.SKIPPED if dry else Outcome.FAILED, summary=f"when: {error}")
        if holds is True:
            return None
        if holds is False:
            return PairResult(Outcome.SKIPPED, summary=f"skipped: when `{when.source}` is false")
        return PairResult(Outcome.FAILED, summary=f"when: `{when.source}` is neither true nor false")

    async def _act(self, step: Move) -> Move | PairResult:
        match step.action:
            case Action.RUN:
                return await self._attempt(step.attempt)
            case Action.PROBE:
                return await self._probe()
            case Action.WAIT:
                return await self._wait(step)
            case _:
                outcome = step.outcome or Outcome.UNKNOWN
                return await self._record(step.attempt, PairResult(outcome, step.exit_code, step.reason))

    async def _attempt(self, number: int) -> Move | PairResult:
        if self._environment.halt.reason is not None:
            return await self._record(self._pair.attempt, self._halted("not started"))
        self._pair = PairState(number, SENT)
        ending = await Attempt(self._environment, self._track, self._program, number).run()
        if isinstance(ending, PairResult):
            return await self._record(number, ending)
        return await self._disturbed(ending)

    async def _disturbed(self, ending: Disturbed) -> Move | PairResult:
        if ending.disturbance is Disturbance.CONNECTION_LOST:
            await self._drop()
        found = states.settle(self._effect, ending.disturbance, self._pair.attempt, self._reruns)
        if found.action is Action.RUN:
            self._reruns += 1
            self._supersede(f"{found.reason}: {ending.detail}")
            return found
        if found.action is not Action.RECORD:
            return found
        outcome = found.outcome or Outcome.UNKNOWN
        if outcome in (Outcome.CANCELLED, Outcome.TIMED_OUT) and self._environment.halt.reason is not None:
            return await self._record(self._pair.attempt, self._halted(ending.detail or found.reason))
        summary = ": ".join(part for part in (found.reason, ending.detail) if part)
        return await self._record(self._pair.attempt, PairResult(outcome, summary=summary))

    async def _probe(self) -> Move | PairResult:
        try:
            verdict = await self._verdict()
        except HaltedError:
            return await self._stop()
        return self._found(states.resume(self._effect, self._pair, verdict, self._decision()))

    async def _verdict(self) -> Found:
        target = self._track.target
        if target is None or not self._program.needs_host:
            return Verdict("no_marker", detail="nothing on a target tells")
        for _ in range(PROBE_LOGINS):
            try:
                async with self._patience():
                    connection = await self._environment.lines.line(target).connection()
                    return await connection.probe(self._operation())
            except (HostError, TimeoutError):
                await self._drop()
        return "unreachable"

    def _patience(self) -> AbstractAsyncContextManager[object]:
        """How long a target may take to say what became of a command; a run that stops asks all the same."""
        halt = self._environment.halt
        return halt.guard() if halt.reason is None else asyncio.timeout(PROBE_SECONDS)

    async def _wait(self, step: Move) -> Move | PairResult:
        """The command still runs without us: look again a little later."""
        if self._environment.halt.reason is not None:
            summary = f"the command still runs; {step.reason}"
            return await self._record(self._pair.attempt, PairResult(Outcome.UNKNOWN, summary=summary))
        try:
            async with self._environment.halt.guard():
                await asyncio.sleep(POLL_SECONDS)
        except HaltedError:
            return await self._stop()
        return Move(Action.PROBE, self._pair.attempt)

    async def _end_left(self) -> Move | PairResult:
        """The run stops: what an earlier engine sent either ended by itself, or is ended now."""
        if self._effect == "once":
            verdict = await self._verdict()
            if isinstance(verdict, Verdict) and verdict.kind == "done":
                return states.resume(self._effect, self._pair, verdict, None)
        return await self._stop()

    async def _stop(self) -> Move | PairResult:
        """The run stops: end what an attempt may have left running on the target."""
        target = self._track.target
        if target is None or not self._program.needs_host:
            return Move(Action.PROBE, self._pair.attempt) if self._effect == "once" else await self._give_up()
        try:
            connection = await self._environment.lines.line(target).connection()
            verdict = await connection.stop(self._operation())
        except HostError as error:
            return await self._disturbed(Disturbed(Disturbance.STOP_UNCONFIRMED, error.reason))
        if is_stopped(verdict):
            return await self._give_up()
        return await self._disturbed(Disturbed(Disturbance.STOP_UNCONFIRMED, f"{verdict.kind} {verdict.detail}"))

    async def _give_up(self) -> PairResult:
        return await self._record(self._pair.attempt, self._halted("stopped"))

    async def _again(self, result: PairResult) -> Move | PairResult:
        """The same step once more when its retry says so."""
        retry = self._program.step.retry
        tries = self._pair.attempt - self._burnt
        if result.outcome.good or result.outcome.label not in retry.on or tries >= retry.attempts:
            return result
        try:
            async with self._environment.halt.guard():
                await asyncio.sleep(retry.delay_seconds * retry.backoff ** (tries - 1))
        except HaltedError:
            return result
        if result.outcome is Outcome.UNREACHABLE:
            await self._drop()
        return Move(Action.RUN, self._pair.attempt + 1)

    async def _drop(self) -> None:
        if self._track.target is not None:
            await self._environment.lines.line(self._track.target).drop()

    async def _record(self, number: int, result: PairResult) -> PairResult:
        clean = redacted(result, self._environment.redactor)
        await self._environment.record.done(PairKey(self._track.ord, self._program.step.ord, number), clean)
        return clean

    def _halted(self, detail: str) -> PairResult:
        reason = self._environment.halt.reason
        outcome = Outcome.TIMED_OUT if reason is HaltReason.TIMED_OUT else Outcome.CANCELLED
        return PairResult(outcome, summary=detail)

    def _supersede(self, reason: str) -> None:
        """The attempt gives way to a new one. Its own row is closed only once the new one is there."""
        self._burnt += 1
        if self._pair.state != DONE:
            self._superseded.append((self._pair.attempt, reason))

    def _decision(self) -> states.Decision | None:
        key = PairKey(self._track.ord, self._program.step.ord, self._pair.attempt)
        return cast("states.Decision | None", self._environment.record.decisions.get(key))

    def _operation(self) -> Operation:
        attempt = Attempt(self._environment, self._track, self._program, self._pair.attempt)
        return replace(attempt.operation, live=None)
