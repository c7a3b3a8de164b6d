"""What can be done to groups."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from opsconductor.errors import InvalidInputError, Problem
from opsconductor.sdk.selector import group_patterns, with_group_renamed
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_everywhere, check_groups, check_targets
from portal.kit.ids import now
from portal.targets.selection import parse

from .books import Books
from .errors import GroupFilledError, GroupInUseError, GroupNameTakenError
from .graph import GroupGraph
from .membership import Moved
from .models import TargetGroup
from .reading import facts_of, find_group, limited_by, parent_names, read_one, use_of
from .schemas import GroupCreate, GroupRead, GroupUpdate


async def create(books: Books, actor: Actor, body: GroupCreate) -> GroupRead:
    """Make a group: inside one that the actor manages, or anywhere with the right everywhere."""
    await books.register.groups.hold()
    before = await books.register.groups.graph()
    if body.select is not None:
        _check_select(before, actor, body.select)
    parents = await _parents(books, before, actor, body.parents, set())
    if not parents:
        check_everywhere(actor, Permission.GROUPS_MANAGE)
    group = TargetGroup(name=body.name, description=body.description, select=body.select)
    books.groups.add(group)
    await _flush(books, group.name)
    await books.groups.set_parents(group.id, parents)
    after = await books.register.groups.graph()
    await follow(books, actor, before, after, [group.id])
    facts = facts_of(group, parent_names(after, group.id))
    books.register.audit.record(actor, "group.created", "group", group.id, after=facts)
    return await read_one(books, actor, group)


async def update(books: Books, actor: Actor, group_id: UUID, body: GroupUpdate) -> GroupRead:
    """Change a group; what is absent stays."""
    _refuse_nulls(body)
    await books.register.groups.hold()
    group = await find_group(books, actor, group_id, Permission.GROUPS_MANAGE)
    before = await books.register.groups.graph()
    facts = facts_of(group, parent_names(before, group.id))
    former = group.name
    if "select" in body.model_fields_set:
        await _change_select(books, before, actor, group, body.select)
    if body.description is not None:
        group.description = body.description
    changed = [group.id]
    if body.name is not None and body.name != group.name:
        changed += await _rename(books, before, actor, group, body.name, force=body.force)
    group.updated_at = now()
    await _flush(books, group.name)
    if body.parents is not None:
        now_in = set(before.get(group.id).parents)
        await books.groups.set_parents(group.id, await _parents(books, before, actor, body.parents, now_in))
    after = await books.register.groups.graph()
    check_groups(actor, Permission.GROUPS_MANAGE, [(group.name, after.names_from(group.id))])
    moved = await follow(books, actor, before, after, changed, renamed=(former, group.name))
    now_facts = facts_of(group, parent_names(after, group.id))
    books.register.audit.record(
        actor, "group.updated", "group", group.id, before=facts, after=now_facts, targets_moved=len(moved)
    )
    return await read_one(books, actor, group)


async def delete(books: Books, actor: Actor, group_id: UUID, *, force: bool) -> None:
    """Remove a group that nothing uses; with force also one in use, with its health check and the roles held in it."""
    await books.register.groups.hold()
    group = await find_group(books, actor, group_id, Permission.GROUPS_MANAGE)
    before = await books.register.groups.graph()
    use = await use_of(books, before, group)
    users = [
        *(f"a grant to {name}" for name in use.grants),
        *(f"the selector of group {name}" for name in use.groups),
        *(f"job {name}" for name in use.jobs),
        *(f"credential {name}" for name in use.credentials),
        *([f"its health check ({use.health_check})"] if use.health_check else ()),
        *(f"the allowed targets of credential {name}" for name in use.limits),
    ]
    if users and not force:
        raise GroupInUseError(group.name, users)
    facts = facts_of(group, parent_names(before, group.id))
    facts["children"] = [child.name for child in before.children(group.id)]
    facts["members"] = [str(key) for key in await books.groups.list_members(group.id)]
    await books.groups.revoke_grants(group.id)
    await books.groups.delete(group)
    await follow(books, actor, before, await books.register.groups.graph(), [group_id])
    books.register.audit.record(
        actor, "group.deleted", "group", group_id, before=facts, grants_revoked=use.grants, named_by=users
    )


async def follow(
    books: Books,
    actor: Actor,
    before: GroupGraph,
    after: GroupGraph,
    changed: Collection[UUID],
    *,
    renamed: tuple[str, str] = ("", ""),
) -> Sequence[Moved]:
    """Bring targets after a change of groups.

    Raises:
        PermissionDeniedError: A target enters a group, which widens who may touch it; the actor manages groups in some
            places only, and may not edit that target.
    """
    moved = await books.register.groups.follow_groups(before, after, changed)
    if Permission.GROUPS_MANAGE not in actor.permissions:
        old, new = renamed
        entering = [one for one in moved if set(one.after) - {new if name == old else name for name in one.before}]
        check_targets(actor, Permission.TARGETS_EDIT, [(one.name, one.before) for one in entering])
    return moved


def _check_select(graph: GroupGraph, actor: Actor, select: str) -> None:
    """A selector reaches for targets everywhere, and for those of tomorrow."""
    check_everywhere(actor, Permission.GROUPS_MANAGE)
    patterns = group_patterns(parse(select, "select"))
    names = [name for name in sorted(patterns) if "*" not in name and "?" not in name]
    known = {name: graph.find(name) for name in names}
    problems = [
        Problem("select", f"there is no group {name}", f"did you mean {found.name}?" if found else "make it first")
        for name, found in known.items()
        if found is None or found.name != name
    ]
    if problems:
        raise InvalidInputError(problems)


async def _change_select(books: Books, graph: GroupGraph, actor: Actor, group: TargetGroup, select: str | None) -> None:
    if select == group.select:
        return
    if select is None:
        check_everywhere(actor, Permission.GROUPS_MANAGE)
        present = await books.register.targets.list_ids_of(group.name)
        await books.register.groups.put([(target_id, group.id) for target_id in present])
    else:
        _check_select(graph, actor, select)
        if graph.children(group.id) or await books.groups.count_members(group.id):
            raise GroupFilledError(group.name)
    group.select = select


async def _rename(
    books: Books, graph: GroupGraph, actor: Actor, group: TargetGroup, name: str, *, force: bool
) -> list[UUID]:
    """Give it another name, in selectors of groups too; gives the groups that were changed by it."""
    use = await use_of(books, graph, group)
    if use.jobs and not force:
        raise GroupInUseError(group.name, [f"job {job}" for job in use.jobs])
    naming = [node.id for node in graph.naming(group.name)]
    for user in await books.groups.find_many(naming):
        before = user.select or ""
        user.select = str(with_group_renamed(parse(before), group.name, name))
        user.updated_at = now()
        books.register.audit.record(
            actor, "group.updated", "group", user.id, before={"select": before}, after={"select": user.select}
        )
    await _rename_in_limits(books, actor, group.name, name)
    group.name = name
    return naming


async def _rename_in_limits(books: Books, actor: Actor, old: str, new: str) -> None:
    """A credential stays good for the same targets; `not group:old` would let it out everywhere."""
    for credential in await limited_by(books, old):
        before = credential.allowed_targets or ""
        credential.allowed_targets = str(with_group_renamed(parse(before), old, new))
        credential.updated_at = now()
        facts = {"before": {"allowed_targets": before}, "after": {"allowed_targets": credential.allowed_targets}}
        books.register.audit.record(actor, "credential.updated", "credential", credential.id, **facts)


async def _parents(
    books: Books, graph: GroupGraph, actor: Actor, names: Sequence[str], now_in: set[UUID]
) -> Collection[UUID]:
    """Keys of the groups to be in; the actor manages those that it enters or leaves."""
    found = {row.name.lower(): row for row in await books.groups.find_by_names(actor, names)}
    problems: list[Problem] = []
    for index, name in enumerate(names):
        row = found.get(name.lower())
        if row is None:
            problems.append(Problem(f"parents[{index}]", f"there is no group {name}", "make it first"))
        elif row.select is not None:
            hint = f"add `or group:…` to it: {row.select}"
            problems.append(Problem(f"parents[{index}]", f"{row.name} takes its members from its selector", hint))
    if problems:
        raise InvalidInputError(problems)
    keys = {row.id for row in found.values()}
    crossed = keys ^ now_in
    check_groups(actor, Permission.GROUPS_MANAGE, [(graph.get(key).name, graph.names_from(key)) for key in crossed])
    return keys


def _refuse_nulls(body: GroupUpdate) -> None:
    nulls = [name for name in ("name", "description", "parents") if name in body.model_fields_set]
    problems = [
        Problem(name, "must not be null; leave it out to keep it") for name in nulls if getattr(body, name) is None
    ]
    if problems:
        raise InvalidInputError(problems)


async def _flush(books: Books, name: str) -> None:
    try:
        await books.groups.flush()
    except IntegrityError as error:
        if "target_groups_name_key" in str(error.orig):
            raise GroupNameTakenError(name) from error
        raise
