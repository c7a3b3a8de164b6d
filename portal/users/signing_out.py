"""Sign-ins of other users: looked at and ended by those who manage them."""

from typing import Any
from uuid import UUID

from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.identity import sessions
from portal.identity.repository import IdentityRepository
from portal.identity.schemas import SignedOutRead
from portal.kit.pages import PageParams

from .repository import UserRepository
from .service import get_lesser_user, get_user


async def list_sessions(
    users: UserRepository, identity: IdentityRepository, actor: Actor, user_id: UUID, page: PageParams
) -> dict[str, Any]:
    """One page of a user's sign-ins that still hold."""
    await get_user(users, actor, user_id)
    return await sessions.list_sessions(identity, actor, user_id, page)


async def revoke_sessions(
    users: UserRepository, identity: IdentityRepository, audit: AuditLog, actor: Actor, user_id: UUID
) -> SignedOutRead:
    """End all sign-ins of a user."""
    await get_lesser_user(users, actor, user_id)
    return await sessions.revoke_sessions(identity, audit, actor, user_id, keep_current=False)


async def revoke_session(
    users: UserRepository,
    identity: IdentityRepository,
    audit: AuditLog,
    actor: Actor,
    user_id: UUID,
    session_id: UUID,
) -> None:
    """End one sign-in of a user."""
    await get_lesser_user(users, actor, user_id)
    await sessions.revoke_session(identity, audit, actor, user_id, session_id)
