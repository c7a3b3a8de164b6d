"""What is told when somebody's rights, activity or sign-ins change."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from portal.kit.listener import ANY
from portal.kit.wakeup import notify

IDENTITY_CHANNEL = "opsconductor_identity"
"""Its notices begin with the user's key, or `*` for everybody: who holds an actor of theirs for long asks again."""


async def tell_identities_changed(session: AsyncSession) -> None:
    """The same for anybody's: a role that many may have has changed."""
    await notify(session, IDENTITY_CHANNEL, ANY)


async def tell_identity_changed(session: AsyncSession, user_id: UUID) -> None:
    """Tell every portal, when and if this transaction commits."""
    await notify(session, IDENTITY_CHANNEL, str(user_id))
