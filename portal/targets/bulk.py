"""Changes of many targets at once: each has its own result, and what is tried leaves no trace."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from opsconductor.errors import InvalidInputError, Problem
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.groups.placing import check_placed, place

from .bulk_schemas import ChosenTargets, TargetChanges, TargetOutcome, TargetsOutcome, TargetsUpdate
from .models import Target
from .register import Register
from .selection import picked_by
from .service import credential_ids, read_all, set_facts

_PLAIN = ("platform", "os_version", "zone", "port")
_SHOWN = (*_PLAIN, "tags", "groups", "variables", "credential")
_PER_ENTRY = 500


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What is meant: targets that the actor may change, those that they may not, and names of none."""

    allowed: Sequence[Target]
    refused: Sequence[Target]
    missing: Sequence[str]


async def update_many(register: Register, actor: Actor, body: TargetsUpdate) -> TargetsOutcome:
    """Change many targets; what each was before is on record.

    Raises:
        InvalidInputError: More are meant than `at_most`, or the change makes no sense; nothing is changed.
        PermissionDeniedError: The actor does not manage a group that targets would enter or leave.
    """
    await register.groups.share()
    chosen = await _choose(register, actor, body, Permission.TARGETS_EDIT)
    if body.dry_run:
        async with register.targets.trial():
            items = await _change(replace(register, audit=register.audit.aside()), actor, chosen.allowed, body.changes)
    else:
        items = await _change(register, actor, chosen.allowed, body.changes)
        asked = {"select": body.select, "changes": body.changes.model_dump(mode="json", exclude_unset=True)}
        changed = [item for item in items if item.result == "changed"]
        _record(register, actor, changed, asked, chosen.refused, Permission.TARGETS_EDIT)
    return _outcome(body, items, chosen, Permission.TARGETS_EDIT)


async def delete_many(register: Register, actor: Actor, body: ChosenTargets) -> TargetsOutcome:
    """Remove many targets; what each was is on record.

    Raises:
        InvalidInputError: More are meant than `at_most`; nothing is removed.
    """
    await register.groups.share()
    chosen = await _choose(register, actor, body, Permission.TARGETS_DELETE)
    reads = await read_all(register.targets, register.credentials, actor, chosen.allowed)
    items = [
        TargetOutcome(name=read.name, id=read.id, result="deleted", before=read.model_dump(mode="json"))
        for read in reads
    ]
    if not body.dry_run:
        await register.targets.delete_many([item.id for item in items if item.id])
        asked = {"select": body.select}
        _record(register, actor, items, asked, chosen.refused, Permission.TARGETS_DELETE)
    return _outcome(body, items, chosen, Permission.TARGETS_DELETE)


async def _choose(register: Register, actor: Actor, body: ChosenTargets, permission: Permission) -> _Chosen:
    targets = register.targets
    if body.select is None:
        references = body.targets or []
        rows = await targets.find_by_references(actor, references)
    else:
        references = []
        rows = await targets.find_picked(actor, await picked_by(targets, actor, body.select))
    if len(rows) > body.at_most:
        hint = "ask for fewer, or raise at_most"
        raise InvalidInputError(
            [Problem("at_most", f"{len(rows):,} targets are meant, {body.at_most:,} at most", hint)]
        )
    known = {reference for row in rows for reference in (str(row.id), row.name.lower())}
    scope = actor.scope(permission)
    rows = sorted(rows, key=lambda row: row.name.lower())
    return _Chosen(
        [row for row in rows if scope.covers_target(row.groups)],
        [row for row in rows if not scope.covers_target(row.groups)],
        [reference for reference in references if reference.lower() not in known],
    )


async def _change(
    register: Register, actor: Actor, targets: Sequence[Target], changes: TargetChanges
) -> list[TargetOutcome]:
    ids = await credential_ids(register.credentials, actor, [changes.credential])
    before = await _shown(register, actor, targets)
    for target in targets:
        facts = _wanted(target, changes, ids)
        if any(getattr(target, name) != value for name, value in facts.items()):
            set_facts(target, facts)
    if changes.add_groups or changes.remove_groups:
        await _regroup(register, actor, targets, changes)
    else:
        await register.groups.follow_targets([target.id for target in targets])
    _check_reach(actor, targets)
    after = await _shown(register, actor, targets)
    return [_compared(target, before[target.id], after[target.id]) for target in targets]


