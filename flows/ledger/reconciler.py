"""Brings runs back that nobody works on: one reconciler at a time, wherever it lives."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection

from .takeover import Stray, end_cancelled, find_strays, give_up, keep_free, take_over

LOCK: Final = 7_310_014_301
"""Advisory lock of the one reconciler that works."""

Dispatch = Callable[[UUID, int], Awaitable[None]]
"""Starts an engine for a run in an epoch; may fail, and is then asked again."""

_log = structlog.get_logger(__name__)


class Reconciler:
    """Takes over runs whose engine is gone or never came, and has the next engine started.

    Args:
        dsn: Where the record is.
        dispatch: Starts the next engine.
        interval_seconds: Between two looks at the record.
        grace_seconds: How long after a start of the database server leases are not judged.
        dispatch_timeout_seconds: After which a dispatch has failed.
    """

    def __init__(
        self,
        dsn: str,
        dispatch: Dispatch,
        *,
        interval_seconds: float = 2,
        grace_seconds: float = 10,
        dispatch_timeout_seconds: float = 30,
    ) -> None:
        self._dsn = dsn
        self._dispatch = dispatch
        self._interval_seconds = interval_seconds
        self._grace_seconds = grace_seconds
        self._dispatch_timeout_seconds = dispatch_timeout_seconds
        self._undelivered: dict[UUID, int] = {}

    async def run(self) -> None:
        """Work until cancelled; while another reconciler works or the database is away, wait."""
        while True:
            try:
                async with await AsyncConnection.connect(self._dsn, autocommit=True) as connection:
                    await self._work(connection)
            except psycopg.OperationalError as error:
                _log.warning("reconciler.database_away", error=str(error))
            await asyncio.sleep(self._interval_seconds)

    async def _work(self, connection: AsyncConnection[Any]) -> None:
        while True:
            row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,))).fetchone()
            if row is not None and row[0]:
                break
            await asyncio.sleep(self._interval_seconds)
        while True:
            await self.reconcile(connection)
            await asyncio.sleep(self._interval_seconds)

    async def reconcile(self, connection: AsyncConnection[Any]) -> None:
        """Look once: settle every stray run, and start the engines that are due."""
        waiting = self._undelivered.items()
        due = {run_id: epoch for run_id, epoch in waiting if await keep_free(connection, run_id, epoch)}
        for stray in await find_strays(connection, grace_seconds=self._grace_seconds):
            epoch = await self._settle(connection, stray)
            if epoch is not None:
                due[stray.run_id] = epoch
        self._undelivered = {}
        await asyncio.gather(*(self._deliver(run_id, epoch) for run_id, epoch in due.items()))

    async def _settle(self, connection: AsyncConnection[Any], stray: Stray) -> int | None:
        if stray.cancelled and stray.owner is None and not stray.begun:
            if await end_cancelled(connection, stray):
                _log.info("run.cancelled_unclaimed", run_id=str(stray.run_id))
            return None
        epoch = await take_over(connection, stray)
        if epoch is not None:
            _log.info("run.taken_over", run_id=str(stray.run_id), epoch=epoch, reason=stray.reason)
        elif stray.reason == "lease expired" and await give_up(connection, stray):
            _log.error("run.given_up", run_id=str(stray.run_id))
        return epoch

    async def _deliver(self, run_id: UUID, epoch: int) -> None:
        try:
            async with asyncio.timeout(self._dispatch_timeout_seconds):
                await self._dispatch(run_id, epoch)
        except Exception as error:  # whatever the other side says: this run is asked for again
            self._undelivered[run_id] = epoch
            _log.warning("run.not_dispatched", run_id=str(run_id), epoch=epoch, error=repr(error))
