"""Sign-ins that ended long ago are forgotten; the audit log remembers them."""

from datetime import timedelta

from portal.identity.repository import IdentityRepository
from portal.kit.database import Sessions
from portal.kit.ids import now

_KEPT = timedelta(days=7)


async def forget_sessions(sessions: Sessions) -> bool:
    """Remove them."""
    async with sessions() as session, session.begin():
        await IdentityRepository(session).forget_expired(now() - _KEPT)
    return False
