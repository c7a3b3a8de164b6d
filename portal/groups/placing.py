"""Putting targets into groups by name, as far as the actor may."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from opsconductor.errors import InvalidInputError, Problem
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_groups
from portal.targets.models import Target

from .graph import GroupGraph, Node
from .membership import Memberships


async def place(groups: Memberships, audit: AuditLog, actor: Actor, wanted: Mapping[UUID, Sequence[str]]) -> GroupGraph:
    """Make these the groups that each target was put into; names that nobody knows become groups.

    What a target is in anyway, because a group it is put into is inside it or because a selector picks it, may be
    named too: what was read can be written back. Follow with `check_placed`.

    Raises:
        InvalidInputError: A group is not known, and the actor may not make it.
        PermissionDeniedError: The actor does not manage a group that a target enters or leaves.
    """
    graph = await _known(groups, audit, actor, {name for names in wanted.values() for name in names})
    direct = await groups.direct(wanted.keys())
    entering: list[tuple[UUID, UUID]] = []
    leaving: dict[UUID, list[UUID]] = {}
    for target_id, names in wanted.items():
        now = direct.get(target_id, set())
        then = _direct(graph, [node for name in names if (node := graph.find(name))], now)
        entering += [(target_id, group_id) for group_id in then - now]
        for group_id in now - then:
            leaving.setdefault(group_id, []).append(target_id)
    touched = {group_id for _, group_id in entering} | leaving.keys()
    check_groups(actor, Permission.GROUPS_MANAGE, [_named(graph, group_id) for group_id in touched])
    await groups.put(entering)
    for group_id, target_ids in leaving.items():
        await groups.take(group_id, target_ids)
    return graph


def carried(graph: GroupGraph, names: Iterable[str]) -> list[str]:
    """What a target carries when it is put into these groups: their names and those above them."""
    nodes = {name: graph.find(name) for name in names}
    return [above for name, node in nodes.items() for above in (graph.names_from(node.id) if node else [name])]


def check_placed(graph: GroupGraph, targets: Iterable[Target], wanted: Mapping[UUID, Sequence[str]]) -> None:
    """After groups followed: that every target is where it was put.

    Raises:
        InvalidInputError: Only the selector of a group says who is in it.
    """
    for target in targets:
        for name in wanted.get(target.id, ()):
            node = graph.find(name)
            if node is not None and node.name not in target.groups:
                hint = f"its members are picked by `{node.select}`"
                raise InvalidInputError([Problem("groups", f"{target.name} cannot be put into {node.name}", hint)])


def _direct(graph: GroupGraph, nodes: Collection[Node], now: set[UUID]) -> set[UUID]:
    implied = frozenset[UUID]().union(*(graph.above(node.id) for node in nodes))
    return {node.id for node in nodes if node.select is None and (node.id in now or node.id not in implied)}


async def _known(groups: Memberships, audit: AuditLog, actor: Actor, names: set[str]) -> GroupGraph:
    graph = await groups.graph()
    scope = actor.scope(Permission.TARGETS_VIEW)
    nodes = {name: graph.find(name) for name in names}
    hidden = sorted(name for name, node in nodes.items() if node and not scope.covers_target(graph.names_from(node.id)))
    unknown = sorted(name for name, node in nodes.items() if node is None)
    if hidden or (unknown and Permission.GROUPS_MANAGE not in actor.permissions):
        hint = "ask somebody who manages groups to make it"
        raise InvalidInputError([Problem("groups", f"there is no group {name}", hint) for name in hidden + unknown])
    made = await groups.add_missing({name.lower(): name for name in unknown}.values())
    for group in made:
        audit.record(actor, "group.created", "group", group.id, name=group.name)
    return await groups.graph() if made else graph


def _named(graph: GroupGraph, group_id: UUID) -> tuple[str, list[str]]:
    return graph.get(group_id).name, graph.names_from(group_id)
