"""The dispatcher: hears of runs that wait, and gives each a flow process."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, LiteralString, Self
from uuid import UUID

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from flows.ledger.takeover import STOCK_CLAIM_SECONDS
from flows.tracing import UNTRACED, TracingVariables
from opsconductor.errors import OpsError, UnavailableError

from .broker import Broker
from .exit_code import ExitCode
from .fork_client import FlowProcess, ForkServerAwayError, start_flow_process
from .fork_request import ForkRequest
from .handover import TRACING, PrefectAddress
from .owner import owner_of

RUNS_CHANNEL: Final = "opsconductor_runs"
_POLL_SECONDS: Final = 5.0
_FORK_PATIENCE_SECONDS: Final = 15.0
_FORK_PAUSE_SECONDS: Final = 0.2
_log = logging.getLogger(__name__)

_WAITING: Final[LiteralString] = """
SELECT id, epoch FROM job_runs r WHERE status <> 'ended' AND owner IS NULL
  AND NOT EXISTS (SELECT FROM job_run_tokens t WHERE t.run_id = r.id)
ORDER BY created_at LIMIT %s
"""

# A run with a token is for a stock worker: the portal makes its next flow run, and Prefect has time to start it.
_LEAVE_TO_PREFECT: Final[LiteralString] = """
UPDATE job_runs r SET prefect_flow_run_id = NULL, lease_until = now() + make_interval(secs => %s)
WHERE id = %s AND epoch = %s AND status <> 'ended' AND owner IS NULL
  AND EXISTS (SELECT FROM job_run_tokens t WHERE t.run_id = r.id)
