"""Figures are kept from the runs that ended."""

import asyncio
from typing import Final

from flows.compiler import ActionCatalogue
from portal.health.counting import count_ended_runs
from portal.kit.database import Sessions

_PAUSE_SECONDS: Final = 0.1
"""After an upgrade there may be a hundred thousand runs to count; whoever asks for a page goes first."""


async def count_runs(sessions: Sessions, actions: ActionCatalogue) -> bool:
    """Count the runs that ended, a few in a transaction."""
    left = True
    while left:
        async with sessions() as session, session.begin():
            left = await count_ended_runs(session, actions)
        if left:
            await asyncio.sleep(_PAUSE_SECONDS)
    return False
