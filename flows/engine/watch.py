"""What run-scoped nodes wait for: that every target has a node behind it."""

import asyncio
from collections.abc import Iterable, Sequence

from opsconductor.sdk.outcome import Outcome

from .fleet import Track
from .graph import STATUS, UNREACHED, Status, cell_of


class Signal:
    """Wakes everybody who waits for something to have changed."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    async def wait(self) -> None:
        """Return after the next change."""
        await self._event.wait()

    def tell(self) -> None:
        """Something has changed."""
        self._event.set()
        self._event = asyncio.Event()


class Watch:
    """Counts the targets that still may come to a node.

    Attributes:
        tracks: The targets.
    """

    def __init__(self, tracks: Sequence[Track]) -> None:
        self.tracks = tracks
        self._expected = len(tracks)

    def arrive(self) -> bool:
        """One target has the node behind it; true for the last one."""
        self._expected -= 1
        return self._expected == 0


def aggregate(cells: Iterable[int]) -> int:
    """The cell of a target-scoped node as a run-scoped one sees it: bad when one target is not ok.

    A target that did not come to the node because of a failure, or of a run that ends early, is not ok. A
    branch that a target did not take says nothing.
    """
    found = {STATUS[cell] for cell in cells}
    if found <= {Status.GOOD, Status.UNREACHED}:
        return UNREACHED if found == {Status.UNREACHED} else cell_of(Outcome.OK)
    return cell_of(Outcome.FAILED)
