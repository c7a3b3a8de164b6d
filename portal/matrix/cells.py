"""A run's pairs as bytes: one for each target and step, row by row."""

import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from flows.plan import PlannedStep
from opsconductor.sdk.outcome import Outcome

CODES: Final = (
    "waiting", "running", "ok", "changed", "failed", "timed_out", "unreachable", "auth_failed", "cancelled",
    "skipped", "unknown", "decided_ran", "decided_not_ran", "decided_skip",
)  # fmt: skip
"""What a byte says, by its number. Names are only ever added at the end: clients keep old bytes."""

RUNNING: Final = 1
OUTCOME_CODES: Final = tuple(CODES.index(outcome.label) for outcome in Outcome)
"""The byte of each outcome, by the outcome's number."""
DECISION_CODES: Final = {decision: CODES.index(f"decided_{decision}") for decision in ("ran", "not_ran", "skip")}
"""The byte of an attempt of unknown outcome that a person decided about, by the decision."""


def code_of(outcome: int | None) -> int:
    """The byte of a target's outcome; `waiting` for one that has not ended."""
    return 0 if outcome is None else OUTCOME_CODES[outcome]


@dataclass(frozen=True, slots=True)
class Grid:
    """Which column each step stands in.

    Attributes:
        width: Columns: one for each step, in document order.
        columns: Number of a step in the ledger → its column; None where a block has that number.
    """

    width: int
    columns: tuple[int | None, ...]

    @classmethod
    def of(cls, steps: Sequence[PlannedStep]) -> "Grid":
        """The grid of a plan's steps."""
        columns: list[int | None] = [None] * (max((step.ord for step in steps), default=-1) + 1)
        for column, step in enumerate(steps):
            columns[step.ord] = column
        return cls(len(steps), tuple(columns))

    def column(self, step_ord: int) -> int | None:
        """The column of a step; None when the plan has none of that number."""
        return self.columns[step_ord] if step_ord < len(self.columns) else None


@dataclass(frozen=True, slots=True)
class Latest:
    """What the record says of some pairs, eight bytes each: place << 24 | attempt << 8 | code.

    The place counts cells row by row; row 0 holds the steps that run once, row 1 the first target. In the order
    of the words the latest attempt of a place comes last.
    """

    packed: bytes

    def __iter__(self) -> Iterator[int]:
        words = array("Q", self.packed)
        if sys.byteorder == "little":
            words.byteswap()
        return iter(sorted(words))

    def fill(self, cells: bytearray) -> None:
        """Write the codes into the cells."""
        for word in self:
            cells[word >> 24] = word & 0xFF
