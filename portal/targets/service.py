"""What can be done to targets."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from opsconductor.errors import InvalidInputError, NotFoundError, Problem
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_targets
from portal.credentials.repository import CredentialRepository
from portal.kit.ids import now
from portal.kit.pages import PageParams, paged

from .errors import TargetNameTakenError
from .models import Target
from .repository import TargetFilter, TargetRepository
from .schemas import (
    DroppedTarget,
    ImportRead,
    PreviewRead,
    SelectedTarget,
    TargetCreate,
    TargetImport,
    TargetRead,
    TargetUpdate,
)
from .selection import select_targets


async def list_targets(
    targets: TargetRepository,
    credentials: CredentialRepository,
    actor: Actor,
    wanted: TargetFilter,
    page: PageParams,
) -> dict[str, Any]:
    """One page of targets."""
    found = await targets.list_page(actor, wanted, page)
    names = await credentials.names(actor, [row.credential_id for row in found.items if row.credential_id])
    return paged(found, lambda row: _read(row, names))


async def create(
    targets: TargetRepository, credentials: CredentialRepository, audit: AuditLog, actor: Actor, body: TargetCreate
) -> TargetRead:
    """Add a target."""
    check_targets(actor, Permission.TARGETS_CREATE, [(body.name, body.groups)])
    ids = await _credential_ids(credentials, actor, [body.credential])
    target = Target(**body.model_dump(exclude={"credential"}), credential_id=ids.get(body.credential or ""))
    targets.add(target)
    await _flush(targets, body.name)
    audit.record(actor, "target.created", "target", target.id, after=body.model_dump(mode="json"))
    return await _read_one(credentials, actor, target)


async def import_many(
    targets: TargetRepository, credentials: CredentialRepository, audit: AuditLog, actor: Actor, body: TargetImport
) -> ImportRead:
    """Add many targets, and change those of the same name where the request says so."""
    _refuse_repeats([row.name for row in body.targets])
    ids = await _credential_ids(credentials, actor, [row.credential for row in body.targets])
    existing = {
        target.name.lower(): target for target in await targets.find_by_names(actor, [row.name for row in body.targets])
    }
    if existing and not body.update_existing:
        raise TargetNameTakenError(next(iter(existing.values())).name)
    check_targets(actor, Permission.TARGETS_CREATE, [(row.name, row.groups) for row in body.targets])
    check_targets(actor, Permission.TARGETS_EDIT, [(row.name, row.groups) for row in existing.values()])
    for row in body.targets:
        facts: dict[str, Any] = {
            **row.model_dump(exclude={"credential"}),
            "credential_id": ids.get(row.credential or ""),
        }
        known = existing.get(row.name.lower())
        if known is None:
            targets.add(Target(**facts))
        else:
            given = {"credential_id" if name == "credential" else name for name in row.model_fields_set}
            _change(known, {name: facts[name] for name in facts if name in given})
    await _flush(targets, "of this import")
    created = len(body.targets) - len(existing)
    names = [row.name for row in body.targets]
    audit.record(actor, "targets.imported", "target", "", created=created, updated=len(existing), names=names)
    return ImportRead(created=created, updated=len(existing))


async def get(
    targets: TargetRepository, credentials: CredentialRepository, actor: Actor, target_id: UUID
) -> TargetRead:
    """One target."""
    return await _read_one(credentials, actor, await _get(targets, actor, target_id))


async def update(
    targets: TargetRepository,
    credentials: CredentialRepository,
    audit: AuditLog,
    actor: Actor,
    target_id: UUID,
    body: TargetUpdate,
) -> TargetRead:
    """Change a target; what is absent stays."""
    target = await _get(targets, actor, target_id, Permission.TARGETS_EDIT)
    changes = body.model_dump(exclude_unset=True)
    _refuse_nulls(changes)
    if "credential" in changes:
        name = changes.pop("credential")
        changes["credential_id"] = (await _credential_ids(credentials, actor, [name])).get(name or "")
    before = target.model_dump(mode="json", include=set(changes))
    _change(target, changes)
    check_targets(actor, Permission.TARGETS_EDIT, [(target.name, target.groups)])
    await _flush(targets, target.name)
    after = target.model_dump(mode="json", include=set(changes))
    audit.record(actor, "target.updated", "target", target.id, before=before, after=after)
    return await _read_one(credentials, actor, target)


async def accept_host_key(
    targets: TargetRepository,
    credentials: CredentialRepository,
    audit: AuditLog,
    actor: Actor,
    target_id: UUID,
    host_key: str | None,
) -> TargetRead:
    """Keep this host key instead of those recorded; without one, the next that the host shows."""
    target = await _get(targets, actor, target_id, Permission.TARGETS_EDIT)
    before = target.host_keys
    _change(target, {"host_keys": [host_key] if host_key else []})
    audit.record(actor, "target.host_key_accepted", "target", target.id, before=before, after=target.host_keys)
    return await _read_one(credentials, actor, target)


async def delete(targets: TargetRepository, audit: AuditLog, actor: Actor, target_id: UUID) -> None:
    """Remove a target."""
    target = await _get(targets, actor, target_id, Permission.TARGETS_DELETE)
    await targets.delete(target)
    audit.record(actor, "target.deleted", "target", target.id, before=target.model_dump(mode="json"))


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


async def _credential_ids(
    credentials: CredentialRepository, actor: Actor, names: Sequence[str | None]
) -> Mapping[str, UUID]:
    wanted = {name for name in names if name}
    found = {row.name.lower(): row.id for row in await credentials.find_by_names(actor, sorted(wanted))}
    missing = sorted(name for name in wanted if name.lower() not in found)
    if missing:
        raise InvalidInputError([Problem("credential", f"there is no credential named {name}") for name in missing])
    return {name: found[name.lower()] for name in wanted}


async def _read_one(credentials: CredentialRepository, actor: Actor, target: Target) -> TargetRead:
    names = await credentials.names(actor, [target.credential_id] if target.credential_id else [])
    return _read(target, names)


def _read(target: Target, names: Mapping[UUID, str]) -> TargetRead:
    read = TargetRead.model_validate(target)
    read.credential = names.get(target.credential_id) if target.credential_id else None
    return read


def _change(target: Target, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        setattr(target, name, value)
    target.updated_at = now()


def _refuse_nulls(changes: Mapping[str, Any]) -> None:
    nulls = [name for name, value in changes.items() if value is None and name != "credential"]
    if nulls:
        raise InvalidInputError([Problem(name, "must not be null; leave it out to keep it") for name in nulls])


def _refuse_repeats(names: Sequence[str]) -> None:
    seen: set[str] = set()
    repeated: list[Problem] = []
    for index, name in enumerate(names):
        if name.lower() in seen:
            repeated.append(Problem(f"targets[{index}].name", "is in this import twice"))
        seen.add(name.lower())
    if repeated:
        raise InvalidInputError(repeated)


async def _flush(targets: TargetRepository, name: str) -> None:
    try:
        await targets.flush()
    except IntegrityError as error:
        if "targets_name_key" in str(error.orig):
            raise TargetNameTakenError(name) from error
        raise
