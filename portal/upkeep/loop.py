"""What the portal does on its own, after the commit of what asked for it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from sqlalchemy.exc import SQLAlchemyError

from opsconductor.errors import OpsError

_log = structlog.stdlib.get_logger("portal.upkeep")
Chore = Callable[[], Awaitable[bool]]
"""Does what is to be done; says whether something is left that has to wait for another part."""

_RETRY_SECONDS = 5.0


async def keep_up(
    name: str, chore: Chore, wanted: Sequence[asyncio.Event], *, every_seconds: float, pause_seconds: float
) -> None:
    """Do a chore whenever it is asked for, and from time to time, until cancelled.

    Every chore looks at what is, not at what was said, so one that failed is simply done again.

    Args:
        name: What the log calls it.
        chore: What to do.
        wanted: Any of them set asks for it.
        every_seconds: How often it is done unasked.
        pause_seconds: How long after one time the next one may begin.
    """
    while True:
        for event in wanted:
            event.clear()
        wait = every_seconds
        try:
            if await chore():
                wait = min(every_seconds, _RETRY_SECONDS)
        except (OpsError, SQLAlchemyError, OSError) as error:
            _log.warning("upkeep.failed", chore=name, error=str(error))
            wait = min(every_seconds, _RETRY_SECONDS)
        except Exception:  # an edge of the app: one chore that breaks must not end the others
            _log.exception("upkeep.broke", chore=name)
            wait = every_seconds
        await asyncio.sleep(pause_seconds)
        await _any_set(wanted, wait)


async def _any_set(events: Sequence[asyncio.Event], seconds: float) -> None:
    if not events:
        await asyncio.sleep(seconds)
        return
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
