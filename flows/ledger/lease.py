"""The lease of an engine on its run, and what people say to the run meanwhile."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import psycopg
from psycopg import AsyncConnection

from .pair import PairKey
from .record import read_decisions
from .statements import Claimed

LEASE_SECONDS: Final = 20
RENEWAL_SECONDS: Final = 5
COMMANDS_CHANNEL: Final = "opsconductor_commands"

_RENEW: Final = """
UPDATE job_runs SET lease_until = now() + make_interval(secs => %s)
WHERE id = %s AND epoch = %s AND owner = %s AND status = 'running'
RETURNING cancel_requested_at IS NOT NULL
"""

_RELEASE: Final = """
UPDATE job_runs SET lease_until = now() WHERE id = %s AND epoch = %s AND owner = %s AND status = 'running'
"""


class Lease:
    """Renews a claim every RENEWAL_SECONDS and hears commands, over one connection of its own.

    A command is only a call to look: cancel and decisions are read with every renewal, so none is missed
    while the database is away.

    Attributes:
        cancelled: Set once somebody asked for the run to stop.
        decisions: Decisions so far; grows while the run lasts.
        decided: Set when `decisions` grew; the reader clears it.
    """

    def __init__(self, dsn: str, claimed: Claimed, owner: str, *, lost: Callable[[], None]) -> None:
        self._dsn = dsn
        self._claimed = claimed
        self._owner = owner
        self._lost = lost
        self.cancelled = asyncio.Event()
        self.decisions: dict[PairKey, str] = {}
        self.decided = asyncio.Event()
        self._task = asyncio.create_task(self._hold(), name=f"ledger lease {claimed.run_id}")

    async def stop_renewing(self) -> None:
        """Let the lease run its time: what ends the run must not look like a loss of it."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def release(self) -> None:
        """Stop renewing, and let the next engine in at once unless the run has ended."""
        await self.stop_renewing()
        try:
            async with asyncio.timeout(RENEWAL_SECONDS), await AsyncConnection.connect(self._dsn) as connection:
                await connection.execute(_RELEASE, (*self._claimed, self._owner))
        except (psycopg.Error, TimeoutError):
            return  # the lease runs out by itself

    async def _hold(self) -> None:
        pause = 0.1
        while True:
            try:
                async with await AsyncConnection.connect(self._dsn, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {COMMANDS_CHANNEL}")
                    pause = 0.1
                    while await self._renew(connection):
                        await self._listen(connection)
                break
            except psycopg.OperationalError:
                await asyncio.sleep(pause)
                pause = min(2.0, pause * 2)
        self._lost()

    async def _renew(self, connection: AsyncConnection[Any]) -> bool:
        query = await connection.execute(_RENEW, (LEASE_SECONDS, *self._claimed, self._owner))
        row = await query.fetchone()
        if row is None:
            return False
        if row[0]:
            self.cancelled.set()
        decisions = await read_decisions(connection, self._claimed.run_id)
        if len(decisions) > len(self.decisions):
            self.decisions.update(decisions)
            self.decided.set()
        return True

    async def _listen(self, connection: AsyncConnection[Any]) -> None:
        deadline = asyncio.get_running_loop().time() + RENEWAL_SECONDS
        while (left := deadline - asyncio.get_running_loop().time()) > 0:
            async for notice in connection.notifies(timeout=left, stop_after=1):
                if notice.payload == str(self._claimed.run_id):
                    return
