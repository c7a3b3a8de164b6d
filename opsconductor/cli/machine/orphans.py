"""What a killed part leaves behind: its children become the supervisor's, and end with it.

A flow process outlives its fork server and goes on with its run. Nobody else would end it at `down`, and
it would wait for a database that has gone.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

_PR_SET_CHILD_SUBREAPER = 36
_LOOK_SECONDS: Final = 5.0
_GRACE_SECONDS: Final = 10.0


def adopt_orphans() -> None:
    """Become the parent of what our parts leave behind (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


class Orphans:
    """Our children that no part is.

    Args:
        parts: Process ids of the parts, which others wait for.
    """

    def __init__(self, parts: Callable[[], set[int]]) -> None:
        self._parts = parts

    async def reap(self) -> None:
        """Collect those that ended, until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)  # nobody tells of the end of somebody else's child
            self._living()

    async def end(self) -> None:
        """TERM, then KILL after a grace; returns when none is left."""
        self._send(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_SECONDS):
                await self._gone()
        self._send(signal.SIGKILL)
        await self._gone()

    async def _gone(self) -> None:
        while self._living():  # noqa: ASYNC110 (as in reap)
            await asyncio.sleep(0.05)

    def _send(self, number: signal.Signals) -> None:
        for pid in self._living():
            os.kill(pid, number)  # ours, and not reaped: the id is still its own

    def _living(self) -> set[int]:
        """Those that run; those that ended are reaped."""
        return {pid for pid in _children() - self._parts() if os.waitpid(pid, os.WNOHANG) == (0, 0)}


def _children() -> set[int]:
    mine = os.getpid()
    return {int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _parent(entry) == mine}


def _parent(entry: Path) -> int | None:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None
