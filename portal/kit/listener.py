"""Notices of PostgreSQL: one listening connection a process, fanned out in memory."""

import asyncio
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
import structlog
from psycopg import AsyncConnection, sql

_log = structlog.stdlib.get_logger("portal.listener")
ANY: Final = "*"


class Listener:
    """Hears what is told on some channels and wakes those who wait for it.

    A notice is only a call to look: whoever is woken reads the database from where they were. So after a
    lost connection everybody is woken, and nothing is missed.

    Args:
        dsn: Our database.
        channels: What to hear.
    """

    def __init__(self, dsn: str, channels: tuple[str, ...]) -> None:
        self._dsn = dsn
        self._channels = channels
        self._waiting: defaultdict[tuple[str, str], set[asyncio.Event]] = defaultdict(set)
        self.listening = asyncio.Event()

    @contextmanager
    def watch(self, channel: str, key: str = ANY) -> Generator[asyncio.Event]:
        """An event that is set whenever the channel says something about the key: the notice's first word."""
        event = asyncio.Event()
        watchers = self._waiting[channel, key]
        watchers.add(event)
        try:
            yield event
        finally:
            watchers.discard(event)
            if not watchers:
                self._waiting.pop((channel, key), None)

    async def run(self) -> None:
        """Listen until cancelled."""
        pause = 0.1
        while True:
            try:
                async with await AsyncConnection.connect(self._dsn, autocommit=True) as connection:
                    pause = 0.1
                    await self._hear(connection)
            except psycopg.Error as error:
                _log.warning("listener.lost", error=str(error))
            finally:
                self.listening.clear()
            await asyncio.sleep(pause)
            pause = min(2.0, pause * 2)

    async def _hear(self, connection: AsyncConnection[Any]) -> None:
        for channel in self._channels:
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        self.listening.set()
        self._wake_all()
        async for notice in connection.notifies():
            key = notice.payload.split(" ", 1)[0]
            for event in self._concerned(notice.channel, key):
                event.set()

    def _concerned(self, channel: str, key: str) -> list[asyncio.Event]:
        """Who waits for this key or for any; a notice of the key `*` concerns everybody on the channel."""
        if key == ANY:
            found = [events for (heard, _), events in self._waiting.items() if heard == channel]
        else:
            found = [self._waiting.get((channel, wanted), set[asyncio.Event]()) for wanted in (key, ANY)]
        return [event for events in found for event in events]

    def _wake_all(self) -> None:
        for events in self._waiting.values():
            for event in events:
                event.set()
