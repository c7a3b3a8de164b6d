"""What can be done to users."""

from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from opsconductor.errors import InvalidInputError, NotFoundError, Problem
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.giving import check_within
from portal.authz.models import Role
from portal.authz.permissions import Permission, held_by
from portal.authz.reach import check_everywhere
from portal.identity.models import User
from portal.identity.passwords import check_password, hash_password, one_time_password
from portal.identity.repository import IdentityRepository
from portal.identity.schemas import UserRead
from portal.identity.service import read_user
from portal.kit.ids import now
from portal.kit.pages import PageParams, paged

from .errors import UsernameTakenError
from .repository import UserFilter, UserRepository
from .rights import check_above, check_admin_left
from .schemas import PasswordReset, PasswordResetRead, UserCreate, UserCreated, UserUpdate


async def list_users(users: UserRepository, actor: Actor, wanted: UserFilter, page: PageParams) -> dict[str, Any]:
    """One page of users."""
    check_everywhere(actor, Permission.USERS_MANAGE)
    found = await users.list_page(actor, wanted, page)
    roles = await users.role_names(found.items)
    return paged(found, lambda user: read_user(user, roles[user.role_id]))


async def get(users: UserRepository, actor: Actor, user_id: UUID) -> UserRead:
    """One user."""
    return await _read(users, await get_user(users, actor, user_id))


async def create(users: UserRepository, audit: AuditLog, actor: Actor, body: UserCreate) -> UserCreated:
    """Add a user, with the password of the request or one that is made."""
    check_everywhere(actor, Permission.USERS_MANAGE)
    role = await _role_to_give(users, actor, body.role)
    made = one_time_password() if body.password is None else None
    password = made or (body.password.get_secret_value() if body.password else "")
    if made is None:
        await check_password("password", password, body.username, [body.email, body.first_name, body.last_name])
    facts = body.model_dump(exclude={"password", "role"})
    if made is not None:
        facts["must_change_password"] = True
    user = User(**facts, role_id=role.id, password_hash=await hash_password(password))
    users.add(user)
    await _flush(users, user.username)
    audit.record(actor, "user.created", "user", user.id, after={**facts, "role": role.name})
    return UserCreated(**read_user(user, role.name).model_dump(), one_time_password=made)


async def update(
    users: UserRepository, identity: IdentityRepository, audit: AuditLog, actor: Actor, user_id: UUID, body: UserUpdate
) -> UserRead:
    """Change a user; what is absent stays. It binds with their next request."""
    changes = body.model_dump(exclude_unset=True)
    refuse_nulls(changes)
    user = await _get_to_change(users, actor, user_id, lasting="role" not in changes and "active" not in changes)
    before = (await _read(users, user)).model_dump(mode="json", include=set(changes))
    if "role" in changes:
        await _give_role(users, actor, user, changes.pop("role"))
    if changes.get("active") is False and user.active:
        await check_admin_left(users, user)
    change(user, changes)
    await _flush(users, user.username)
    if body.active is False:
        await identity.revoke_all(user.id)
    await identity.tell_changed(user.id)
    read = await _read(users, user)
    _record_update(audit, actor, user, before, read.model_dump(mode="json", include=set(before)))
    return read


async def delete(
    users: UserRepository, identity: IdentityRepository, audit: AuditLog, actor: Actor, user_id: UUID
) -> None:
    """Remove a user for good; the audit log keeps what they did."""
    user = await _get_to_change(users, actor, user_id, lasting=False)
    await check_admin_left(users, user)
    before = (await _read(users, user)).model_dump(mode="json")
    await users.delete(user)
    await identity.tell_changed(user.id)
    audit.record(actor, "user.deleted", "user", user.id, before=before)


async def reset_password(
    users: UserRepository,
    identity: IdentityRepository,
    audit: AuditLog,
    actor: Actor,
    user_id: UUID,
    body: PasswordReset,
) -> PasswordResetRead:
    """Give a user a password that they have to change; all of their sign-ins end."""
    user = await _get_to_change(users, actor, user_id)
    made = one_time_password() if body.password is None else None
    password = made or (body.password.get_secret_value() if body.password else "")
    if made is None:
        await check_password("password", password, user.username, [user.email, user.first_name, user.last_name])
    change(user, {"password_hash": await hash_password(password), "must_change_password": True})
    ended = await identity.revoke_all(user.id)
    audit.record(actor, "user.password_reset", "user", user.id, signed_out=ended)
    return PasswordResetRead(one_time_password=made)


async def get_user(users: UserRepository, actor: Actor, user_id: UUID) -> User:
    """The user, for those who may see them.

    Raises:
        PermissionDeniedError: The actor manages nobody.
        NotFoundError: There is no such user.
    """
    check_everywhere(actor, Permission.USERS_MANAGE)
    user = await users.find(actor, user_id)
    if user is None:
        raise NotFoundError("user", user_id)
    return user


async def get_lesser_user(users: UserRepository, actor: Actor, user_id: UUID) -> User:
    """The same, if they may not do more than the actor.

    Raises:
        PermissionDeniedError: They may, or the actor manages nobody.
        NotFoundError: There is no such user.
    """
    user = await get_user(users, actor, user_id)
    await check_above(users, actor, user)
    return user


async def _get_to_change(users: UserRepository, actor: Actor, user_id: UUID, *, lasting: bool = True) -> User:
    """The user, locked. The admins are locked first where one may be lost, so that two changes never wait in a ring."""
    await get_user(users, actor, user_id)
    if not lasting:
        await users.lock_admins()
    user = await users.find(actor, user_id, lock=True)
    if user is None:
        raise NotFoundError("user", user_id)
    await check_above(users, actor, user)
    return user


async def _give_role(users: UserRepository, actor: Actor, user: User, name: str) -> None:
    role = await _role_to_give(users, actor, name)
    if role.id != user.role_id:
        await check_admin_left(users, user)
    user.role_id = role.id


async def _role_to_give(users: UserRepository, actor: Actor, name: str) -> Role:
    role = await users.find_role(name)
    if role is None:
        raise InvalidInputError([Problem("role", "there is no role of this name", "see opsconductor role list")])
    held = held_by(role.name, role.permissions, built_in=role.built_in)
    check_within(actor, held, f"giving somebody the role {role.name}")
    return role


def change(user: User, changes: dict[str, Any]) -> None:
    """Set fields of a user."""
    for name, value in changes.items():
        setattr(user, name, value)
    user.updated_at = now()


def refuse_nulls(changes: dict[str, Any]) -> None:
    """Refuse a change to nothing.

    Raises:
        InvalidInputError: Names the fields.
    """
    nulls = [name for name, value in changes.items() if value is None]
    if nulls:
        raise InvalidInputError([Problem(name, "must not be null; leave it out to keep it") for name in nulls])


def _record_update(audit: AuditLog, actor: Actor, user: User, before: dict[str, Any], after: dict[str, Any]) -> None:
    """One event for coming and going, one for everything else."""
    was, active = before.pop("active", None), after.pop("active", None)
    if was != active:
        audit.record(actor, "user.enabled" if active else "user.disabled", "user", user.id, username=user.username)
    if before != after:
        audit.record(actor, "user.updated", "user", user.id, before=before, after=after)


async def _read(users: UserRepository, user: User) -> UserRead:
    return read_user(user, (await users.role_names([user]))[user.role_id])


async def _flush(users: UserRepository, username: str) -> None:
    try:
        await users.flush()
    except IntegrityError as error:
        if "users_username_key" in str(error.orig):
            raise UsernameTakenError(username) from error
        raise