def _wanted(target: Target, changes: TargetChanges, ids: Mapping[str, UUID]) -> dict[str, Any]:
    kept = {name: value for name, value in target.variables.items() if name not in changes.remove_variables}
    facts: dict[str, Any] = {
        "tags": list(dict.fromkeys([tag for tag in target.tags if tag not in changes.remove_tags] + changes.add_tags)),
        "variables": {**kept, **changes.set_variables},
    }
    facts.update({name: getattr(changes, name) for name in _PLAIN if name in changes.model_fields_set})
    if "credential" in changes.model_fields_set:
        facts["credential_id"] = ids.get(changes.credential or "")
    return facts


async def _regroup(register: Register, actor: Actor, targets: Sequence[Target], changes: TargetChanges) -> None:
    graph = await register.groups.graph()
    direct = await register.groups.direct([target.id for target in targets])
    removed = {name.lower() for name in changes.remove_groups}
    wanted: dict[UUID, list[str]] = {}
    for target in targets:
        names = [graph.get(key).name for key in direct.get(target.id, ())]
        wanted[target.id] = [name for name in names if name.lower() not in removed] + changes.add_groups
    graph = await place(register.groups, register.audit, actor, wanted)
    await register.groups.follow_targets(wanted.keys(), graph)
    check_placed(graph, targets, wanted)


def _check_reach(actor: Actor, targets: Sequence[Target]) -> None:
    scope = actor.scope(Permission.TARGETS_EDIT)
    lost = [target.name for target in targets if not scope.covers_target(target.groups)]
    if lost:
        raise InvalidInputError([Problem("changes", f"{lost[0]} would be in no group where you may edit targets")])


async def _shown(register: Register, actor: Actor, targets: Sequence[Target]) -> dict[UUID, dict[str, Any]]:
    names = await register.credentials.names(actor, [row.credential_id for row in targets if row.credential_id])
    return {
        row.id: {name: getattr(row, name) for name in _SHOWN[:-1]}
        | {"credential": names.get(row.credential_id) if row.credential_id else None}
        for row in targets
    }


def _compared(target: Target, before: Mapping[str, Any], after: Mapping[str, Any]) -> TargetOutcome:
    changed = [name for name in _SHOWN if before[name] != after[name]]
    return TargetOutcome(
        name=target.name,
        id=target.id,
        result="changed" if changed else "unchanged",
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )


def _record(
    register: Register,
    actor: Actor,
    items: Sequence[TargetOutcome],
    asked: Mapping[str, Any],
    refused: Sequence[Target],
    permission: Permission,
) -> None:
    """One entry for some hundred targets, with all that undoing takes; and one of what was not permitted."""
    event = "targets.deleted" if permission is Permission.TARGETS_DELETE else "targets.updated"
    for start in range(0, len(items), _PER_ENTRY):
        part = items[start : start + _PER_ENTRY]
        before = {str(item.id): {"name": item.name, **item.before} for item in part}
        register.audit.record(actor, event, "target", "", **asked, count=len(part), before=before)
    if refused:
        names = [target.name for target in refused]
        register.audit.record(actor, "permission.denied", "permission", permission, request=event, targets=names)


def _outcome(
    body: ChosenTargets, items: Sequence[TargetOutcome], chosen: _Chosen, permission: Permission
) -> TargetsOutcome:
    refused = [
        TargetOutcome(name=row.name, id=row.id, result="refused", message=f"this needs the permission {permission}")
        for row in chosen.refused
    ]
    missing = [TargetOutcome(name=name, result="missing", message="there is no such target") for name in chosen.missing]
    every = sorted([*items, *refused, *missing], key=lambda item: item.name.lower())
    count = Counter(item.result for item in every)
    return TargetsOutcome(
        dry_run=body.dry_run,
        changed=count["changed"] + count["deleted"],
        unchanged=count["unchanged"],
        refused=count["refused"],
        missing=count["missing"],
        items=every,
    )
