"""What can be done to targets."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from opsconductor.errors import InvalidInputError, NotFoundError, Problem
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_credentials, check_targets
from portal.credentials.repository import CredentialRepository
from portal.groups.placing import carried, check_placed, place
from portal.kit.ids import now
from portal.kit.pages import PageParams, paged

from .errors import TargetNameTakenError
from .models import Target, TargetService
from .naming import check_unnamed
from .register import Register
from .repository import TargetFilter, TargetRepository
from .schemas import (
    DroppedTarget,
    PreviewRead,
    SelectedTarget,
    TargetCreate,
    TargetRead,
    TargetUpdate,
)
from .selection import picked_by, select_targets
from .services import read_services, set_services


async def list_targets(
    targets: TargetRepository,
    credentials: CredentialRepository,
    actor: Actor,
    wanted: TargetFilter,
    page: PageParams,
) -> dict[str, Any]:
    """One page of targets."""
    more: list[ColumnElement[bool]] = []
    if wanted.credential:
        ids = await credential_ids(credentials, actor, [wanted.credential], to_use=False)
        more.append(col(Target.credential_id) == ids[wanted.credential])
    if wanted.select is not None:
        more.append(await picked_by(targets, actor, wanted.select))
    found = await targets.list_page(actor, wanted, page, *more)
    reads = {read.id: read for read in await read_all(targets, credentials, actor, found.items)}
    return paged(found, lambda row: reads[row.id])


async def create(register: Register, actor: Actor, body: TargetCreate) -> TargetRead:
    """Add a target."""
    [target] = await _add(register, actor, [body])
    register.audit.record(actor, "target.created", "target", target.id, after=body.model_dump(mode="json"))
    return await _read_one(register, actor, target)


async def import_many(register: Register, actor: Actor, bodies: Sequence[TargetCreate]) -> None:
    """Add targets, and change those that are known by their names."""
    names = [row.name for row in bodies]
    existing = {target.name.lower(): target for target in await register.targets.find_by_names(actor, names)}
    check_targets(actor, Permission.TARGETS_EDIT, [(row.name, row.groups) for row in existing.values()])
    new = [row for row in bodies if row.name.lower() not in existing]
    await _add(register, actor, new)
    known = [(existing[row.name.lower()], row) for row in bodies if row.name.lower() in existing]
    await _apply(register, actor, known)
    check_targets(actor, Permission.TARGETS_EDIT, [(row.name, row.groups) for row, _ in known])
    created, updated = len(new), len(known)
    register.audit.record(actor, "targets.imported", "target", "", created=created, updated=updated, names=names)


async def get(
    targets: TargetRepository, credentials: CredentialRepository, actor: Actor, target_id: UUID
) -> TargetRead:
    """One target."""
    target = await _get(targets, actor, target_id)
    return (await read_all(targets, credentials, actor, [target]))[0]


async def update(register: Register, actor: Actor, target_id: UUID, body: TargetUpdate) -> TargetRead:
    """Change a target; what is absent stays.

    Raises:
        TargetNamedError: It would get another name, and selectors say the one it has.
    """
    _refuse_nulls(body.model_dump(exclude_unset=True))
    await register.groups.share()
    target = await _get(register.targets, actor, target_id, Permission.TARGETS_EDIT)
    if body.name is not None and body.name != target.name and not body.force:
        await check_unnamed(register.targets, actor, target)
    before = await _read_one(register, actor, target)
    await _apply(register, actor, [(target, body)])
    check_targets(actor, Permission.TARGETS_EDIT, [(target.name, target.groups)])
    after = await _read_one(register, actor, target)
    changed = {name for name in body.model_fields_set - {"force"} if getattr(before, name) != getattr(after, name)}
    facts = {
        "before": before.model_dump(mode="json", include=changed),
        "after": after.model_dump(mode="json", include=changed),
    }
    if changed:
        register.audit.record(actor, "target.updated", "target", target.id, **facts)
    return after


async def accept_host_key(register: Register, actor: Actor, target_id: UUID, host_key: str | None) -> TargetRead:
    """Keep this host key instead of those recorded; without one, the next that the host shows."""
    target = await _get(register.targets, actor, target_id, Permission.TARGETS_EDIT)
    before = target.host_keys
    set_facts(target, {"host_keys": [host_key] if host_key else []})
    facts = {"before": before, "after": target.host_keys}
    register.audit.record(actor, "target.host_key_accepted", "target", target.id, **facts)
    return await _read_one(register, actor, target)


async def delete(register: Register, actor: Actor, target_id: UUID) -> None:
    """Remove a target."""
    await register.groups.share()
    target = await _get(register.targets, actor, target_id, Permission.TARGETS_DELETE)
    before = await _read_one(register, actor, target)
    await register.targets.delete(target)
    register.audit.record(actor, "target.deleted", "target", target.id, before=before.model_dump(mode="json"))


async def preview(
    targets: TargetRepository, credentials: CredentialRepository, actor: Actor, select: str
) -> PreviewRead:
    """What a run with this selector would run on."""
    selection = await select_targets(targets, credentials, actor, select)
    return PreviewRead(
        total=len(selection.targets),
        targets=[SelectedTarget.model_validate(target) for target in selection.targets],
        dropped=[DroppedTarget(name=name, same_as=same_as) for name, same_as in selection.dropped],
    )


async def _get(
    targets: TargetRepository, actor: Actor, target_id: UUID, permission: Permission = Permission.TARGETS_VIEW
) -> Target:
    """The target, if the actor may do this to it; locked unless it is only looked at."""
    target = await targets.find(actor, target_id, lock=permission is not Permission.TARGETS_VIEW)
    if target is None:
        raise NotFoundError("target", target_id)
    check_targets(actor, permission, [(target.name, target.groups)])
    return target


async def _add(register: Register, actor: Actor, bodies: Sequence[TargetCreate]) -> list[Target]:
    await register.groups.share()
    graph = await register.groups.graph()
    check_targets(actor, Permission.TARGETS_CREATE, [(body.name, carried(graph, body.groups)) for body in bodies])
    made = [(Target(**_columns(body), groups=[]), body) for body in bodies]
    await _apply(register, actor, made)
    return [target for target, _ in made]


async def _apply(
    register: Register, actor: Actor, changes: Sequence[tuple[Target, TargetCreate | TargetUpdate]]
) -> None:
    """Give targets what a body says; groups follow in the same transaction."""
    ids = await credential_ids(register.credentials, actor, _credential_names(body for _, body in changes))
    register.targets.add(*(target for target, _ in changes))  # after the last query, which would flush new ones
    for target, body in changes:
        facts = _columns(body, given=True)
        if "credential" in body.model_fields_set:
            facts["credential_id"] = ids.get(body.credential or "")
        set_facts(target, facts)
    await _flush(register.targets, changes[0][0].name if len(changes) == 1 else "of this import")
    services = {
        target.id: (target, body.services or []) for target, body in changes if "services" in body.model_fields_set
    }
    await set_services(register, services, ids)
    wanted = {target.id: body.groups for target, body in changes if "groups" in body.model_fields_set}
    graph = await place(register.groups, register.audit, actor, {key: names or [] for key, names in wanted.items()})
    await register.groups.follow_targets([target.id for target, _ in changes], graph)
    check_placed(graph, [target for target, _ in changes], {key: names or [] for key, names in wanted.items()})


def _columns(body: TargetCreate | TargetUpdate, *, given: bool = False) -> dict[str, Any]:
    return body.model_dump(exclude={"credential", "groups", "services", "force"}, exclude_unset=given)


def _credential_names(bodies: Iterable[TargetCreate | TargetUpdate]) -> list[str | None]:
    return [name for body in bodies for name in (body.credential, *(one.credential for one in body.services or ()))]


async def credential_ids(
    credentials: CredentialRepository, actor: Actor, names: Sequence[str | None], *, to_use: bool = True
) -> Mapping[str, UUID]:
    """Name → key of credentials that the actor may see and, unless they are only looked for, use.

    Raises:
        InvalidInputError: There is none of that name.
        PermissionDeniedError: They may not use one.
    """
    wanted = {name for name in names if name}
    rows = await credentials.find_by_names(actor, sorted(wanted))
    if to_use:
        check_credentials(actor, Permission.CREDENTIALS_USE, [(row.id, row.name) for row in rows])
    found = {row.name.lower(): row.id for row in rows}
    missing = sorted(name for name in wanted if name.lower() not in found)
    if missing:
        raise InvalidInputError([Problem("credential", f"there is no credential named {name}") for name in missing])
    return {name: found[name.lower()] for name in wanted}


async def _read_one(register: Register, actor: Actor, target: Target) -> TargetRead:
    return (await read_all(register.targets, register.credentials, actor, [target]))[0]


async def read_all(
    targets: TargetRepository, credentials: CredentialRepository, actor: Actor, rows: Sequence[Target]
) -> list[TargetRead]:
    """Targets as answers show them."""
    services = await targets.services_of([row.id for row in rows])
    used: list[Target | TargetService] = [*rows, *(service for found in services.values() for service in found)]
    names = await credentials.names(actor, [one.credential_id for one in used if one.credential_id])
    health = await targets.health_of([row.id for row in rows])
    return [_read(row, services.get(row.id, []), names, health.get(row.id, "unknown")) for row in rows]


def _read(target: Target, services: Sequence[TargetService], names: Mapping[UUID, str], health: str) -> TargetRead:
    read = TargetRead.model_validate(target)
    read.credential = names.get(target.credential_id) if target.credential_id else None
    read.services = read_services(services, names)
    read.health = health
    return read


def set_facts(target: Target, changes: Mapping[str, Any]) -> None:
    """Change columns of a target."""
    for name, value in changes.items():
        setattr(target, name, value)
    target.updated_at = now()


def _refuse_nulls(changes: Mapping[str, Any]) -> None:
    nulls = [name for name, value in changes.items() if value is None and name != "credential"]
    if nulls:
        raise InvalidInputError([Problem(name, "must not be null; leave it out to keep it") for name in nulls])


async def _flush(targets: TargetRepository, name: str) -> None:
    try:
        await targets.flush()
    except IntegrityError as error:
        if "targets_name_key" in str(error.orig):
            raise TargetNameTakenError(name) from error
        raise
