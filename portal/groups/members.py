"""Who is in a group, and who is put there."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from opsconductor.errors import InvalidInputError, Problem
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_targets
from portal.kit.pages import PageParams
from portal.targets import service as targets_service
from portal.targets.models import Target
from portal.targets.repository import TargetFilter
from portal.targets.selection import picked_by

from .books import Books
from .reading import find_group
from .schemas import MembersRead, MembersUpdate


async def list_targets(books: Books, actor: Actor, group_id: UUID, page: PageParams) -> dict[str, Any]:
    """One page of the targets in a group, those of groups inside it included."""
    group = await find_group(books, actor, group_id)
    register = books.register
    return await targets_service.list_targets(
        register.targets, register.credentials, actor, TargetFilter(group=group.name), page
    )


async def update(books: Books, actor: Actor, group_id: UUID, body: MembersUpdate) -> MembersRead:
    """Put targets into a group and take others out: all of them, or none."""
    await books.register.groups.share()
    group = await find_group(books, actor, group_id, Permission.GROUPS_MANAGE)
    if group.select is not None:
        hint = f"its members are picked by `{group.select}`"
        raise InvalidInputError([Problem("add" if body.add else "remove", "the group has a selector", hint)])
    leaving = await _wanted(books, actor, body.remove, body.remove_select, "remove")
    entering = [
        row for row in await _wanted(books, actor, body.add, body.add_select, "add") if row.id not in _keys(leaving)
    ]
    if Permission.GROUPS_MANAGE not in actor.permissions:
        # Being in the group widens who may touch a target.
        check_targets(actor, Permission.TARGETS_EDIT, [(row.name, row.groups) for row in entering])
    members = set(await books.groups.list_members(group.id))
    added = [row for row in entering if row.id not in members]
    removed = [row for row in leaving if row.id in members]
    await books.register.groups.put([(row.id, group.id) for row in added])
    await books.register.groups.take(group.id, _keys(removed))
    await books.register.groups.follow_targets(_keys(added) | _keys(removed))
    done = MembersRead(
        added=[row.name for row in added],
        removed=[row.name for row in removed],
        unchanged=[row.name for row in (*entering, *leaving) if row.id not in _keys(added) | _keys(removed)],
    )
    books.register.audit.record(
        actor, "group.members_changed", "group", group.id, group=group.name, added=done.added, removed=done.removed
    )
    return done


async def _wanted(books: Books, actor: Actor, given: Sequence[str], select: str | None, path: str) -> list[Target]:
    """The targets that a request names or picks, locked, by name."""
    targets = books.register.targets
    found = list(await targets.find_by_references(actor, given))
    known = {reference for row in found for reference in (str(row.id), row.name.lower())}
    problems = [
        Problem(f"{path}[{index}]", f"there is no target {reference}")
        for index, reference in enumerate(given)
        if reference.lower() not in known
    ]
    if problems:
        raise InvalidInputError(problems)
    if select is not None:
        found += await targets.find_picked(actor, await picked_by(targets, actor, select, f"{path}_select"))
    return sorted({row.id: row for row in found}.values(), key=lambda row: row.name.lower())


def _keys(rows: Sequence[Target]) -> set[UUID]:
    return {row.id for row in rows}
