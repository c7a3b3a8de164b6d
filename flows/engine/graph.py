"""The graph of a job, seen from one target (or from the run): who may start, who never will.

Pure. What happened to a node is one byte, its cell: 0 while it waits, outcome + 1 when it ended, or one of
the codes below. A node that never runs is either `BLOCKED` (something before it went wrong) or `UNREACHED`
(the branch it stands on was not taken); `docs/adr/0003-outcomes.md` says why the two are told apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from functools import cached_property
from typing import Literal

from flows.plan import EdgeOn, PlannedNode
from opsconductor.sdk.outcome import Outcome

WAITING = 0
BLOCKED = 20
UNREACHED = 21
STARTED = 255


class Status(IntEnum):
    """What a cell means to those who need the node."""

    WAITING = 0
    GOOD = 1
    BAD = 2
    UNKNOWN = 3
    BLOCKED = 4
    UNREACHED = 5


class Follow(Enum):
    """What an edge, or all edges of a node together, say about going on."""

    WAIT = auto()
    TAKEN = auto()
    BLOCKED = auto()
    NOT_TAKEN = auto()


def _status(cell: int) -> Status:
    if cell == BLOCKED:
        return Status.BLOCKED
    if cell == UNREACHED:
        return Status.UNREACHED
    if cell in (WAITING, STARTED) or cell > Outcome.UNKNOWN + 1:
        return Status.WAITING
    outcome = Outcome(cell - 1)
    if outcome is Outcome.UNKNOWN:
        return Status.UNKNOWN
    return Status.GOOD if outcome.good else Status.BAD


STATUS: tuple[Status, ...] = tuple(_status(cell) for cell in range(256))

_W, _T, _B, _N = Follow.WAIT, Follow.TAKEN, Follow.BLOCKED, Follow.NOT_TAKEN
_EDGES: dict[EdgeOn, tuple[Follow, ...]] = {
    # of a need that is:  waiting, good, bad, unknown, blocked, unreached
    "success": (_W, _T, _B, _B, _B, _N),
    "failure": (_W, _N, _T, _B, _B, _N),
    "always": (_W, _T, _T, _T, _T, _N),
}


def cell_of(outcome: Outcome) -> int:
    """The cell of a node that ended so."""
    return outcome + 1


def has_ended(cell: int) -> bool:
    """Whether the node ran, or was skipped by its own condition."""
    return WAITING < cell <= Outcome.UNKNOWN + 1


def follow(on: EdgeOn, cell: int) -> Follow:
    """What one edge says, given the cell of the node it comes from."""
    return _EDGES[on][STATUS[cell]]


def decide(edges: Iterable[Follow], join: Literal["all", "any"]) -> Follow:
    """What the edges of a node say together."""
    found = set(edges)
    if join == "any" and found:
        order = (Follow.TAKEN, Follow.WAIT, Follow.BLOCKED, Follow.NOT_TAKEN)
    else:
        order = (Follow.NOT_TAKEN, Follow.WAIT, Follow.BLOCKED)
    return next((verdict for verdict in order if verdict in found), Follow.TAKEN)


@dataclass(frozen=True)
class Vertex:
    """A node with its needs as places in the cells."""

    node: PlannedNode
    ord: int
    needs: tuple[tuple[int, EdgeOn], ...]

    def decide(self, cells: Sequence[int]) -> Follow:
        """Whether the node may start, given what happened before it."""
        if len(self.needs) == 1:
            (place, on) = self.needs[0]
            return _EDGES[on][STATUS[cells[place]]]
        return decide((_EDGES[on][STATUS[cells[place]]] for place, on in self.needs), self.node.join)


class Lane:
    """Nodes that hang together by their needs; what they need outside is settled before they are walked."""

    def __init__(self, nodes: Sequence[PlannedNode], places: dict[str, int]) -> None:
        self.vertices = tuple(
            Vertex(node, node.ord, tuple((places[need.step], need.on) for need in node.needs)) for node in nodes
        )
        inside = {vertex.ord for vertex in self.vertices}
        self.roots = tuple(v for v in self.vertices if not any(place in inside for place, _ in v.needs))
        self._after: dict[int, tuple[Vertex, ...]] = {
            place: tuple(v for v in self.vertices if any(need == place for need, _ in v.needs)) for place in inside
        }

    def __bool__(self) -> bool:
        return bool(self.vertices)

    @cached_property
    def outside(self) -> frozenset[int]:
        """Places that the lane's nodes need and that are not in the lane."""
        inside = {vertex.ord for vertex in self.vertices}
        return frozenset(place for v in self.vertices for place, _ in v.needs if place not in inside)

    def open(self, cells: bytearray) -> list[Vertex]:
        """The nodes that may start at once; those that never will are marked."""
        return self._settle(self.roots, cells)

    def after(self, ended: Vertex, cells: bytearray) -> list[Vertex]:
        """The nodes that may start now that `ended` has its cell; those that never will are marked."""
        return self._settle(self._after[ended.ord], cells)

    def _settle(self, begin: Sequence[Vertex], cells: bytearray) -> list[Vertex]:
        ready: list[Vertex] = []
        candidates = list(begin)
        for vertex in candidates:  # grows while it is walked
            if cells[vertex.ord] != WAITING:
                continue
            verdict = vertex.decide(cells)
            if verdict is Follow.TAKEN:
                cells[vertex.ord] = STARTED
                ready.append(vertex)
            elif verdict is not Follow.WAIT:
                cells[vertex.ord] = BLOCKED if verdict is Follow.BLOCKED else UNREACHED
                candidates.extend(self._after[vertex.ord])
        return ready
