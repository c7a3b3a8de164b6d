"""Looking at sign-ins, and ending them."""

from typing import Any
from uuid import UUID

from opsconductor.errors import NotFoundError
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.kit.pages import PageParams, paged

from .models import Session
from .repository import IdentityRepository
from .schemas import SessionRead, SignedOutRead


async def list_sessions(identity: IdentityRepository, actor: Actor, user_id: UUID, page: PageParams) -> dict[str, Any]:
    """One page of a user's sign-ins that still hold, the newest first."""
    return paged(await identity.list_sessions(user_id, page), lambda session: _read(session, actor))


async def revoke_session(
    identity: IdentityRepository, audit: AuditLog, actor: Actor, user_id: UUID, session_id: UUID
) -> None:
    """End one sign-in of a user."""
    if not await identity.revoke(session_id, user_id):
        raise NotFoundError("sign-in", session_id)
    audit.record(actor, "session.revoked", "session", session_id, user_id=str(user_id))


async def revoke_sessions(
    identity: IdentityRepository, audit: AuditLog, actor: Actor, user_id: UUID, *, keep_current: bool
) -> SignedOutRead:
    """End all sign-ins of a user, this one perhaps excepted."""
    ended = await identity.revoke_all(user_id, but=actor.session_id if keep_current else None)
    audit.record(actor, "user.signed_out", "user", user_id, ended=ended, kept_current=keep_current)
    return SignedOutRead(ended=ended)


def _read(session: Session, actor: Actor) -> SessionRead:
    read = SessionRead.model_validate(session)
    read.current = session.id == actor.session_id
    return read
