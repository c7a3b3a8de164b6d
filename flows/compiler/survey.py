"""Every node of a document with what the other checks need to know about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from opsconductor.sdk.action import AnyAction
from opsconductor.sdk.job import UNKNOWN_ACTION, Block, JobDocument, Place, Step, did_you_mean
from opsconductor.sdk.job.document import MAX_NODES, EdgeOn, Node, Scope

from .catalogue import ActionCatalogue
from .findings import Findings

LANES = ("steps", "rescue", "always")


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge as it counts: `on` is decided, and the node is the one above when none is named."""

    step: str
    on: EdgeOn
    place: Place
    implied: bool = False


@dataclass(slots=True, eq=False)
class Placed:
    """A node where it stands.

    Attributes:
        ord: Its number in document order.
        lane: Its neighbours, itself included.
        inside: The block around it, None at the top.
        lane_name: Which lane of that block.
        edges: What it waits for, as written.
        sources: The nodes those edges come from, as far as they are in the lane.
        inner: Lanes of a block by name.
    """

    node: Step | Block
    place: Place
    ord: int
    lane: "Lane"
    inside: "Placed | None"
    lane_name: str
    action: AnyAction | None = None
    scope: Scope = "target"
    edges: tuple[Edge, ...] = ()
    sources: "Lane" = field(default_factory=list["Placed"])
    inner: dict[str, "Lane"] = field(default_factory=dict[str, "Lane"])

    @property
    def id(self) -> str:
        """Id of the node."""
        return self.node.id

    def inner_nodes(self, *lanes: str) -> "Iterator[Placed]":
        """Nodes of a block's lanes (all when none is named) and of the blocks in them."""
        for name in lanes or LANES:
            for placed in self.inner.get(name, ()):
                yield placed
                yield from placed.inner_nodes()


Lane = list[Placed]


@dataclass(frozen=True, slots=True)
class Survey:
    """All nodes: the top lane, and every node in document order."""

    top: Lane
    nodes: list[Placed]

    @property
    def lanes(self) -> list[Lane]:
        """Every lane of the document."""
        return [self.top, *(lane for placed in self.nodes for lane in placed.inner.values())]


def survey(document: JobDocument, actions: ActionCatalogue, findings: Findings) -> Survey:
    """Find every node, its action, scope and edges; refuse double ids and unknown actions."""
    nodes: list[Placed] = []
    top = _lane(document.steps, ("steps",), None, "steps", nodes)
    if len(nodes) > MAX_NODES:
        findings.refuse(("steps",), f"the job has {len(nodes)} nodes; at most {MAX_NODES} can be run", "split it")
    _refuse_double_ids(nodes, findings)
    for placed in nodes:
        if isinstance(placed.node, Step):
            _find_action(placed, placed.node, actions, findings)
        else:
            placed.scope = placed.node.scope or "target"
        placed.edges = _edges(placed)
    for placed in nodes:
        _check_scope_inside(placed, findings)
    found = Survey(top, nodes)
    for lane in found.lanes:
        by_id = {placed.id: placed for placed in reversed(lane)}
        for placed in lane:
            placed.sources = [by_id[edge.step] for edge in placed.edges if edge.step in by_id]
    return found


def _lane(nodes: tuple[Node, ...], place: Place, inside: Placed | None, lane_name: str, found: list[Placed]) -> Lane:
    lane: Lane = []
    for index, node in enumerate(nodes):
        placed = Placed(node, (*place, index), len(found), lane, inside, lane_name)
        lane.append(placed)
        found.append(placed)
        if isinstance(node, Block):
            for name in LANES:
                inner = _lane(getattr(node.block, name), (*placed.place, "block", name), placed, name, found)
                placed.inner.update({name: inner} if inner else {})
    return lane


def _refuse_double_ids(nodes: list[Placed], findings: Findings) -> None:
    first: dict[str, Placed] = {}
    for placed in nodes:
        other = first.setdefault(placed.id, placed)
        if other is not placed:
            where = findings.document.line_of((*other.place, "id"))
            hint = "ids are unique in the whole document" + (f"; the first is on line {where}" if where else "")
            findings.refuse((*placed.place, "id"), f"another step is named `{placed.id}`", hint)


def _find_action(placed: Placed, step: Step, actions: ActionCatalogue, findings: Findings) -> None:
    placed.scope = step.scope or "target"
    if step.uses == UNKNOWN_ACTION:
        return
    placed.action = actions.find(step.uses)
    if placed.action is None:
        close = actions.suggest(step.uses)
        hint = f"did you mean `{close}`?" if close else "see `opsconductor library list` for what is installed"
        findings.refuse((*placed.place, "uses"), f"there is no action `{step.uses}`", hint)
    elif placed.action.scope != "any":
        if step.scope not in {None, placed.action.scope}:
            message = f"`{step.uses}` runs {'once per run' if placed.action.scope == 'run' else 'on each target'}"
            findings.refuse((*placed.place, "scope"), message, "remove `scope`")
        placed.scope = placed.action.scope


def _edges(placed: Placed) -> tuple[Edge, ...]:
    node = placed.node
    if node.needs is not None:
        return tuple(
            Edge(need.step, need.on or node.on or "success", (*placed.place, "needs", index))
            for index, need in enumerate(node.needs)
        )
    index = int(placed.place[-1])
    if index == 0:
        return ()
    return (Edge(placed.lane[index - 1].id, node.on or "success", placed.place, implied=True),)


def _check_scope_inside(placed: Placed, findings: Findings) -> None:
    block = placed.inside
    if block is not None and block.scope == "target" and placed.scope == "run":
        message = f"`{placed.id}` runs once per run, and the block `{block.id}` is walked by each target on its own"
        findings.refuse(placed.place, message, f"put `scope: run` on `{block.id}`, or move the step out of it")


def suggest_id(word: str, lane: Lane) -> str:
    """A hint for an id that is not in the lane."""
    return did_you_mean(word, (placed.id for placed in lane))
