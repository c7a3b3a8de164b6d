"""Groups of a file: which are new, and which go into which, as far as the importer may."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from opsconductor.errors import Problem
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.groups.errors import GroupCycleError
from portal.groups.graph import GroupGraph, Node
from portal.kit.ids import new_id
from portal.kit.text import Label

_LABEL: TypeAdapter[str] = TypeAdapter(Label)


@dataclass(slots=True)
class PlannedGroups:
    """What the import does to groups.

    Attributes:
        graph: Groups as it leaves them; new ones have keys that mean nothing.
        created: Names of new groups.
        nested: (Group, the group it goes into), by name.
        problems: Why they are refused.
    """

    graph: GroupGraph
    created: list[str] = field(default_factory=list[str])
    nested: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    problems: list[Problem] = field(default_factory=list[Problem])


def plan_groups(
    graph: GroupGraph, actor: Actor, used: Collection[str], parents: Mapping[str, Collection[str]]
) -> PlannedGroups:
    """What becomes of the groups that rows name, and of those above them.

    Args:
        graph: Groups as they are.
        actor: Who imports.
        used: Names that rows give.
        parents: Group → groups right above it, as the file says.
    """
    planned = PlannedGroups(graph)
    nodes = {node.name.lower(): node for node in graph.order}
    may_create = Permission.GROUPS_MANAGE in actor.permissions
    for name in sorted({*used, *parents, *(above for found in parents.values() for above in found)}):
        if name.lower() in nodes or not _is_label(planned, name):
            continue
        if may_create:
            planned.created.append(name)
            nodes[name.lower()] = Node(new_id(), name)
        elif name in parents:
            planned.problems.append(_no_group(name))
    _nest(planned, actor, nodes, parents)
    try:
        planned.graph = GroupGraph(nodes.values())
    except GroupCycleError as error:
        planned.problems += error.problems
    return planned


def _is_label(planned: PlannedGroups, name: str) -> bool:
    try:
        _LABEL.validate_python(name)
    except ValidationError:
        hint = "letters, digits and _.@/- only, the first a letter or a digit"
        planned.problems.append(Problem("groups", f"{name[:100]!r} is no name of a group", hint))
        return False
    return True


def _no_group(name: str) -> Problem:
    return Problem("groups", f"there is no group {name}", "ask somebody who manages groups to make it")


def _nest(planned: PlannedGroups, actor: Actor, nodes: dict[str, Node], parents: Mapping[str, Collection[str]]) -> None:
    scope = actor.scope(Permission.GROUPS_MANAGE)
    before = planned.graph
    for name, above in sorted(parents.items()):
        for parent_name in sorted(above):
            node, parent = nodes.get(name.lower()), nodes.get(parent_name.lower())
            if node is None or parent is None or parent.id in node.parents:
                continue
            if parent.select is not None:
                hint = f"its members are picked by `{parent.select}`"
                planned.problems.append(Problem("groups", f"no group can be put into {parent.name}", hint))
                continue
            for one in (node, parent):
                if not scope.covers_target(_names(before, one)):
                    message = f"putting {node.name} into {parent.name} needs the permission {Permission.GROUPS_MANAGE}"
                    planned.problems.append(Problem("groups", f"{message} for {one.name}"))
            nodes[name.lower()] = replace(node, parents=node.parents | {parent.id})
            planned.nested.append((node.name, parent.name))


def _names(graph: GroupGraph, node: Node) -> list[str]:
    known = graph.find(node.name)
    return [node.name] if known is None else graph.names_from(known.id)


def keys_of(graph: GroupGraph, nested: Collection[tuple[str, str]]) -> list[tuple[UUID, UUID]]:
    """Names → keys, once every group is there."""
    found = [(graph.find(group), graph.find(parent)) for group, parent in nested]
    return [(group.id, parent.id) for group, parent in found if group is not None and parent is not None]
