"""Calls through PostgreSQL: heard after the commit, by every process that listens."""

from typing import Annotated

from fastapi import Depends
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from .database import SessionDep

UPKEEP_CHANNEL = "opsconductor_upkeep"


async def notify(session: AsyncSession, channel: str, payload: str = "") -> None:
    """Tell the listeners of a channel, when and if this transaction commits."""
    await session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload})


class Wakeup:
    """Tells the portal's upkeep that something waits for it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def send(self) -> None:
        """Wake the upkeep once this transaction has committed."""
        await notify(self._session, UPKEEP_CHANNEL)


def get_wakeup(session: SessionDep) -> Wakeup:
    """Wakes the upkeep."""
    return Wakeup(session)


WakeupDep = Annotated[Wakeup, Depends(get_wakeup)]
