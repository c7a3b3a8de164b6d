"""Lanes: a plan cut into what each target walks by itself and what waits for all of them.

The target-scoped nodes of a lane that hang on the same run-scoped nodes make a stage. A target walks a stage
without looking at other targets; between stages lies a run-scoped node, for which all targets are waited.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flows.plan import Plan, PlannedBlock, PlannedNode, PlannedStep

from .graph import Lane, Vertex
from .program import all_nodes


@dataclass(frozen=True)
class Stage:
    """What every target walks in one go.

    Attributes:
        lane: The nodes.
        waits: Places of run-scoped nodes that have to be decided before.
        after: Indices of stages of the same lane that have to be over before.
        borrowed: Places of run-scoped nodes whose cells its nodes look at.
        watched: Places of nodes in it that run-scoped nodes wait for.
        steps: All steps in it, those in blocks too.
    """

    lane: Lane
    waits: frozenset[int]
    after: frozenset[int]
    borrowed: frozenset[int]
    watched: frozenset[int]
    steps: tuple[PlannedStep, ...]


@dataclass(frozen=True)
class RunLane:
    """A lane as the run walks it: stages for the targets, and run-scoped nodes of its own."""

    stages: tuple[Stage, ...]
    vertices: tuple[Vertex, ...]

    def __bool__(self) -> bool:
        return bool(self.stages or self.vertices)


@dataclass(frozen=True)
class TargetBlock:
    """A block that each target walks by itself."""

    body: Lane
    rescue: Lane
    always: Lane


@dataclass(frozen=True)
class RunBlock:
    """A block that is entered once, its target-scoped nodes fanning out over the targets."""

    body: RunLane
    rescue: RunLane
    always: RunLane


@dataclass(frozen=True)
class Extent:
    """Which steps lie in the lanes of a block."""

    body: frozenset[int]
    rescue: frozenset[int]
    all: frozenset[int]


@dataclass(frozen=True)
class Lanes:
    """All lanes of a plan.

    Attributes:
        top: The outermost lane.
        target_blocks: By place.
        run_blocks: By place.
        extents: By place of the block.
        spine: Places of target-scoped nodes that a target meets unless something goes wrong.
    """

    top: RunLane
    target_blocks: Mapping[int, TargetBlock]
    run_blocks: Mapping[int, RunBlock]
    extents: Mapping[int, Extent]
    spine: tuple[int, ...]

    @property
    def one_stage(self) -> bool:
        """Whether a target is done for good once it has walked its one stage."""
        return len(self.top.stages) <= 1 and not self.run_blocks


def lay_out(plan: Plan) -> Lanes:
    """Cut a plan into lanes."""
    nodes = list(all_nodes(plan.nodes))
    places = {node.id: node.ord for node in nodes}
    blocks = [node for node in nodes if node.kind == "block"]
    return Lanes(
        top=_run_lane(plan.nodes, places),
        target_blocks={block.ord: _target_block(block, places) for block in blocks if block.scope == "target"},
        run_blocks={block.ord: _run_block(block, places) for block in blocks if block.scope == "run"},
        extents={block.ord: _extent(block) for block in blocks},
        spine=tuple(_spine(plan.nodes)),
    )


def _target_block(block: PlannedBlock, places: dict[str, int]) -> TargetBlock:
    return TargetBlock(Lane(block.steps, places), Lane(block.rescue, places), Lane(block.always, places))


def _run_block(block: PlannedBlock, places: dict[str, int]) -> RunBlock:
    return RunBlock(_run_lane(block.steps, places), _run_lane(block.rescue, places), _run_lane(block.always, places))


def _extent(block: PlannedBlock) -> Extent:
    body, rescue, always = (_step_places(lane) for lane in (block.steps, block.rescue, block.always))
    return Extent(body, rescue, body | rescue | always | {block.ord})


def _step_places(nodes: Sequence[PlannedNode]) -> frozenset[int]:
    return frozenset(node.ord for node in all_nodes(nodes))


def _spine(nodes: Sequence[PlannedNode]) -> Iterable[int]:
    for node in nodes:
        if node.scope == "target":
            yield node.ord
        elif node.kind == "block":
            yield from _spine(node.steps)


def _run_lane(nodes: Sequence[PlannedNode], places: dict[str, int]) -> RunLane:
    barriers = _barriers(nodes, places)
    run_nodes = [node for node in nodes if node.scope == "run"]
    needed = frozenset(places[need.step] for node in run_nodes for need in node.needs)
    groups: dict[frozenset[int], list[PlannedNode]] = {}
    for node in nodes:
        if node.scope == "target":
            groups.setdefault(barriers[node.ord], []).append(node)
    home = {node.ord: index for index, group in enumerate(groups.values()) for node in group}
    stages = [
        Stage(
            lane=(lane := Lane(group, places)),
            waits=waits,
            after=frozenset(home[place] for place in lane.outside if place in home),
            borrowed=lane.outside & waits,
            watched=needed & {node.ord for node in group},
            steps=tuple(node for node in all_nodes(group) if node.kind == "step"),
        )
        for waits, group in groups.items()
    ]
    return RunLane(tuple(stages), Lane(run_nodes, places).vertices)


def _barriers(nodes: Sequence[PlannedNode], places: dict[str, int]) -> dict[int, frozenset[int]]:
    """By place: the run-scoped nodes of the lane that lie before a node."""
    by_place = {node.ord: node for node in nodes}
    found: dict[int, frozenset[int]] = {}

    def before(place: int) -> frozenset[int]:
        if place not in found:
            node = by_place[place]
            needs = [places[need.step] for need in node.needs]
            here = {need for need in needs if by_place[need].scope == "run"}
            found[place] = frozenset(here.union(*(before(need) for need in needs)))
        return found[place]

    return {place: before(place) for place in by_place}
