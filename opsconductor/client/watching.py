"""Runs, and everything that happens in one while it goes on."""

from collections.abc import AsyncIterator, Iterator

from .calls import Call, Key, part
from .models import EventsRead, RunEventRead
from .resources.runs import AsyncRuns, Runs

_WAIT_SECONDS = 20


class WatchedRuns(Runs):
    """The runs of a portal."""

    def watch(self, run_id: Key, *, after: int = 0) -> Iterator[RunEventRead]:
        """Everything that happens in a run after event number `after`, as it happens, until the run has ended.

        A lost connection is taken up again, and nothing is missed.
        """
        while True:
            page = self._send(_next(run_id, after))
            for event in page.items:
                after = event.seq
                yield event
            if page.ended:
                return


class AsyncWatchedRuns(AsyncRuns):
    """The runs of a portal."""

    async def watch(self, run_id: Key, *, after: int = 0) -> AsyncIterator[RunEventRead]:
        """Everything that happens in a run after event number `after`, as it happens, until the run has ended.

        A lost connection is taken up again, and nothing is missed.
        """
        while True:
            page = await self._send(_next(run_id, after))
            for event in page.items:
                after = event.seq
                yield event
            if page.ended:
                return


def _next(run_id: Key, after: int) -> Call[EventsRead]:
    query = {"after": after, "wait_seconds": _WAIT_SECONDS}
    return Call("GET", f"/runs/{part(run_id)}/events", query=query, answer=EventsRead)
