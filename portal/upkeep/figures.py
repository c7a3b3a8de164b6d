"""Figures are kept from the runs that ended."""

from flows.compiler import ActionCatalogue
from portal.health.counting import count_ended_runs
from portal.kit.database import Sessions


async def count_runs(sessions: Sessions, actions: ActionCatalogue) -> bool:
    """Count the runs that ended, a few in a transaction."""
    left = True
    while left:
        async with sessions() as session, session.begin():
            left = await count_ended_runs(session, actions)
    return False
