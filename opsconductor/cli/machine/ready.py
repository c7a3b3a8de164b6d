"""How to tell that a part does its work."""

import asyncio
import fcntl
import socket
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


def is_listened_to(path: Path) -> bool:
    """Whether somebody listens on the unix socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(2)
        try:
            connection.connect(str(path))
        except OSError:
            return False
        return True


def listens(path: Path) -> Probe:
    """Somebody listens on the unix socket."""

    async def probe() -> bool:
        return await asyncio.to_thread(is_listened_to, path)

    return probe


def is_held(mark: Path) -> bool:
    """Whether somebody holds the lock of a ready mark; a mark that outlived its part says nothing."""
    try:
        with mark.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def holds(mark: Path) -> Probe:
    """The part holds its ready mark."""

    async def probe() -> bool:
        return await asyncio.to_thread(is_held, mark)

    return probe
