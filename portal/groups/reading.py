"""Groups as answers show them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from opsconductor.errors import InvalidInputError, NotFoundError
from opsconductor.sdk.selector import group_patterns
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_groups
from portal.credentials.models import Credential
from portal.kit.pages import PageParams, paged

from .books import Books
from .graph import GroupGraph, parsed
from .models import TargetGroup
from .repository import GroupFilter
from .schemas import GroupRead, GroupUse, TreeNode, TreeRead


async def list_groups(books: Books, actor: Actor, wanted: GroupFilter, page: PageParams) -> dict[str, Any]:
    """One page of groups."""
    found = await books.groups.list_page(actor, wanted, page)
    graph = await books.register.groups.graph()
    counts = await books.groups.count_targets(actor, [row.name for row in found.items])
    return paged(found, lambda row: _read(row, graph, counts))


async def get(books: Books, actor: Actor, group_id: UUID) -> GroupRead:
    """One group."""
    return await read_one(books, actor, await find_group(books, actor, group_id))


async def get_tree(books: Books, actor: Actor) -> TreeRead:
    """How the groups that the actor may see are nested."""
    rows = await books.groups.list_visible(actor)
    graph = await books.register.groups.graph()
    counts = await books.groups.count_targets(actor, [row.name for row in rows])
    visible = {row.id for row in rows}
    return TreeRead(
        roots=[row.name for row in rows if not graph.get(row.id).parents & visible],
        groups=[
            TreeNode(
                id=row.id,
                name=row.name,
                select=row.select,
                target_count=counts.get(row.name, 0),
                children=[child.name for child in graph.children(row.id)],
            )
            for row in rows
        ],
    )


async def get_use(books: Books, actor: Actor, group_id: UUID) -> GroupUse:
    """What uses a group."""
    group = await find_group(books, actor, group_id, Permission.GROUPS_MANAGE)
    return await use_of(books, await books.register.groups.graph(), group)


async def use_of(books: Books, graph: GroupGraph, group: TargetGroup) -> GroupUse:
    """What uses a group, whoever asks: it is to be changed everywhere."""
    return GroupUse(
        grants=list(await books.groups.holders(group.id)),
        groups=[node.name for node in graph.naming(group.name) if node.id != group.id],
        jobs=[job for job, select in await books.groups.job_selects() if group.name in _patterns(select)],
        credentials=list(await books.groups.bound_credentials(group.id)),
        health_check=await books.groups.health_check(group.id),
        limits=[row.name for row in await limited_by(books, group.name)],
    )


async def limited_by(books: Books, name: str) -> list[Credential]:
    """The credentials whose allowed targets are said by a group's name, by name."""
    found = [row for row in await books.groups.limited_credentials() if name in _patterns(row.allowed_targets or "")]
    return sorted(found, key=lambda row: row.name.lower())


async def find_group(
    books: Books, actor: Actor, group_id: UUID, permission: Permission = Permission.TARGETS_VIEW
) -> TargetGroup:
    """The group, if the actor may do this to it.

    Raises:
        NotFoundError: It is absent or out of sight.
        PermissionDeniedError: They may not.
    """
    group = await books.groups.find(actor, group_id)
    if group is None:
        raise NotFoundError("group", group_id)
    if permission is not Permission.TARGETS_VIEW:
        graph = await books.register.groups.graph()
        check_groups(actor, permission, [(group.name, graph.names_from(group.id))])
    return group


async def read_one(books: Books, actor: Actor, group: TargetGroup) -> GroupRead:
    """A group as answers show it."""
    graph = await books.register.groups.graph()
    return _read(group, graph, await books.groups.count_targets(actor, [group.name]))


def facts_of(group: TargetGroup, parents: Sequence[str]) -> dict[str, Any]:
    """A group as the audit log keeps it."""
    return {
        "name": group.name,
        "description": group.description,
        "select": group.select,
        "parents": list(parents),
    }


def parent_names(graph: GroupGraph, group_id: UUID) -> list[str]:
    """The groups that it is directly in, by name."""
    return sorted((graph.get(key).name for key in graph.get(group_id).parents), key=str.lower)


def _read(group: TargetGroup, graph: GroupGraph, counts: Mapping[str, int]) -> GroupRead:
    return GroupRead(
        id=group.id,
        name=group.name,
        description=group.description,
        select=group.select,
        parents=parent_names(graph, group.id),
        children=[child.name for child in graph.children(group.id)],
        target_count=counts.get(group.name, 0),
        created_at=group.created_at,
        updated_at=group.updated_at,
    )


def _patterns(select: str) -> Collection[str]:
    try:
        return group_patterns(parsed(select))
    except InvalidInputError:  # a document of a version with another language
        return ()
