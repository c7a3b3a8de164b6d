"""One target's way through a stage: what is ready runs, side by side where nothing lies between."""

import asyncio
from collections.abc import Callable

from flows.plan import PlannedBlock
from opsconductor.errors import ExpressionError
from opsconductor.sdk.outcome import Outcome

from .environment import Environment
from .fleet import Track
from .graph import WAITING, Lane, Vertex, cell_of
from .lanes import Lanes
from .outcome import Fault, worst
from .pair import Pair

Arrived = Callable[[int], None]
"""Called with the place of each node of the outer lane that ended."""


def nobody(place: int) -> None:
    """Nobody waits for the nodes of inner lanes."""


class Walk:
    """Walks lanes for one target."""

    __slots__ = ("_environment", "_lanes", "track")

    def __init__(self, environment: Environment, lanes: Lanes, track: Track) -> None:
        self._environment = environment
        self._lanes = lanes
        self.track = track

    async def lane(self, lane: Lane, arrived: Arrived = nobody) -> None:
        """Walk a lane to its end, or until the run stops."""
        ready = lane.open(self.track.cells)
        self._dial(ready)
        running: set[asyncio.Task[Vertex]] = set()
        try:
            while ready or running:
                if self._environment.halt.reason is not None:
                    self._leave(ready)
                if len(ready) == 1 and not running:
                    ended = [await self._node(ready.pop())]
                else:
                    running |= {asyncio.create_task(self._node(vertex)) for vertex in ready}
                    ended, running = await _first(running)
                for vertex in ended:
                    arrived(vertex.ord)
                ready = [after for vertex in ended for after in lane.after(vertex, self.track.cells)]
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _leave(self, ready: list[Vertex]) -> None:
        for vertex in ready:
            self.track.cells[vertex.ord] = WAITING
        ready.clear()

    def _dial(self, ready: list[Vertex]) -> None:
        """Log in ahead when the first thing to do on the target needs it for certain."""
        target = self.track.target
        if target is None:
            return
        steps = self._environment.program.steps
        done = self._environment.record.restored
        for vertex in ready:
            program = steps.get(vertex.ord)
            if program is None or not program.needs_host or program.when or not program.works_on(target.platform):
                continue
            if not done or (self.track.ord, vertex.ord) not in done:
                self._environment.lines.line(target).dial()

    async def _node(self, vertex: Vertex) -> Vertex:
        node = vertex.node
        if node.kind == "block":
            await self._block(node)
        else:
            await Pair(self._environment, self.track, self._environment.program.steps[node.ord]).run()
        return vertex

    async def _block(self, block: PlannedBlock) -> None:
        if not enters(self._environment, self.track, block):
            return
        lanes, extent = self._lanes.target_blocks[block.ord], self._lanes.extents[block.ord]
        await self.lane(lanes.body)
        if lanes.rescue and is_broken(self.track, extent.body) and self._goes_on():
            await self.lane(lanes.rescue)
            if not self.track.faults.keys() & extent.rescue and self._goes_on():
                self.track.forgive(extent.body)
        if self._goes_on():
            await self.lane(lanes.always)
        if self._goes_on():
            self.track.cells[block.ord] = block_cell(self.track, extent.all)

    def _goes_on(self) -> bool:
        return self._environment.halt.reason is None


def enters(environment: Environment, track: Track, block: PlannedBlock) -> bool:
    """Whether a block is begun; its cell says why not."""
    condition = environment.program.conditions.get(block.ord)
    if condition is None:
        return True
    when, names = condition
    try:
        holds = when.evaluate(environment.contexts.build(names, track))
    except ExpressionError as error:
        if not environment.record.run.check_only:
            return _refuse(track, block, environment.redactor.text(f"when: {error}"))
        holds = False
    if holds is False:
        track.cells[block.ord] = cell_of(Outcome.SKIPPED)
    elif holds is not True:
        return _refuse(track, block, f"when: `{when.source}` is neither true nor false")
    return holds is True


def _refuse(track: Track, block: PlannedBlock, reason: str) -> bool:
    track.cells[block.ord] = cell_of(Outcome.FAILED)
    track.blame(block.ord, Fault(Outcome.FAILED, block.id, reason))
    return False


def is_broken(track: Track, places: frozenset[int]) -> bool:
    """Whether something failed at these places; what is unknown did not fail, a person decides."""
    return any(fault.outcome is not Outcome.UNKNOWN for place, fault in track.faults.items() if place in places)


def block_cell(track: Track, places: frozenset[int]) -> int:
    """The cell of a block that ended."""
    faults = [fault.outcome for place, fault in track.faults.items() if place in places]
    if faults:
        return cell_of(worst(faults))
    return cell_of(track.good_outcome(places))


async def _first(running: set[asyncio.Task[Vertex]]) -> tuple[list[Vertex], set[asyncio.Task[Vertex]]]:
    if not running:
        return [], running
    done, rest = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    return sorted((task.result() for task in done), key=lambda vertex: vertex.ord), rest
