"""The targets of a run as the engine keeps them: a few bytes a step, and more only where it went wrong."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from opsconductor.sdk.outcome import Outcome
from opsconductor.sdk.transport import Target

from .graph import STATUS, Status
from .outcome import Fault, worst

RUN_ORD = -1

Facts = dict[str, Any]


class Track:
    """What became of the steps on one target, or of the run-scoped steps.

    Attributes:
        ord: The target's place; -1 for the run.
        name: Its name; `run` for the run.
        target: The target; None for the run.
        cells: One byte a node of the plan, see `graph`.
        kept: By step: what expressions of later steps may read.
        started: Whether the run has come to the target.
        left_out: Whether the run ended before it came to the target.
        rescued: What went wrong and was put right by a rescue.
        outcome: How the target as a whole ended; None before its end is recorded.
    """

    __slots__ = (
        "_faults",
        "_faulty",
        "cells",
        "kept",
        "left_out",
        "name",
        "ord",
        "outcome",
        "rescued",
        "started",
        "target",
    )

    def __init__(self, target: Target | None, size: int, faulty: dict[int, "Track"]) -> None:
        self.target = target
        self.ord = RUN_ORD if target is None else target.ord
        self.name = "run" if target is None else target.name
        self.cells = bytearray(size)
        self.kept: dict[int, Facts] | None = None
        self.started = False
        self.left_out = False
        self.rescued: Fault | None = None
        self.outcome: Outcome | None = None
        self._faults: dict[int, Fault] | None = None
        self._faulty = faulty

    @property
    def faults(self) -> Mapping[int, Fault]:
        """By step: what did not end well and was not rescued."""
        return self._faults or {}

    def keep(self, step_ord: int, facts: Facts) -> None:
        """Remember what later steps may read."""
        if self.kept is None:
            self.kept = {}
        self.kept[step_ord] = facts

    def blame(self, step_ord: int, fault: Fault) -> None:
        """Note a step that did not end well."""
        if self._faults is None:
            self._faults = {}
        self._faults[step_ord] = fault
        self._faulty[self.ord] = self

    def forgive(self, step_ords: Iterable[int]) -> None:
        """A rescue put these steps right. What is unknown stays unknown."""
        for step_ord in step_ords:
            fault = self.faults.get(step_ord)
            if self._faults is not None and fault is not None and fault.outcome is not Outcome.UNKNOWN:
                self.rescued = self._faults.pop(step_ord)
        if not self._faults:
            self._faulty.pop(self.ord, None)

    def fault(self) -> Fault | None:
        """The worst of what went wrong; of equals, the first."""
        faults = list(self.faults.values())
        if not faults:
            return None
        outcome = worst(fault.outcome for fault in faults)
        return next(fault for fault in faults if fault.outcome is outcome)

    def good_outcome(self, steps: Iterable[int]) -> Outcome:
        """How the target ended, as nothing is left that went wrong."""
        ended = (self.cells[place] for place in steps)
        return worst(Outcome(cell - 1) for cell in ended if STATUS[cell] is Status.GOOD)

    def waits(self, steps: Iterable[int]) -> bool:
        """Whether any of the steps was never decided: the run stopped before."""
        return any(STATUS[self.cells[place]] is Status.WAITING for place in steps)


class Fleet:
    """All tracks of a run.

    Attributes:
        tracks: The targets, by place.
        run: The run's own track.
        faulty: Tracks on which something went wrong, by place, in the order it happened.
        started: How many targets were begun.
    """

    def __init__(self, targets: Sequence[Target], size: int) -> None:
        self.faulty: dict[int, Track] = {}
        self.tracks = [Track(target, size, self.faulty) for target in targets]
        self.run = Track(None, size, self.faulty)
        self.started = 0

    def __len__(self) -> int:
        return len(self.tracks)

    def track(self, place: int) -> Track:
        """The track of a target, or the run's."""
        return self.run if place == RUN_ORD else self.tracks[place]

    def start(self, track: Track) -> None:
        """Something is begun on the target."""
        if not track.started:
            track.started = True
            self.started += track.ord != RUN_ORD

    def failed(self) -> Iterator[Track]:
        """Targets on which something went wrong, in the order it happened."""
        return (track for place, track in list(self.faulty.items()) if place != RUN_ORD)

    @property
    def failures(self) -> int:
        """How many targets something went wrong on."""
        return len(self.faulty) - (RUN_ORD in self.faulty)
