"""Sign-ins and tokens that ended long ago are forgotten; the audit log remembers them."""

from datetime import timedelta

from portal.api_tokens.repository import ApiTokenRepository
from portal.identity.repository import IdentityRepository
from portal.kit.database import Sessions
from portal.kit.ids import now

_KEPT = timedelta(days=7)
_TOKENS_KEPT = timedelta(days=30)
"""So that the owner of a program that stopped can still see why."""


async def forget_sessions(sessions: Sessions) -> bool:
    """Remove them."""
    async with sessions() as session, session.begin():
        await IdentityRepository(session).forget_expired(now() - _KEPT)
        await ApiTokenRepository(session).forget_expired(now() - _TOKENS_KEPT)
    return False
