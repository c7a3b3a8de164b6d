"""Whether somebody who stays connected still may."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.identity.authentication import ask_again
from portal.identity.errors import NotSignedInError
from portal.identity.notices import IDENTITY_CHANNEL
from portal.kit.database import Sessions
from portal.kit.listener import Listener
from portal.runs.repository import RunRepository

RECHECK_SECONDS = 1.5
"""How long a change may go unnoticed of which no notice came, such as the end of a sign-in's time."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Why a connection is closed: a code of the range that RFC 6455 7.4.2 leaves to applications."""

    code: int
    reason: str


SIGNED_OUT = Ended(4401, "signed out: sign in again")
OUT_OF_SIGHT = Ended(4403, "this run is out of your sight now")


@dataclass(frozen=True, slots=True)
class Watch:
    """Somebody who watches a run for long."""

    sessions: Sessions
    listener: Listener
    actor: Actor
    run_id: UUID

    async def until_ended(self) -> Ended:
        """Returns when they may not watch any more: within moments of a change that is told of."""
        with self.listener.watch(IDENTITY_CHANNEL, str(self.actor.user_id)) as changed:
            while True:
                changed.clear()
                ended = await self._ended()
                if ended is not None:
                    return ended
                await changed_within(changed, RECHECK_SECONDS)

    async def _ended(self) -> Ended | None:
        standing = await ask_again(self.sessions, self.actor)
        if standing is None:
            return SIGNED_OUT
        if Permission.JOBS_VIEW in standing.permissions:
            return None
        async with self.sessions() as session:
            return None if await RunRepository(session).find(standing, self.run_id) else OUT_OF_SIGHT


async def get_standing(sessions: Sessions, actor: Actor) -> Actor:
    """The actor with what they may do by now.

    Raises:
        NotSignedInError: They are signed out.
    """
    standing = await ask_again(sessions, actor)
    if standing is None:
        raise NotSignedInError
    return standing


async def changed_within(changed: asyncio.Event, seconds: float) -> bool:
    """Whether the event came in time."""
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
    except TimeoutError:
        return False
    return True
