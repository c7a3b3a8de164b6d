"""Use of sign-ins is written down; sign-ins and tokens that ended long ago are forgotten: the audit log remembers."""

from datetime import timedelta

from portal.api_tokens.repository import ApiTokenRepository
from portal.identity.repository import IdentityRepository
from portal.identity.throttle import forget_failures
from portal.identity.use import SessionUse
from portal.kit.database import Sessions
from portal.kit.ids import now
from portal.second_factor.repository import SecondFactorRepository
from portal.sso.repository import SsoRepository

_KEPT = timedelta(days=7)
_TOKENS_KEPT = timedelta(days=30)
"""So that the owner of a program that stopped can still see why."""


async def forget_sessions(sessions: Sessions) -> bool:
    """Remove them."""
    async with sessions() as session, session.begin():
        await IdentityRepository(session).forget_expired(now() - _KEPT)
        await SecondFactorRepository(session).forget_expired()
        await SsoRepository(session).forget_expired()
        await ApiTokenRepository(session).forget_expired(now() - _TOKENS_KEPT)
        await forget_failures(session)
    return False


async def write_session_use(sessions: Sessions, use: SessionUse) -> bool:
    """Write down which sign-ins were used since the last time."""
    pending = use.pending()
    if pending:
        async with sessions() as session, session.begin():
            await IdentityRepository(session).write_use(pending, use.idle)
        use.written(pending)
    return False
