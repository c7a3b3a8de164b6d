"""An engine in a process of its own that kills itself at a named point. Its commands append to a file.

Arguments: dsn, run id, epoch, effect, file, point (empty: do not die).
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from flows.ledger.pair import PairKey, PairResult
from flows.ledger.session import RunLedger
from flows.ledger.states import Action, Move, resume
from opsconductor.sdk.outcome import Outcome, RunOutcome
from opsconductor.sdk.transport import Verdict

STEPS = (1, 2)


class Hosts:
    """Where commands run: each is one line in a file; a `once` command takes its attempt's marker first."""

    def __init__(self, file: Path, *, once: bool) -> None:
        self._file = file
        self._once = once

    def _mark(self, key: PairKey) -> bool:
        try:
            (self._file.parent / f"marker-{'-'.join(map(str, key))}").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def run(self, key: PairKey, crash_point: Callable[[str], None]) -> None:
        if self._once and not self._mark(key):
            raise RuntimeError(f"{key} was started before")
        with self._file.open("a") as file:
            file.write(" ".join(map(str, key)) + "\n")
        crash_point("command_running")

    def probe(self, key: PairKey) -> Verdict:
        if self._mark(key):
            return Verdict("never")
        ran = " ".join(map(str, key)) in self._file.read_text().splitlines() if self._file.exists() else False
        return Verdict("done", 0) if ran else Verdict("never")


async def work(dsn: str, run_id: UUID, epoch: int, effect: str, file: Path, crash_point: Callable[[str], None]) -> None:
    """Bring every pair of the run to its end."""
    hosts = Hosts(file, once=effect == "once")
    ledger = await RunLedger.claim(dsn, run_id, epoch, owner=f"pid {os.getpid()}", crash_point=crash_point)

    async def follow(target: int, step: int) -> None:
        pair = ledger.restored.get((target, step))
        move = resume(effect, pair, None, None)  # pyright: ignore[reportArgumentType]
        if move.action is Action.PROBE:
            verdict = hosts.probe(PairKey(target, step, move.attempt))
            move = resume(effect, pair, verdict, None)  # pyright: ignore[reportArgumentType]
        await act(move, target, step)

    async def act(move: Move, target: int, step: int) -> None:
        key = PairKey(target, step, move.attempt)
        if move.action is Action.RUN:
            await ledger.sent(key)
            hosts.run(key, crash_point)
            await ledger.done(key, PairResult(Outcome.CHANGED, 0))
        elif move.action is Action.RECORD:
            assert move.outcome is not None
            await ledger.done(key, PairResult(move.outcome, move.exit_code))

    for step in STEPS:
        await asyncio.gather(*(follow(target.ord, step) for target in ledger.run.targets))
    await ledger.end(RunOutcome.SUCCEEDED, "")
    await ledger.close()


def dying_at(point: str, passes: int) -> Callable[[str], None]:
    """Die when the point is reached for the n-th time."""
    left = passes

    def crash_point(name: str) -> None:
        nonlocal left
        if name == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return crash_point


if __name__ == "__main__":
    dsn, run_id, epoch, effect, file, point, passes = sys.argv[1:]
    asyncio.run(work(dsn, UUID(run_id), int(epoch), effect, Path(file), dying_at(point, int(passes))))
