"""What can be done to grants."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from opsconductor.errors import InvalidInputError, NotFoundError, Problem
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.giving import check_within_place
from portal.authz.models import Role, RoleGrant
from portal.authz.permissions import CONFERRED, PlaceKind, held_by
from portal.identity.models import User
from portal.kit.pages import PageParams, paged

from .errors import GrantExistsError
from .places import Place, Places
from .repository import GrantFilter, GrantRepository
from .schemas import GrantCreate, GrantRead


async def list_grants(grants: GrantRepository, places: Places, wanted: GrantFilter, page: PageParams) -> dict[str, Any]:
    """One page of grants."""
    found = await grants.list_page(wanted, page)
    users, roles = await grants.usernames(found.items), await grants.role_names(found.items)
    names = await places.names(found.items)
    return paged(found, lambda row: _read(row, users[row.user_id], roles[row.role_id], names.get(row.place)))


async def create(
    grants: GrantRepository, places: Places, audit: AuditLog, actor: Actor, body: GrantCreate
) -> GrantRead:
    """Give a user a role in one place; the actor must hold there what it gives."""
    user, role, place = await _named(grants, places, actor, body)
    given = held_by(role.name, role.permissions, built_in=role.built_in) & CONFERRED[body.kind]
    if not given:
        hint = f"permissions that hold in a {body.kind}: {', '.join(sorted(CONFERRED[body.kind]))}"
        raise InvalidInputError([Problem("role", f"gives nothing in a {body.kind}", hint)])
    held_for = place.name if body.kind == "target_group" else place.key
    check_within_place(actor, given, body.kind, held_for, f"role {role.name} in {place.name}")
    grant = RoleGrant(user_id=user.id, role_id=role.id, kind=body.kind, place=place.key, created_by=actor.username)
    username, role_name = user.username, role.name  # a refused flush would forget them
    grants.add(grant)
    try:
        await grants.flush()
    except IntegrityError as error:
        if "role_grants_key" in str(error.orig):
            raise GrantExistsError(username, role_name) from error
        raise
    await grants.tell_changed(grant.user_id)
    audit.record(actor, "grant.created", "grant", grant.id, **_facts(grant, username, role_name, place.name))
    return _read(grant, username, role_name, place.name)


async def delete(grants: GrantRepository, places: Places, audit: AuditLog, actor: Actor, grant_id: UUID) -> None:
    """Take a role in one place away; it binds at once."""
    grant = await grants.find(grant_id)
    if grant is None:
        raise NotFoundError("grant", grant_id)
    users, roles = await grants.usernames([grant]), await grants.role_names([grant])
    name = (await places.names([grant])).get(grant.place)
    await grants.delete(grant)
    await grants.tell_changed(grant.user_id)
    facts = _facts(grant, users[grant.user_id], roles[grant.role_id], name)
    audit.record(actor, "grant.deleted", "grant", grant.id, **facts)


async def _named(grants: GrantRepository, places: Places, actor: Actor, body: GrantCreate) -> tuple[User, Role, Place]:
    user = await grants.find_user(body.user)
    role = await grants.find_role(body.role)
    place = await places.find(actor, body.kind, body.place)
    if user is None or role is None or place is None:
        found = {"user": user, "role": role, "place": place}
        nouns = {"user": "user", "role": "role", "place": body.kind.replace("_", " ")}
        hints = {"place": "it is there once a job is in it"} if body.kind == "job_folder" else {}
        missing = [
            Problem(name, f"there is no such {nouns[name]}", hints.get(name, ""))
            for name, row in found.items()
            if row is None
        ]
        raise InvalidInputError(missing)
    return user, role, place


def _facts(grant: RoleGrant, username: str, role: str, place: str | None) -> dict[str, Any]:
    return {"user": username, "role": role, "kind": grant.kind, "place": grant.place, "place_name": place}


def _read(grant: RoleGrant, username: str, role: str, place_name: str | None) -> GrantRead:
    return GrantRead(
        id=grant.id,
        user_id=grant.user_id,
        username=username,
        role_id=grant.role_id,
        role=role,
        kind=cast("PlaceKind", grant.kind),
        place=grant.place,
        place_name=place_name,
        created_at=grant.created_at,
        created_by=grant.created_by,
    )
