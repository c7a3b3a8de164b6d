"""HTTP surface of users."""

from typing import Any
from uuid import UUID

from portal.audit.log import AuditDep
from portal.identity.deps import IdentityDep
from portal.identity.schemas import SessionRead, SignedOutRead, UserRead
from portal.kit.pages import Page, PageDep
from portal.kit.problems import problems
from portal.kit.routing import Router

from . import service, signing_out
from .deps import FilterDep, MayManage, MayManageInPerson, UsersDep
from .schemas import PasswordReset, PasswordResetRead, UserCreate, UserCreated, UserUpdate

router = Router(prefix="/users", tags=["users"])


@router.get("", response_model=Page[UserRead], responses=problems())
async def list_users(actor: MayManage, users: UsersDep, wanted: FilterDep, page: PageDep) -> dict[str, Any]:
    """Users, a page at a time."""
    return await service.list_users(users, actor, wanted, page)


@router.post("", status_code=201, responses=problems(409))
async def create_user(body: UserCreate, actor: MayManage, users: UsersDep, audit: AuditDep) -> UserCreated:
    """Add a user. Nobody can give a role that holds more than their own."""
    return await service.create(users, audit, actor, body)


@router.get("/{user_id}", responses=problems(404))
async def read_user(user_id: UUID, actor: MayManage, users: UsersDep) -> UserRead:
    """One user."""
    return await service.get(users, actor, user_id)


@router.patch("/{user_id}", responses=problems(404, 409))
async def update_user(
    user_id: UUID, body: UserUpdate, actor: MayManage, users: UsersDep, identity: IdentityDep, audit: AuditDep
) -> UserRead:
    """Change a user, disable them or let them in again; what is absent stays. It binds with their next request."""
    return await service.update(users, identity, audit, actor, user_id, body)


@router.delete("/{user_id}", status_code=204, responses=problems(404, 409))
async def delete_user(user_id: UUID, actor: MayManage, users: UsersDep, identity: IdentityDep, audit: AuditDep) -> None:
    """Remove a user for good; the audit log keeps what they did."""
    await service.delete(users, identity, audit, actor, user_id)


@router.post("/{user_id}/reset-password", responses=problems(404))
async def reset_password(
    user_id: UUID,
    body: PasswordReset,
    actor: MayManageInPerson,
    users: UsersDep,
    identity: IdentityDep,
    audit: AuditDep,
) -> PasswordResetRead:
    """Give a user a password that they have to change; all of their sign-ins end."""
    return await service.reset_password(users, identity, audit, actor, user_id, body)


@router.get("/{user_id}/sessions", response_model=Page[SessionRead], responses=problems(404))
async def list_sessions(
    user_id: UUID, actor: MayManage, users: UsersDep, identity: IdentityDep, page: PageDep
) -> dict[str, Any]:
    """A user's sign-ins that still hold, the newest first."""
    return await signing_out.list_sessions(users, identity, actor, user_id, page)


@router.delete("/{user_id}/sessions", responses=problems(404))
async def revoke_sessions(
    user_id: UUID, actor: MayManage, users: UsersDep, identity: IdentityDep, audit: AuditDep
) -> SignedOutRead:
    """End all sign-ins of a user."""
    return await signing_out.revoke_sessions(users, identity, audit, actor, user_id)


@router.delete("/{user_id}/sessions/{session_id}", status_code=204, responses=problems(404))
async def revoke_session(
    user_id: UUID, session_id: UUID, actor: MayManage, users: UsersDep, identity: IdentityDep, audit: AuditDep
) -> None:
    """End one sign-in of a user."""
    await signing_out.revoke_session(users, identity, audit, actor, user_id, session_id)
