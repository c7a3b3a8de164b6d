"""The one task that writes what an engine asks for: whatever waits goes in one statement."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
import structlog
from psycopg import AsyncConnection

from opsconductor.errors import FencedError, LedgerError, PairRefusedError

from .changes import Change, Fact, TargetChange, Transition
from .statements import Claimed, Written, write_fact, write_pairs, write_targets

CrashPoint = Callable[[str], None]
"""Called with the name of each point at which a process may die; does nothing outside tests."""

BATCH_ROWS: Final = 1000
BATCH_BYTES: Final = 8 * 1024 * 1024
LINGER_SECONDS: Final = 0.005
"""Shortest time between two flushes while fewer than BATCH_ROWS wait: the first change never waits."""

CLOSE_SECONDS: Final = 30
"""How long a closing writer waits for a database that is away."""

_LOST = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction)

_log = structlog.get_logger(__name__)


def survive(point: str) -> None:
    """The crash point of every process outside tests: nothing happens."""


@dataclass(slots=True)
class _Waiting:
    change: Change
    answer: asyncio.Future[None]


_Write = Callable[[AsyncConnection[Any], Claimed, Any, int | None], Awaitable[Written]]


@dataclass(slots=True)
class _Lane:
    """Changes of one kind, in the order they came."""

    write: _Write
    rows: int
    waiting: deque[_Waiting] = field(default_factory=deque[_Waiting])

    def batch(self) -> list[_Waiting]:
        """What goes into the next statement: no key twice, not too many, not too much."""
        taken: list[_Waiting] = []
        keys: set[Any] = set()
        size = 0
        while self.waiting and len(taken) < self.rows and size < BATCH_BYTES:
            waiting = self.waiting[0]
            if waiting.change.key in keys:
                break
            self.waiting.popleft()
            if waiting.answer.cancelled():  # nobody asks any more, and nothing was written yet
                continue
            keys.add(waiting.change.key)
            taken.append(waiting)
            size += _size(waiting.change)
        return taken


def _size(change: Change) -> int:
    if not isinstance(change, Transition):
        return 0
    printed = 0 if change.printed is None else len(change.printed.stdout) + len(change.printed.stderr)
    return printed + len(change.outputs or "")


class LedgerWriter:
    """Writes one run's changes over one connection of its own.

    While the database is away, changes wait; what was sent and not answered is sent again, and then the
    rows are asked whose they are. Once another process owns the run, every change is refused for good.
    """

    def __init__(self, dsn: str, claimed: Claimed, *, seq: int, crash_point: CrashPoint = survive) -> None:
        self._dsn = dsn
        self._claimed = claimed
        self._seq = seq
        self._crash_point = crash_point
        self._connection: AsyncConnection[Any] | None = None
        self._backend = (0, "")
        self._lanes: dict[type, _Lane] = {
            Transition: _Lane(write_pairs, BATCH_ROWS),
            TargetChange: _Lane(write_targets, BATCH_ROWS),
            Fact: _Lane(write_fact, 1),
        }
        self._pending = asyncio.Event()
        self._full = asyncio.Event()
        self._flushed_at = 0.0
        self._closing = False
        self._refusal: LedgerError | None = None
        self.fenced = asyncio.Event()
        self.replays = 0
        self._task = asyncio.create_task(self._run(), name=f"ledger writer {claimed.run_id}")

    async def write(self, change: Change) -> None:
        """Return when the change is durable.

        Raises:
            FencedError: Another process owns the run; nothing was written.
            PairRefusedError: The record already holds something else for this attempt.
            LedgerError: The database refuses the change for what it says.
        """
        if self._refusal is not None:
            raise self._refusal
        answer = asyncio.get_running_loop().create_future()
        lane = self._lanes[type(change)]
        lane.waiting.append(_Waiting(change, answer))
        self._pending.set()
        if len(lane.waiting) >= BATCH_ROWS:
            self._full.set()
        await answer

    def fence(self) -> None:
        """Refuse everything from now on: the lease is known to be lost."""
        if self._refusal is None:
            self._refuse(FencedError(f"run {self._claimed.run_id}: another process owns it now"))
            self._task.cancel()

    async def close(self) -> None:
        """Write what waits if the database can be reached, and disconnect."""
        self._closing = True
        self._pending.set()
        await asyncio.wait([self._task], timeout=CLOSE_SECONDS)
        self._refuse(LedgerError(f"run {self._claimed.run_id}: its ledger is closed"))
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._connection is not None:
            await self._connection.close()

    async def _run(self) -> None:
        try:
            while await self._gather():
                for lane in self._lanes.values():
                    if batch := lane.batch():
                        await self._flush(lane.write, batch)
        except FencedError as error:
            self._refuse(error)
        except BaseException as error:
            self._refuse(LedgerError(f"run {self._claimed.run_id}: its ledger stopped: {error!r}"))
            raise

    async def _gather(self) -> bool:
        """Wait for changes, then a moment for more of them; False when there will be none."""
        if not any(lane.waiting for lane in self._lanes.values()):
            self._pending.clear()
            if self._closing:
                return False
            await self._pending.wait()
        linger = self._flushed_at + LINGER_SECONDS - time.monotonic()
        if linger > 0 and not self._closing:
            try:
                async with asyncio.timeout(linger):
                    await self._full.wait()
            except TimeoutError:
                pass
        else:
            await asyncio.sleep(0)
        self._full.clear()
        return True

    async def _flush(self, write: _Write, batch: Sequence[_Waiting]) -> None:
        try:
            written = await self._until_answered(write, batch)
        except FencedError as error:
            _answer(batch, error)
            raise
        except psycopg.Error as error:
            await self._flush_apart(write, batch, error)
            return
        except asyncio.CancelledError:
            _answer(batch, self._refusal)
            raise
        finally:
            self._flushed_at = time.monotonic()
        self._seq = max(self._seq, written.seq)
        for waiting, taken in zip(batch, written.taken, strict=True):
            _answer([waiting], None if taken else _refused(waiting.change))

    async def _flush_apart(self, write: _Write, batch: Sequence[_Waiting], error: psycopg.Error) -> None:
        """One bad row must not fail its neighbours: write them in halves until the bad one is alone."""
        if len(batch) == 1:
            _answer(batch, LedgerError(f"the record refuses {batch[0].change.key}: {error}"))
            return
        half = len(batch) // 2
        await self._flush(write, batch[:half])
        await self._flush(write, batch[half:])

    async def _until_answered(self, write: _Write, batch: Sequence[_Waiting]) -> Written:
        changes = [waiting.change for waiting in batch]
        replayed_after: int | None = None
        pause = 0.05
        while True:
            try:
                connection = await self._connected()
                self._crash_point("before_flush")
                written = await write(connection, self._claimed, changes, replayed_after)
            except _LOST as error:
                _log.warning("ledger.database_away", run_id=str(self._claimed.run_id), error=str(error).strip())
                await self._disconnect()
                self.replays += 1
                replayed_after = self._seq
                await asyncio.sleep(pause)
                pause = min(2.0, pause * 2)
            else:
                self._crash_point("after_flush")
                return written

    async def _connected(self) -> AsyncConnection[Any]:
        if self._connection is None:
            connection = await AsyncConnection.connect(self._dsn, autocommit=True, prepare_threshold=1)
            self._connection = connection
            # jit and nested loops over a batch cost more than they save; the batch's own join is hashed.
            await connection.execute("SET jit = off")
            await connection.execute("SET enable_nestloop = off")
            # A statement whose answer was lost may still be running there: it ends before it is replayed.
            await connection.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
                "WHERE pid = %s AND backend_start::text = %s",
                self._backend,
            )
            self._backend = await _backend(connection)
        return self._connection

    async def _disconnect(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    def _refuse(self, error: LedgerError) -> None:
        if self._refusal is None:
            self._refusal = error
            if isinstance(error, FencedError):
                self.fenced.set()
        for lane in self._lanes.values():
            _answer(lane.waiting, self._refusal)
            lane.waiting.clear()


async def _backend(connection: AsyncConnection[Any]) -> tuple[int, str]:
    query = "SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()"
    row = await (await connection.execute(query)).fetchone()
    return (0, "") if row is None else (row[0], row[1])


def _answer(batch: Sequence[_Waiting] | deque[_Waiting], error: LedgerError | None) -> None:
    for waiting in batch:
        if waiting.answer.done():
            continue
        if error is None:
            waiting.answer.set_result(None)
        else:
            waiting.answer.set_exception(error)


def _refused(change: Change) -> PairRefusedError:
    return PairRefusedError(f"{change.key}: the record already holds this attempt, written by somebody else")
