"""What can be done to roles."""

from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from opsconductor.errors import InvalidInputError, NotFoundError, Problem
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.giving import check_within
from portal.authz.models import Role
from portal.authz.permissions import CONFERRED, DESCRIPTIONS, held_by
from portal.kit.ids import now
from portal.kit.pages import PageParams, paged
from portal.settings import Settings

from .errors import BuiltInRoleError, RoleInUseError, RoleNamedError, RoleNameTakenError
from .repository import RoleRepository
from .schemas import PermissionRead, RoleCreate, RoleRead, RoleUpdate


def list_permissions() -> list[PermissionRead]:
    """Everything that can be permitted."""
    return [
        PermissionRead(name=name, description=text, places=[kind for kind, given in CONFERRED.items() if name in given])
        for name, text in DESCRIPTIONS.items()
    ]


async def list_roles(roles: RoleRepository, page: PageParams, q: str | None, sort: str) -> dict[str, Any]:
    """One page of roles."""
    found = await roles.list_page(page, q=q, sort=sort)
    ids = [role.id for role in found.items]
    users, grants = await roles.count_users(ids), await roles.count_grants(ids)
    return paged(found, lambda role: _read(role, users.get(role.id, 0), grants.get(role.id, 0)))


async def create(roles: RoleRepository, audit: AuditLog, actor: Actor, body: RoleCreate) -> RoleRead:
    """Make a role of permissions that the actor holds."""
    check_within(actor, body.permissions, f"role {body.name}")
    role = Role(name=body.name, description=body.description, permissions=list(map(str, body.permissions)))
    roles.add(role)
    await _flush(roles, body.name)
    audit.record(actor, "role.created", "role", role.id, after=_facts(role))
    return _read(role, 0, 0)


async def get(roles: RoleRepository, role_id: UUID) -> RoleRead:
    """One role."""
    return await _read_counted(roles, await _get(roles, role_id))


async def update(
    roles: RoleRepository, settings: Settings, audit: AuditLog, actor: Actor, role_id: UUID, body: RoleUpdate
) -> RoleRead:
    """Change a role; whoever has it is bound at once. What is added to it, the actor must hold.

    Raises:
        RoleNamedError: It would get another name, and settings say the one it has.
    """
    role = await _get_own(roles, role_id)
    changes = body.model_dump(mode="json", exclude_unset=True)
    nulls = [name for name, value in changes.items() if value is None]
    if nulls:
        raise InvalidInputError([Problem(name, "must not be null; leave it out to keep it") for name in nulls])
    if body.permissions is not None:
        added = frozenset(body.permissions) - held_by(role.name, role.permissions, built_in=False)
        check_within(actor, added, f"role {role.name}")
    if body.name is not None and body.name.lower() != role.name.lower():
        _check_unnamed(settings, role)
    before = _facts(role)
    for name, value in changes.items():
        setattr(role, name, value)
    role.updated_at = now()
    await _flush(roles, role.name)
    await roles.tell_changed()
    audit.record(actor, "role.updated", "role", role.id, before=before, after=_facts(role))
    return await _read_counted(roles, role)


async def delete(roles: RoleRepository, audit: AuditLog, actor: Actor, role_id: UUID) -> None:
    """Remove a role that nobody has."""
    role = await _get_own(roles, role_id)
    name, facts = role.name, _facts(role)
    read = await _read_counted(roles, role)
    if read.users or read.grants:
        raise RoleInUseError(name, read.users, read.grants)
    await roles.delete(role)
    try:
        await roles.flush()
    except IntegrityError as error:  # somebody was given it meanwhile
        raise RoleInUseError(name, 1, 0) from error
    audit.record(actor, "role.deleted", "role", role_id, before=facts)


def _check_unnamed(settings: Settings, role: Role) -> None:
    named = settings.naming_role(role.name)
    if named:
        raise RoleNamedError(role.name, named)


async def _get(roles: RoleRepository, role_id: UUID, *, lock: bool = False) -> Role:
    role = await roles.find(role_id, lock=lock)
    if role is None:
        raise NotFoundError("role", role_id)
    return role


async def _get_own(roles: RoleRepository, role_id: UUID) -> Role:
    """A role that can be changed, locked."""
    role = await _get(roles, role_id, lock=True)
    if role.built_in:
        raise BuiltInRoleError(role.name)
    return role


async def _read_counted(roles: RoleRepository, role: Role) -> RoleRead:
    users, grants = await roles.count_users([role.id]), await roles.count_grants([role.id])
    return _read(role, users.get(role.id, 0), grants.get(role.id, 0))


def _read(role: Role, users: int, grants: int) -> RoleRead:
    held = sorted(held_by(role.name, role.permissions, built_in=role.built_in))
    facts = role.model_dump(exclude={"permissions"})
    return RoleRead(**facts, permissions=list(map(str, held)), users=users, grants=grants)


def _facts(role: Role) -> dict[str, Any]:
    return role.model_dump(mode="json", include={"name", "description", "permissions"})


async def _flush(roles: RoleRepository, name: str) -> None:
    try:
        await roles.flush()
    except IntegrityError as error:
        if "roles_name_key" in str(error.orig):
            raise RoleNameTakenError(name) from error
        raise
