"""How to tell that a part does its work."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg

Probe = Callable[[], Awaitable[bool]]


def reachable(url: str) -> bool:
    """Whether a GET of the URL gives 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 (our own loopback address)
            return response.status == 200
    except (OSError, urllib.error.URLError):
        return False


def answers_http(url: str) -> Probe:
    """A GET of the URL gives 200."""

    async def probe() -> bool:
        return await asyncio.to_thread(reachable, url)

    return probe


def answers_sql(dsn: str) -> Probe:
    """PostgreSQL lets us in."""

    async def probe() -> bool:
        try:
            async with await psycopg.AsyncConnection.connect(dsn, connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    return probe


def listens(socket: Path) -> Probe:
    """Somebody listens on the unix socket."""

    async def probe() -> bool:
        try:
            _, writer = await asyncio.open_unix_connection(str(socket))
        except OSError:
            return False
        writer.close()
        return True

    return probe


def exists(path: Path) -> Probe:
    """The part has made its ready mark."""

    async def probe() -> bool:
        return await asyncio.to_thread(path.exists)

    return probe