RETURNING pg_notify('opsconductor_upkeep', '')
"""

# The process is dead for certain, so nobody needs to wait until its lease has run out.
_ABANDONED: Final[LiteralString] = """
UPDATE job_runs SET lease_until = now()
WHERE id = %s AND epoch = %s AND status = 'running' AND starts_with(owner, %s)
"""


class NoRoomError(UnavailableError):
    """This worker has as many runs going as it may."""


Ended = Callable[[UUID, int, int | None], Awaitable[None]]


class Dispatcher:
    """Starts flow processes for waiting runs, as they are announced and by looking from time to time.

    Two dispatchers may start the same run: the claim in the ledger lets one process go on.

    Args:
        pool: Our database, as the service role.
        dsn: The same database, for the connection that listens.
        forkserver: Socket of the fork server.
        broker: Opens the credentials of a run.
        prefect: Told to each flow process.
        capacity: How many flow processes there may be at once.
        tracing: Told to each flow process too.
        on_end: Told when a process has ended: run, epoch, exit code (None when nobody knows).
    """

    def __init__(
        self,
        pool: AsyncConnectionPool[Any],
        dsn: str,
        forkserver: Path,
        broker: Broker,
        prefect: PrefectAddress,
        *,
        capacity: int,
        tracing: TracingVariables = UNTRACED,
        on_end: Ended | None = None,
    ) -> None:
        self._pool = pool
        self._dsn = dsn
        self._forkserver = forkserver
        self._broker = broker
        self._first_words = {**prefect.to_message(), TRACING: tracing.to_message()}
        self._capacity = capacity
        self._on_end = on_end
        self._going: dict[tuple[UUID, int], asyncio.Task[None]] = {}
        self._services: list[asyncio.Task[None]] = []
        self._turned_away = False
        self._room = asyncio.Event()
        self.listening = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._services = [asyncio.create_task(self._listen()), asyncio.create_task(self._poll())]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop taking runs. Those that are going go on without us."""
        tasks = [*self._services, *self._going.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def count(self) -> int:
        """How many runs are going."""
        return len(self._going)

    async def start(self, run_id: UUID, epoch: int) -> None:
        """Give the run a flow process, unless it has one from us or there is no room.

        A run without room stays in the record, and is found there when there is.
        """
        key = (run_id, epoch)
        if key in self._going:
            return
        if len(self._going) >= self._capacity:
            self._turned_away = True
            return
        task = asyncio.create_task(self._carry(run_id, epoch), name=f"run {run_id}:{epoch}")
        self._going[key] = task
        task.add_done_callback(lambda _: self._left(key))

    def _left(self, key: tuple[UUID, int]) -> None:
        del self._going[key]
        if self._turned_away:
            self._turned_away = False
            self._room.set()

    async def demand(self, run_id: UUID, epoch: int) -> None:
        """As `start`, for the reconciler; a run for a stock worker is scheduled in Prefect again.

        Raises:
            NoRoomError: As many runs are going as may.
        """
        async with self._pool.connection() as connection:
            left = await connection.execute(_LEAVE_TO_PREFECT, (STOCK_CLAIM_SECONDS, run_id, epoch))
        if left.rowcount:
            return
        await self.start(run_id, epoch)
        if (run_id, epoch) not in self._going:
            raise NoRoomError(f"{self._capacity} runs are going, run {run_id} waits")

    async def _carry(self, run_id: UUID, epoch: int) -> None:
        """One flow process, from its start to its end."""
        try:
            process = await self._fork(ForkRequest(run_id, epoch))
        except OpsError as error:
            _log.warning("run %s: %s", run_id, error)
            return
        try:
            await self._hand_over(process, run_id, epoch)
            code = await process.ended()
        finally:
            process.close()
        if code != ExitCode.ENDED:
            _log.warning("run %s: flow process %d ended with %s", run_id, process.pid, code)
        if code is not None:
            await self._abandon(run_id, epoch, process.pid)
        if self._on_end is not None:
            await self._on_end(run_id, epoch, code)

    async def _fork(self, request: ForkRequest) -> FlowProcess:
        """A flow process; a fork server that is being started again is waited for."""
        give_up = asyncio.get_running_loop().time() + _FORK_PATIENCE_SECONDS
        while True:
            try:
                return await start_flow_process(self._forkserver, request)
            except ForkServerAwayError:
                if asyncio.get_running_loop().time() > give_up:
                    raise
            await asyncio.sleep(_FORK_PAUSE_SECONDS)

    async def _hand_over(self, process: FlowProcess, run_id: UUID, epoch: int) -> None:
        """Tell the process what it may know, once it has claimed the run."""
        opening = asyncio.create_task(self._broker.open_for(run_id, epoch))
        try:
            await process.broker.send(self._first_words)
            if await process.broker.receive() is None:
                return
            await process.broker.send((await opening).to_message())
        except (OSError, OpsError, psycopg.Error) as error:
            _log.warning("run %s: nothing handed over to process %d: %s", run_id, process.pid, error)
        finally:
            opening.cancel()
            await asyncio.gather(opening, return_exceptions=True)
            process.broker.close()

    async def _abandon(self, run_id: UUID, epoch: int, pid: int) -> None:
        try:
            async with self._pool.connection() as connection:
                await connection.execute(_ABANDONED, (run_id, epoch, owner_of(pid) + "#"))
        except psycopg.Error as error:
            _log.warning("run %s: its lease runs out by itself: %s", run_id, error)

    async def _listen(self) -> None:
        pause = 0.1
        while True:
            try:
                async with await AsyncConnection.connect(self._dsn, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {RUNS_CHANNEL}")
                    self.listening.set()
                    pause = 0.1
                    await self._take_waiting()  # announced while nobody listened
                    async for notice in connection.notifies():
                        await self._announced(notice.payload)
            except psycopg.Error as error:
                self.listening.clear()
                _log.warning("not listening for runs: %s", error)
            await asyncio.sleep(pause)
            pause = min(2.0, pause * 2)

    async def _announced(self, payload: str) -> None:
        try:
            run, epoch = payload.split()
            await self.start(UUID(run), int(epoch))
        except ValueError:
            _log.warning("an announcement that names no run: %r", payload[:100])

    async def _poll(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._room.wait(), _POLL_SECONDS)
            self._room.clear()
            try:
                await self._take_waiting()
            except psycopg.Error as error:
                _log.warning("cannot look for waiting runs: %s", error)

    async def _take_waiting(self) -> None:
        room = self._capacity - len(self._going)
        if room <= 0:
            return
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(_WAITING, (room,))).fetchall()
        for run_id, epoch in rows:
            await self.start(run_id, epoch)
