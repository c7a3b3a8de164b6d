"""The run's way through its lanes: stages roll over the targets, run-scoped nodes wait for all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flows.ledger.pair import SENT, PairState
from flows.plan import PlannedBlock
from opsconductor.sdk.outcome import Outcome

from .batches import too_many, waves
from .environment import Environment
from .fanout import fan_out, together
from .fleet import Track
from .graph import BLOCKED, STARTED, STATUS, UNREACHED, Follow, Status, Vertex, cell_of, has_ended
from .lanes import Lanes, RunLane, Stage
from .outcome import worst
from .pair import Pair
from .walk import Walk, enters, is_broken, nobody
from .watch import Signal, Watch, aggregate
from .wind_up import end_target


@dataclass(frozen=True)
class Play:
    """Over which targets a lane is played, and how.

    Attributes:
        tracks: The targets.
        rolling: Whether in the batches of the strategy.
        blocks: Places of the run-scoped blocks it lies in, the innermost last.
        guarded: Steps of which one failure keeps the next batch from starting: a rescue waits for it.
    """

    tracks: Sequence[Track]
    rolling: bool = True
    blocks: tuple[int, ...] = ()
    guarded: frozenset[int] = frozenset()


class Rollout:
    """Plays the lanes of a run."""

    def __init__(self, environment: Environment, lanes: Lanes) -> None:
        self._environment = environment
        self._lanes = lanes
        self._watches: dict[int, Watch] = {}
        self._changed = Signal()

    def wake(self) -> None:
        """The run stops: nobody waits any longer."""
        self._changed.tell()

    async def play(self) -> None:
        """Play the whole plan."""
        await self._lane(self._lanes.top, Play(self._environment.fleet.tracks))
        await self._settle_left()
        for track in self._environment.fleet.tracks:
            if not self._halted and not track.left_out:
                self._environment.fleet.start(track)

    async def _settle_left(self) -> None:
        """Nothing that an earlier engine sent stays open, wherever this one went."""
        environment, fleet = self._environment, self._environment.fleet
        left = [
            (track, step, pair)
            for (place, step), pair in environment.record.restored.items()
            if pair.state == SENT and not has_ended((track := fleet.track(place)).cells[step])
        ]

        async def settle(found: tuple[Track, int, PairState]) -> None:
            track, step, pair = found
            fleet.start(track)
            await Pair(environment, track, environment.program.steps[step]).settle(pair)

        await fan_out(left, environment.record.run.plan.strategy.concurrency, settle)

    @property
    def _halted(self) -> bool:
        return self._environment.halt.reason is not None

    async def _lane(self, lane: RunLane, play: Play) -> None:
        over = [False] * len(lane.stages)
        for stage in lane.stages:
            for place in stage.watched:
                self._watch(place, play)
        await together(
            [
                *(self._stage(lane, index, play, over) for index in range(len(lane.stages))),
                *(self._run_node(vertex, play) for vertex in lane.vertices),
            ]
        )

    def _watch(self, place: int, play: Play) -> None:
        if play.tracks:
            self._watches[place] = Watch(play.tracks)
        else:
            self._environment.fleet.run.cells[place] = aggregate(())

    # -- run-scoped nodes

    async def _run_node(self, vertex: Vertex, play: Play) -> None:
        track = self._environment.fleet.run
        while (verdict := vertex.decide(track.cells)) is Follow.WAIT and not self._halted:
            await self._changed.wait()
        if self._halted:
            return
        if verdict is Follow.TAKEN:
            track.cells[vertex.ord] = STARTED
            await self._run(vertex, track, play)
        else:
            track.cells[vertex.ord] = BLOCKED if verdict is Follow.BLOCKED else UNREACHED
        self._changed.tell()

    async def _run(self, vertex: Vertex, track: Track, play: Play) -> None:
        node = vertex.node
        if node.kind == "step":
            await Pair(self._environment, track, self._environment.program.steps[node.ord]).run()
        elif enters(self._environment, track, node):
            await self._block(node, play)

    async def _block(self, block: PlannedBlock, play: Play) -> None:
        lanes, extent = self._lanes.run_blocks[block.ord], self._lanes.extents[block.ord]
        blocks = (*play.blocks, block.ord)
        guarded = play.guarded | extent.body if lanes.rescue else play.guarded
        await self._lane(lanes.body, Play(play.tracks, play.rolling, blocks, guarded))
        if self._halted:
            return
        met = [track for track in play.tracks if track.cells[block.ord] == STARTED]
        after = Play(met if lanes.body.stages else play.tracks, rolling=False, blocks=play.blocks)
        if lanes.rescue and any(is_broken(track, extent.body) for track in self._everyone()):
            await self._lane(lanes.rescue, after)
            self._forgive(extent.body, extent.rescue)
        if not self._halted:
            await self._lane(lanes.always, after)
        if not self._halted:
            faults = [
                fault.outcome
                for track in self._everyone()
                for place, fault in track.faults.items()
                if place in extent.all
            ]
            self._environment.fleet.run.cells[block.ord] = cell_of(worst(faults, Outcome.OK))

    def _everyone(self) -> Iterator[Track]:
        return iter(list(self._environment.fleet.faulty.values()))

    def _forgive(self, body: frozenset[int], rescue: frozenset[int]) -> None:
        """What the rescue put right is no failure; where the rescue itself failed, it is."""
        run = self._environment.fleet.run
        if self._halted or run.faults.keys() & rescue:
            return
        for track in self._everyone():
            if not track.faults.keys() & rescue:
                track.forgive(body)

    # -- stages

    async def _stage(self, lane: RunLane, index: int, play: Play, over: list[bool]) -> None:
        stage = lane.stages[index]
        while not self._halted and not self._may_begin(stage, over):
            await self._changed.wait()
        for track in await self._roll(stage, play):
            track.left_out = not track.started and not self._halted
            self._leave(stage, track)
        over[index] = True
        self._changed.tell()

    def _may_begin(self, stage: Stage, over: list[bool]) -> bool:
        cells = self._environment.fleet.run.cells
        decided = all(STATUS[cells[place]] is not Status.WAITING for place in stage.waits)
        return decided and all(over[index] for index in stage.after)

    async def _roll(self, stage: Stage, play: Play) -> list[Track]:
        """Walk the targets batch by batch; once too much went wrong, only those that were begun already.

        Returns:
            The targets that were not walked.
        """
        left: list[Track] = []
        sizes = self._environment.record.run.plan.strategy.batches if play.rolling else ()
        first = 0
        for wave in waves(sizes, play.tracks):
            admitted = self._admitted(play, wave)
            if admitted is not wave:
                left += set(wave).difference(admitted)
            if admitted and len(wave) < len(play.tracks):
                nodes = [vertex.node.id for vertex in stage.lane.vertices]
                facts = {"first": first, "targets": len(admitted), "nodes": nodes}
                await self._environment.record.event("batch.started", facts)
            await self._batch(stage, play, admitted)
            first += len(wave)
        return left

    def _admitted(self, play: Play, wave: Sequence[Track]) -> Sequence[Track]:
        if self._halted:
            return []
        return [track for track in wave if track.started] if self._gives_up(play, wave) else wave

    def _gives_up(self, play: Play, wave: Sequence[Track]) -> bool:
        """Whether no further target may start."""
        fleet, strategy = self._environment.fleet, self._environment.record.run.plan.strategy
        if too_many(strategy, fleet.failures, len(fleet)):
            return True
        is_first = wave[0] is play.tracks[0]
        return not is_first and any(is_broken(track, play.guarded) for track in self._everyone())

    async def _batch(self, stage: Stage, play: Play, wave: Sequence[Track]) -> None:
        async def walk(track: Track) -> None:
            async with self._environment.slots:
                if not self._halted:
                    await self._walk(stage, play, track)
            self._leave(stage, track)

        await fan_out(wave, self._environment.record.run.plan.strategy.concurrency, walk)

    async def _walk(self, stage: Stage, play: Play, track: Track) -> None:
        """One target's way through one stage."""
        environment = self._environment
        environment.fleet.start(track)
        for place in play.blocks:
            track.cells[place] = STARTED
        for place in stage.borrowed:
            track.cells[place] = environment.fleet.run.cells[place]
        await Walk(environment, self._lanes, track).lane(stage.lane, self._arrived if stage.watched else nobody)
        if self._lanes.one_stage and not self._halted:
            await end_target(environment, self._lanes, track)
        elif track.target is not None:
            await environment.lines.park(track.target)

    def _arrived(self, place: int) -> None:
        watch = self._watches.get(place)
        if watch is not None and watch.arrive():
            self._environment.fleet.run.cells[place] = aggregate(track.cells[place] for track in watch.tracks)
            self._changed.tell()

    def _leave(self, stage: Stage, track: Track) -> None:
        """The target does not come to what it has not ended yet."""
        for place in stage.watched:
            if not has_ended(track.cells[place]):
                self._arrived(place)
        gates = self._environment.gates
        if gates is None:
            return
        for step in stage.steps:
            if not has_ended(track.cells[step.ord]):
                gates.leave(step, track.ord)
