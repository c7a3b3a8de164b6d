"""Importing a file: all of it, or nothing."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from opsconductor.errors import InvalidInputError, Problem
from portal.authz.actor import Actor
from portal.kit.problems import ProblemField
from portal.targets.register import Register
from portal.targets.schemas import TargetCreate
from portal.targets.service import import_many

from .errors import ImportRefusedError
from .formats import FORMATS
from .formats.rows import Inventory, Row
from .nesting import PlannedGroups, keys_of, plan_groups
from .planning import PlannedRow, World, plan_rows
from .repository import InventoryRepository
from .schemas import ImportReport, ImportRow, InventoryImport, Nesting

_NAMED = 200
"""How many problems a refusal names; the dry run names all."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import does."""

    groups: PlannedGroups
    rows: Sequence[PlannedRow]

    def problems(self) -> list[Problem]:
        """Why the whole file is refused."""
        rows = [
            replace(problem, path=f"{planned.row.name or 'a target without name'}: {problem.path}")
            for planned in self.rows
            for problem in planned.problems
        ]
        return [*self.groups.problems, *rows]

    def bodies(self) -> list[TargetCreate]:
        """What is said of the targets that are added or changed."""
        return [one.body for one in self.rows if one.body is not None and one.action in ("create", "update")]


async def import_inventory(
    repository: InventoryRepository, register: Register, actor: Actor, body: InventoryImport
) -> ImportReport:
    """Import a file, or only say what that would do.

    Raises:
        InvalidInputError: The file cannot be read.
        ImportRefusedError: Some of its rows or groups are refused, and this is no dry run; nothing is imported.
    """
    inventory = await asyncio.to_thread(FORMATS[body.format].read, body.content)
    inventory = _prefixed(inventory, body.group_prefix)
    await register.groups.hold()
    plan = await _plan(repository, register, actor, body, inventory)
    report = _report(plan, body)
    if body.dry_run:
        return report
    if problems := plan.problems():
        more = len(problems) - _NAMED
        rest = [Problem("", f"there are {more} more problems", "a dry run names all")] if more > 0 else []
        raise ImportRefusedError([*problems[:_NAMED], *rest])
    await _carry_out(repository, register, actor, plan)
    counts = report.model_dump(include={"created", "updated", "unchanged", "groups_created"})
    nested = [f"{group} in {parent}" for group, parent in plan.groups.nested]
    register.audit.record(actor, "inventory.imported", "target", "", format=body.format, **counts, groups_nested=nested)
    return report


async def _plan(
    repository: InventoryRepository, register: Register, actor: Actor, body: InventoryImport, inventory: Inventory
) -> Plan:
    names = sorted({row.name.lower() for row in inventory.rows if row.name and "\x00" not in row.name})
    targets = {target.name.lower(): target for target in await register.targets.find_by_names(actor, names)}
    ids = [target.id for target in targets.values()]
    groups = plan_groups(await register.groups.graph(), actor, _groups_of(inventory.rows), inventory.parents)
    world = World(
        actor,
        targets,
        await register.targets.services_of(ids),
        await repository.list_credentials(actor),
        groups.graph,
        await register.groups.direct(ids),
        body.update_existing,
        body.credential,
    )
    if body.credential and body.credential.lower() not in world.credentials:
        raise InvalidInputError([Problem("credential", "there is no credential of that name")])
    return Plan(groups, await asyncio.to_thread(plan_rows, world, inventory.rows))


async def _carry_out(repository: InventoryRepository, register: Register, actor: Actor, plan: Plan) -> None:
    before = await register.groups.graph()
    for group in await register.groups.add_missing(plan.groups.created):
        register.audit.record(actor, "group.created", "group", group.id, name=group.name)
    pairs = keys_of(await register.groups.graph(), plan.groups.nested)
    await repository.nest(pairs)
    if pairs:
        after = await register.groups.graph()
        await register.groups.follow_groups(before, after, [key for pair in pairs for key in pair])
    if bodies := plan.bodies():
        await import_many(register, actor, bodies)


def _prefixed(inventory: Inventory, prefix: str) -> Inventory:
    if not prefix:
        return inventory
    rows = [replace(row, fields=_with_prefix(row.fields, prefix)) for row in inventory.rows]
    parents = {f"{prefix}{name}": {f"{prefix}{one}" for one in above} for name, above in inventory.parents.items()}
    return Inventory(rows, parents)


def _with_prefix(fields: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    if not isinstance(fields.get("groups"), list):
        return dict(fields)
    groups = cast("list[Any]", fields["groups"])
    return {**fields, "groups": [f"{prefix}{name}" if isinstance(name, str) else name for name in groups]}


def _groups_of(rows: Sequence[Row]) -> set[str]:
    used: set[str] = set()
    for row in rows:
        if isinstance(row.fields.get("groups"), list):
            used.update(name for name in cast("list[Any]", row.fields["groups"]) if isinstance(name, str))
    return used


def _report(plan: Plan, body: InventoryImport) -> ImportReport:
    rows = [_row(planned) for planned in plan.rows]
    count = {
        action: sum(row.action == action for row in rows) for action in ("create", "update", "unchanged", "refused")
    }
    return ImportReport(
        dry_run=body.dry_run,
        created=count["create"],
        updated=count["update"],
        unchanged=count["unchanged"],
        refused=count["refused"],
        groups_created=plan.groups.created,
        groups_nested=[Nesting(group=group, parent=parent) for group, parent in plan.groups.nested],
        problems=[_problem(problem) for problem in plan.groups.problems],
        rows=rows,
    )


def _row(planned: PlannedRow) -> ImportRow:
    return ImportRow(
        line=planned.row.line,
        name=planned.row.name,
        action=planned.action,
        changes=planned.changes,
        problems=[_problem(problem) for problem in planned.problems],
        withheld=list(planned.row.withheld),
        notes=planned.notes,
    )


def _problem(problem: Problem) -> ProblemField:
    return ProblemField(path=problem.path, message=problem.message, hint=problem.hint, line=problem.line)
