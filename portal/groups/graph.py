"""How groups hang together: what must be known before what, and which of them a target is in."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from uuid import UUID

from opsconductor.sdk.selector import Facts, Selector, group_patterns, parse_selector

from .errors import GroupCycleError

parsed = lru_cache(maxsize=4096)(parse_selector)
"""A selector that was accepted once, read only once."""


@dataclass(frozen=True, slots=True)
class Node:
    """A group.

    Attributes:
        select: Which targets are members; None where members are put there.
        parents: The groups it is in.
    """

    id: UUID
    name: str
    select: str | None = None
    parents: frozenset[UUID] = frozenset()

    @property
    def selector(self) -> Selector | None:
        """Its selector, read."""
        return None if self.select is None else parsed(self.select)


class GroupGraph:
    """All groups.

    A group depends on the groups inside it, and on those that its selector names.

    Raises:
        GroupCycleError: A group depends on itself.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._nodes = {node.id: node for node in nodes}
        self._by_name = {node.name.lower(): node for node in self._nodes.values()}
        self._children: dict[UUID, set[UUID]] = {key: set() for key in self._nodes}
        for node in self._nodes.values():
            for parent in node.parents & self._nodes.keys():
                self._children[parent].add(node.id)
        self._needs = {node.id: self._children[node.id] | self._named_by(node) for node in self._nodes.values()}
        try:
            self._order = [self._nodes[key] for key in TopologicalSorter(self._needs).static_order()]
        except CycleError as error:
            raise GroupCycleError([self._nodes[key].name for key in error.args[1]]) from None

    def _named_by(self, node: Node) -> set[UUID]:
        if node.selector is None:
            return set()
        patterns = group_patterns(node.selector)
        found = (self._by_name.get(name.lower()) for name in patterns)
        exact = {other.id for other in found if other is not None and other.name in patterns}
        wild = [name.replace("[", "[[]") for name in patterns if "*" in name or "?" in name]
        return exact | {
            other.id for other in self._nodes.values() if any(fnmatchcase(other.name, pattern) for pattern in wild)
        }

    @property
    def order(self) -> Sequence[Node]:
        """Every group after those that it depends on."""
        return self._order

    def get(self, group_id: UUID) -> Node:
        """The group with this key."""
        return self._nodes[group_id]

    def find(self, name: str) -> Node | None:
        """The group of that name, in any case of letters."""
        return self._by_name.get(name.lower())

    def children(self, group_id: UUID) -> list[Node]:
        """The groups directly inside, by name."""
        return sorted((self._nodes[key] for key in self._children[group_id]), key=lambda node: node.name.lower())

    def above(self, group_id: UUID) -> frozenset[UUID]:
        """The groups that it is in, at any height."""
        return _closure({group_id}, lambda key: self._nodes[key].parents & self._nodes.keys()) - {group_id}

    def names_from(self, group_id: UUID) -> list[str]:
        """Its name and those of the groups above it: what its targets carry because of it."""
        return [self._nodes[key].name for key in (group_id, *self.above(group_id))]

    def naming(self, name: str) -> list[Node]:
        """The groups whose selectors name this one; patterns that fit it name nobody."""
        return [node for node in self._order if node.selector is not None and name in group_patterns(node.selector)]

    def affected_by(self, ids: Collection[UUID]) -> list[Node]:
        """These groups and all that depend on them, in order."""
        found = set(ids) & self._nodes.keys()
        for node in self._order:
            if not found.isdisjoint(self._needs[node.id]):
                found.add(node.id)
        return [node for node in self._order if node.id in found]

    def membership(
        self, target: Facts, direct: Collection[UUID], kept: Iterable[str] = (), nodes: Sequence[Node] | None = None
    ) -> list[str]:
        """Names of the groups that a target is in, in order of their letters.

        Args:
            target: What selectors ask; its groups do not count.
            direct: Groups that it was put into.
            kept: Names that are known to hold, of groups that are not among `nodes`.
            nodes: The groups to decide about, in order; all when absent.
        """
        held = set(kept)
        facts = replace(target, groups=held)  # grows below: groups come after those that their selectors name
        for node in self._order if nodes is None else nodes:
            inner = (self._nodes[key].name in held for key in self._children[node.id])
            if node.id in direct or any(inner) or (node.selector is not None and node.selector.matches(facts)):
                held.add(node.name)
        return sorted(held)


def _closure(start: set[UUID], step: Callable[[UUID], Iterable[UUID]]) -> frozenset[UUID]:
    found = set(start)
    waiting = list(start)
    while waiting:
        new = set(step(waiting.pop())) - found
        found |= new
        waiting += new
    return frozenset(found)
