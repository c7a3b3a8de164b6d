"""One pair under every order of events: engines, take-overs, the record, the wire and the target.

An explicit-state exploration. The engine of the model asks the real state table what to do; the record
keeps the real admission rule behind the fence; the target keeps the marker's rule. `Rules` holds each of
these, so that a test can plant a fault and see the checker find it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flows.ledger import states
from flows.ledger.pair import DONE, SENT, PairState
from flows.ledger.states import Action, Disturbance, Move
from flows.plan import Effect
from opsconductor.sdk.outcome import Outcome
from opsconductor.sdk.transport import Verdict

EPOCHS = 8
"""More engines than the faults of one world can use up."""


@dataclass(frozen=True)
class Rules:
    """What keeps the promise."""

    resume: Callable[..., Move] = states.resume
    settle: Callable[..., Move] = states.settle
    admits: Callable[[int | None, int], bool] = states.admits
    fenced: bool = True
    epoch_rises: bool = True
    probe_claims: bool = True
    marker_excludes: bool = True
    sent_before_send: bool = True
    replays: bool = True


class Faults(NamedTuple):
    """How many of each fault may still happen, and how many in all."""

    total: int = 3
    crashes: int = 3
    takeovers: int = 2
    drops: int = 3
    reboots: int = 2
    unanswered: int = 2
    unreachable: int = 2
    cancels: int = 1
    decisions: int = 1

    def may(self, kind: str) -> bool:
        return self.total > 0 and getattr(self, kind) > 0

    def spend(self, kind: str) -> "Faults":
        return self._replace(total=self.total - 1, **{kind: getattr(self, kind) - 1})


class Row(NamedTuple):
    state: int
    outcome: Outcome | None
    epoch: int


class Token(NamedTuple):
    """What the target holds of one attempt."""

    status: str = "free"
    exit_code: int | None = None
    starts: int = 0
    finishes: int = 0


class Engine(NamedTuple):
    epoch: int
    at: str
    attempt: int = 0
    move: Move | None = None
    verdict: Verdict | str | None = None
    reruns: int = 0


class World(NamedTuple):
    epoch: int = 0
    owned: bool = True
    ended: bool = False
    cancel: bool = False
    rows: tuple[Row, ...] = ()
    tokens: tuple[Token, ...] = ()
    engines: tuple[Engine, ...] = (Engine(0, "start"),)
    wire: tuple[tuple[int, int], ...] = ()
    duplicates: tuple[tuple[int, int], ...] = ()
    decision: str | None = None
    faults: Faults = Faults()


class BrokenPromiseError(Exception):
    """A promise does not hold."""


@dataclass
class Model:
    effect: Effect
    rules: Rules = Rules()
    faults: Faults = field(default_factory=Faults)
    crashed_at: set[str] = field(default_factory=set)
    outcomes: set[Outcome] = field(default_factory=set)

    # -- exploration

    def check(self, limit: int = 2_000_000) -> int:
        """Visit every reachable world; the number of them.

        Raises:
            BrokenPromiseError: Some promise does not hold in one of them.
        """
        worlds = [World(faults=self.faults)]
        numbers = {worlds[0]: 0}
        before: list[list[int]] = [[]]
        for number, world in enumerate(worlds):  # grows while it is walked
            self.judge(world)
            for after in self.next(world):
                seen = numbers.setdefault(after, len(worlds))
                if seen == len(worlds):
                    if seen > limit:
                        raise RuntimeError("too many worlds to visit")
                    worlds.append(after)
                    before.append([])
                before[seen].append(number)
        self._every_run_can_end(worlds, before)
        return len(worlds)

    def _every_run_can_end(self, worlds: list[World], before: list[list[int]]) -> None:
        todo = [number for number, world in enumerate(worlds) if world.ended]
        ending = set(todo)
        while todo:
            for number in before[todo.pop()]:
                if number not in ending:
                    ending.add(number)
                    todo.append(number)
        stuck = set(range(len(worlds))) - ending
        if stuck:
            raise BrokenPromiseError(f"a run never ends: {worlds[min(stuck)]}")

    # -- what must hold

    def judge(self, world: World) -> None:
        starts = sum(token.starts for token in world.tokens)
        if world.epoch > EPOCHS:
            raise BrokenPromiseError(f"engines give up and are replaced for ever: {world}")
        if self.effect == "once" and starts > 1:
            raise BrokenPromiseError(f"a once command ran twice: {world}")
        if world.ended:
            self._judge_end(world, starts)

    def _judge_end(self, world: World, starts: int) -> None:
        if not world.rows or world.rows[-1].state != DONE:
            raise BrokenPromiseError(f"a run ended with an open pair: {world}")
        row, token = world.rows[-1], world.tokens[-1]
        outcome = row.outcome
        assert outcome is not None
        self.outcomes.add(outcome)
        finished = any(t.finishes and t.exit_code == 0 for t in world.tokens)
        failed = any(t.exit_code for t in world.tokens)
        used = Faults(*(was - left for was, left in zip(self.faults, world.faults, strict=True)))
        true = {
            Outcome.CHANGED: finished,
            Outcome.FAILED: failed,
            Outcome.CANCELLED: world.cancel and token.status != "running",
            Outcome.UNREACHABLE: not starts if self.effect != "read" else bool(used.drops + used.reboots),
            Outcome.UNKNOWN: self._unknowable(used),
            Outcome.TIMED_OUT: world.cancel and self.effect == "read",
        }
        if not true.get(outcome, False):
            raise BrokenPromiseError(f"{outcome.label} is not true: {world}")
        if self.effect == "once" and outcome is not Outcome.UNKNOWN and token.status == "running":
            raise BrokenPromiseError(f"the run ended while its command ran: {world}")

    def _unknowable(self, used: Faults) -> bool:
        if self.effect == "once":
            return bool(used.reboots or used.unreachable)
        return bool(used.cancels or used.drops + used.reboots > states.LIVE_RERUNS) and self.effect == "idempotent"

    # -- what may happen

    def next(self, world: World) -> Iterator[World]:
        yield from self._world_events(world)
        for index, engine in enumerate(world.engines):
            yield from self._crash(world, index, engine)
            for after in getattr(self, f"_at_{engine.at}")(world, engine):
                yield after(index) if callable(after) else after

    def _world_events(self, world: World) -> Iterator[World]:
        faults = world.faults
        alive = any(engine.epoch == world.epoch and engine.at != "gone" for engine in world.engines)
        if not world.ended and (not alive or faults.may("takeovers")):
            spent = faults if not alive else faults.spend("takeovers")
            epoch = world.epoch + (1 if self.rules.epoch_rises else 0)
            yield world._replace(epoch=epoch, engines=(*world.engines, Engine(epoch, "start")), faults=spent)
        if not world.cancel and faults.may("cancels") and not world.ended:
            yield world._replace(cancel=True, faults=faults.spend("cancels"))
        yield from self._target_events(world)
        if world.ended and faults.decisions and world.rows[-1].outcome is Outcome.UNKNOWN and not world.wire:
            yield from self._decide(world)

    def _decide(self, world: World) -> Iterator[World]:
        """A person looks at the target and says what is true; the run goes on.

        Assumed: no stalled engine starts the old attempt *and* the target reboots before the next probe. The
        record cannot tell that start from the one the person judged.
        """
        if any(token.status == "running" for token in world.tokens):
            return
        ran = any(token.starts for token in world.tokens)
        decided = "ran" if ran else "not_ran"
        epoch = world.epoch + 1
        yield world._replace(
            ended=False,
            epoch=epoch,
            decision=decided,
            engines=(*world.engines, Engine(epoch, "start")),
            faults=world.faults._replace(decisions=world.faults.decisions - 1, reboots=0),
        )

    def _target_events(self, world: World) -> Iterator[World]:
        for message in set(world.wire):
            yield self._arrive(world, message)
        for attempt, token in enumerate(world.tokens, 1):
            if token.status == "running":
                for code in (0, 1):
                    done = token._replace(status="done", exit_code=code, finishes=token.finishes + 1)
                    yield _with_token(world, attempt, done)
        if world.faults.may("reboots") and any(token.status == "running" for token in world.tokens):
            tokens = tuple(t._replace(status="torn") if t.status == "running" else t for t in world.tokens)
            spent = world.faults.spend("reboots")
            yield world._replace(tokens=tokens, wire=(), faults=spent)

    def _arrive(self, world: World, message: tuple[int, int]) -> World:
        """The command reaches the target; a once command starts only when it makes the marker itself."""
        epoch, attempt = message
        wire = list(world.wire)
        wire.remove(message)
        world = world._replace(wire=tuple(wire))
        token = world.tokens[attempt - 1]
        if self.effect == "once" and self.rules.marker_excludes and token.status != "free":
            return world._replace(duplicates=tuple(sorted({*world.duplicates, (epoch, attempt)})))
        return _with_token(world, attempt, token._replace(status="running", starts=token.starts + 1))

    def _crash(self, world: World, index: int, engine: Engine) -> Iterator[World]:
        point = _crash_point(world, engine)
        if point is None or not world.faults.may("crashes"):
            return
        self.crashed_at.add(point)
        spent = world._replace(faults=world.faults.spend("crashes"))
        yield _with_engine(spent, index, engine._replace(at="gone"))

    # -- an engine, place by place

    def _at_gone(self, world: World, engine: Engine) -> Iterator[Any]:
        return iter(())

    def _at_ended(self, world: World, engine: Engine) -> Iterator[Any]:
        return iter(())

    def _at_start(self, world: World, engine: Engine) -> Iterator[Any]:
        move = self.rules.resume(self.effect, _pair(world), None, world.decision)
        yield _become(world, self._follow(world, engine, move))

    def _follow(self, world: World, engine: Engine, move: Move) -> Engine:
        places = {
            Action.RUN: "commit_sent" if self.rules.sent_before_send else "may_send",
            Action.SKIP: "finished",
            Action.PROBE: "probe",
            Action.WAIT: "wait",
            Action.RECORD: "commit_done",
        }
        at = places[move.action]
        if move.action is Action.RUN and world.cancel:
            move = self.rules.settle(self.effect, Disturbance.CANCELLED, move.attempt)
            at = "commit_done"
        return engine._replace(at=at, attempt=move.attempt, move=move, verdict=None)

    def _at_commit_sent(self, world: World, engine: Engine) -> Iterator[Any]:
        yield from self._commit(world, engine, Row(SENT, None, engine.epoch), "may_send", "replay_sent")

    def _at_replay_sent(self, world: World, engine: Engine) -> Iterator[Any]:
        yield from self._replay(world, engine, Row(SENT, None, engine.epoch), "may_send")

    def _at_commit_done(self, world: World, engine: Engine) -> Iterator[Any]:
        assert engine.move is not None
        row = Row(DONE, engine.move.outcome, engine.epoch)
        yield from self._commit(world, engine, row, "finished", "replay_done")

    def _at_replay_done(self, world: World, engine: Engine) -> Iterator[Any]:
        assert engine.move is not None
        yield from self._replay(world, engine, Row(DONE, engine.move.outcome, engine.epoch), "finished")

    def _commit(self, world: World, engine: Engine, row: Row, then: str, replay: str) -> Iterator[Any]:
        after = self._write(world, engine, row)
        yield _become(after or world, engine._replace(at=then if after else "gone"))
        if world.faults.may("unanswered"):
            spent = world.faults.spend("unanswered")
            for left in (after, world):
                if left is not None:
                    yield _become(left._replace(faults=spent), engine._replace(at=replay))

    def _replay(self, world: World, engine: Engine, row: Row, then: str) -> Iterator[Any]:
        after = self._write(world, engine, row) if self.rules.replays else world
        if after is None and not self._stale(world, engine):
            held = world.rows[engine.attempt - 1] if len(world.rows) >= engine.attempt else None
            if held is not None and held.epoch == engine.epoch and held.state >= row.state:
                after = world
        yield _become(after or world, engine._replace(at=then if after else "gone"))

    def _stale(self, world: World, engine: Engine) -> bool:
        return self.rules.fenced and (world.epoch != engine.epoch or world.ended)

    def _write(self, world: World, engine: Engine, row: Row) -> World | None:
        held = world.rows[engine.attempt - 1] if len(world.rows) >= engine.attempt else None
        if self._stale(world, engine) or not self.rules.admits(held.state if held else None, row.state):
            return None
        rows = list(world.rows)
        tokens = list(world.tokens)
        while len(rows) < engine.attempt:
            rows.append(row)
            tokens.append(Token())
        rows[engine.attempt - 1] = row
        return world._replace(rows=tuple(rows), tokens=tuple(tokens[: len(rows)]))

    def _at_may_send(self, world: World, engine: Engine) -> Iterator[Any]:
        completed = any(row.state == DONE and row.outcome is not Outcome.UNKNOWN for row in world.rows)
        if completed and engine.epoch == world.epoch:
            raise BrokenPromiseError(f"a completed pair is sent again: {world}")
        if len(world.rows) < engine.attempt:
            raise BrokenPromiseError(f"a command is sent that no row tells of: {world}")
        tokens = world.tokens + (Token(),) * (engine.attempt - len(world.tokens))
        sent = world._replace(tokens=tokens, wire=tuple(sorted((*world.wire, (engine.epoch, engine.attempt)))))
        yield _become(sent, engine._replace(at="awaiting"))

    def _at_awaiting(self, world: World, engine: Engine) -> Iterator[Any]:
        message = (engine.epoch, engine.attempt)
        token = world.tokens[engine.attempt - 1]
        if message in world.wire or token.status == "running":
            yield from self._stop(world, engine)
        if message in world.duplicates:
            yield self._settled(world, engine, Disturbance.MARKED_BEFORE)
        elif message not in world.wire and token.status == "done":
            outcome = Outcome.CHANGED if token.exit_code == 0 else Outcome.FAILED
            move = Move(Action.RECORD, engine.attempt, outcome, token.exit_code)
            yield _become(world, engine._replace(at="commit_done", move=move))
        elif message not in world.wire and token.status != "running":
            yield self._settled(world, engine, Disturbance.CONNECTION_LOST)
        if world.faults.may("drops"):
            dropped = world._replace(faults=world.faults.spend("drops"))
            yield self._settled(dropped, engine, Disturbance.CONNECTION_LOST)
            if message in world.wire:
                gone = dropped._replace(wire=tuple(m for m in world.wire if m != message))
                yield self._settled(gone, engine, Disturbance.CONNECTION_LOST)

    def _stop(self, world: World, engine: Engine) -> Iterator[Any]:
        """A stop reaches what runs, or cannot be confirmed."""
        if not world.cancel:
            return
        token = world.tokens[engine.attempt - 1]
        if token.status == "running":
            killed = _with_token(world, engine.attempt, token._replace(status="done", exit_code=143))
            yield self._settled(killed, engine, Disturbance.CANCELLED)
        yield self._settled(world, engine, Disturbance.STOP_UNCONFIRMED)

    def _settled(self, world: World, engine: Engine, disturbance: Disturbance) -> Any:
        move = self.rules.settle(self.effect, disturbance, engine.attempt, engine.reruns)
        again = engine._replace(reruns=min(engine.reruns + 1, states.LIVE_RERUNS))
        return _become(world, self._follow(world, again, move))

    def _at_probe(self, world: World, engine: Engine) -> Iterator[Any]:
        token = world.tokens[engine.attempt - 1]
        kinds = {"free": "never", "burnt": "never", "running": "running", "done": "done", "torn": "lost"}
        verdict = Verdict(kinds[token.status], token.exit_code)  # pyright: ignore[reportArgumentType]
        probed = world
        if token.status == "free" and self.rules.probe_claims:
            probed = _with_token(world, engine.attempt, token._replace(status="burnt"))
        yield _become(probed, engine._replace(at="probed", verdict=verdict))
        if world.faults.may("unreachable"):
            spent = world._replace(faults=world.faults.spend("unreachable"))
            yield _become(spent, engine._replace(at="probed", verdict="unreachable"))

    def _at_probed(self, world: World, engine: Engine) -> Iterator[Any]:
        row = world.rows[engine.attempt - 1]
        pair = PairState(engine.attempt, row.state, row.outcome)
        move = self.rules.resume(self.effect, pair, engine.verdict, world.decision)
        yield _become(world, self._follow(world, engine, move))

    def _at_wait(self, world: World, engine: Engine) -> Iterator[Any]:
        if world.tokens[engine.attempt - 1].status != "running":
            yield _become(world, engine._replace(at="probe"))
        elif world.cancel:
            token = world.tokens[engine.attempt - 1]
            killed = _with_token(world, engine.attempt, token._replace(status="done", exit_code=143))
            yield self._settled(killed, engine, Disturbance.CANCELLED)

    def _at_finished(self, world: World, engine: Engine) -> Iterator[Any]:
        yield _become(world, engine._replace(at="ending"))

    def _at_ending(self, world: World, engine: Engine) -> Iterator[Any]:
        if self._stale(world, engine):
            yield _become(world, engine._replace(at="gone"))
        else:
            yield _become(world._replace(ended=True), engine._replace(at="ended"))


def _pair(world: World) -> PairState | None:
    if not world.rows:
        return None
    row = world.rows[-1]
    return PairState(len(world.rows), row.state, row.outcome, epoch=row.epoch)


def _become(world: World, engine: Engine) -> Callable[[int], World]:
    return lambda index: _with_engine(world, index, engine)


def _with_engine(world: World, index: int, engine: Engine) -> World:
    engines = list(world.engines)
    engines[index] = engine
    # An engine that is gone is only a fact to forget: worlds that differ in it alone are the same world.
    return world._replace(engines=tuple(e for e in engines if e.at != "gone"))


def _with_token(world: World, attempt: int, token: Token) -> World:
    tokens = list(world.tokens)
    tokens[attempt - 1] = token
    return world._replace(tokens=tuple(tokens))


def _crash_point(world: World, engine: Engine) -> str | None:
    if engine.at == "awaiting":
        if (engine.epoch, engine.attempt) in world.wire:
            return "after_channel_open"
        running = world.tokens[engine.attempt - 1].status == "running"
        return "command_running" if running else "after_exit_before_result"
    return {
        "start": "after_claim_commit",
        "commit_sent": "before_sent_commit",
        "replay_sent": "sent_commit_unanswered",
        "may_send": "after_sent_commit",
        "commit_done": "before_result_commit",
        "replay_done": "result_commit_unanswered",
        "finished": "after_result_commit",
        "probe": "before_probe",
        "probed": "after_probe",
        "wait": "after_probe",
        "ending": "before_end_commit",
        "ended": "after_end_commit",
    }.get(engine.at)
