"""The worker says from time to time that it is there, and how much it has to do."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from typing import Any, Final, LiteralString

import psycopg
from psycopg_pool import AsyncConnectionPool

SEEN_SECONDS: Final = 15.0
_FORGOTTEN_SECONDS: Final = 86_400
_log = logging.getLogger(__name__)

_SEEN: Final[LiteralString] = """
INSERT INTO workers (name, seen_at, going, capacity) VALUES (%s, now(), %s, %s)
ON CONFLICT (name) DO UPDATE SET seen_at = now(), going = excluded.going, capacity = excluded.capacity
"""
_FORGET: Final[LiteralString] = "DELETE FROM workers WHERE seen_at < now() - make_interval(secs => %s)"
_LEFT: Final[LiteralString] = "DELETE FROM workers WHERE name = %s"


async def stay_seen(pool: AsyncConnectionPool[Any], going: Callable[[], int], capacity: int) -> None:
    """Be seen until cancelled; then be gone, not lost.

    Args:
        pool: Our database, as the service role.
        going: How many runs this worker has going now.
        capacity: How many it may have.
    """
    name = f"{socket.gethostname()}:{os.getpid()}"
    try:
        while True:
            try:
                async with pool.connection() as connection:
                    await connection.execute(_SEEN, (name, going(), capacity))
                    await connection.execute(_FORGET, (_FORGOTTEN_SECONDS,))
            except psycopg.Error as error:
                _log.warning("cannot say that this worker is there: %s", error)
            await asyncio.sleep(SEEN_SECONDS)
    finally:
        await _leave(pool, name)


async def _leave(pool: AsyncConnectionPool[Any], name: str) -> None:
    try:
        async with pool.connection(timeout=1.0) as connection:
            await connection.execute(_LEFT, (name,))
    except psycopg.Error as error:
        _log.info("this worker is forgotten by itself: %s", error)
