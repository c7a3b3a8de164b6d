"""Changes of runs as they happen, read once in this process and handed to everybody who watches.

Each watcher keeps what it has not sent yet as a set of cells, not a queue: a slow one gets the newest value of
each cell later, and nothing piles up. A watcher that is too far behind is told to take a new snapshot.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portal.kit.listener import Listener
from portal.runs.repository import EVENTS_CHANNEL

from .schemas import MatrixChanges
from .service import CHANGES_AT_ONCE

PAUSE_SECONDS = 0.1
_RETRY_SECONDS = 1.0
_log = structlog.stdlib.get_logger("portal.matrix")

ReadChanges = Callable[[UUID, int], Awaitable[MatrixChanges]]
"""What changed in a run after an event."""


class Shared:
    """Changes that many watchers send as they are: made into text once."""

    def __init__(self, changes: MatrixChanges) -> None:
        self.changes = changes

    @cached_property
    def text(self) -> str:
        """The message."""
        return self.changes.model_dump_json(exclude_defaults=True)


@dataclass(slots=True, eq=False)
class Watcher:
    """Somebody who watches one run.

    Attributes:
        seq: The newest event they know of.
        woken: Set when there is something to send, or nothing more will come.
    """

    seq: int
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: Shared | None = None
    _last: bool = False

    @property
    def done(self) -> bool:
        """Whether everything was taken, and nothing more will come."""
        return self._last and self._waiting is None

    def hand(self, shared: Shared) -> None:
        """Keep changes until they can be sent."""
        self._waiting = shared if self._waiting is None else Shared(merged(self._waiting.changes, shared.changes))
        self.woken.set()

    def take(self) -> str | None:
        """The next message; None when there is nothing to send."""
        self.woken.clear()
        shared, self._waiting = self._waiting, None
        if shared is None or shared.changes.to <= self.seq:
            return None
        self.seq = shared.changes.to
        return shared.text

    def end(self) -> None:
        """Nothing more will come."""
        self._last = True
        self.woken.set()


def merged(earlier: MatrixChanges, later: MatrixChanges) -> MatrixChanges:
    """Both as one: of two values of a cell the later one."""
    cells = {**_by_place(earlier), **_by_place(later)}
    targets = {**_by_number(earlier), **_by_number(later)}
    reset = earlier.reset or later.reset or len(cells) > CHANGES_AT_ONCE
    both = MatrixChanges(from_=earlier.from_, to=later.to, state=later.state or earlier.state, reset=reset)
    if not reset:
        both.cells = [number for (target, step), code in cells.items() for number in (target, step, code)]
        both.targets = [number for pair in targets.items() for number in pair]
        both.notes = {**earlier.notes, **later.notes}
    return both


def _by_place(changes: MatrixChanges) -> dict[tuple[int, int], int]:
    numbers = iter(changes.cells)
    return {(target, step): code for target, step, code in zip(numbers, numbers, numbers, strict=True)}


def _by_number(changes: MatrixChanges) -> dict[int, int]:
    numbers = iter(changes.targets)
    return dict(zip(numbers, numbers, strict=True))


class Feed:
    """Reads the changes of one run while somebody watches it.

    Args:
        run_id: The run.
        seq: Where to begin.
        read: Reads its changes.
        listener: Says when there are some.
    """

    def __init__(self, run_id: UUID, seq: int, read: ReadChanges, listener: Listener) -> None:
        self._run_id = run_id
        self._seq = seq
        self._read = read
        self._listener = listener
        self.watchers: set[Watcher] = set()
        self.task = asyncio.create_task(self._follow(), name=f"feed of run {run_id}")

    async def _follow(self) -> None:
        with self._listener.watch(EVENTS_CHANNEL, str(self._run_id)) as changed:
            while True:
                changed.clear()
                try:
                    ended = await self._publish()
                except (SQLAlchemyError, OSError) as error:
                    _log.warning("feed.waits", run_id=str(self._run_id), error=str(error))
                    await asyncio.sleep(_RETRY_SECONDS)
                    continue
                if ended:
                    break
                await asyncio.sleep(PAUSE_SECONDS)
                await changed.wait()
        for watcher in self.watchers:
            watcher.end()

    async def _publish(self) -> bool:
        """Hand on what changed since the last time; whether the run has ended."""
        changes = await self._read(self._run_id, self._seq)
        if changes.to > self._seq:
            self._seq = changes.to
            shared = Shared(changes)
            for watcher in self.watchers:
                watcher.hand(shared)
        return changes.state is not None and changes.state.status == "ended"


class Feeds:
    """One feed for each run that is watched in this process."""

    def __init__(self, listener: Listener, read: ReadChanges) -> None:
        self._listener = listener
        self._read = read
        self._feeds: dict[UUID, Feed] = {}

    @contextmanager
    def watch(self, run_id: UUID, after: int) -> Generator[Watcher]:
        """Somebody who hears of everything that changes from now on."""
        feed = self._feeds.get(run_id)
        if feed is None or feed.task.done():
            feed = self._feeds[run_id] = Feed(run_id, after, self._read, self._listener)
        watcher = Watcher(after)
        feed.watchers.add(watcher)
        try:
            yield watcher
        finally:
            feed.watchers.discard(watcher)
            if not feed.watchers:
                feed.task.cancel()
                if self._feeds.get(run_id) is feed:
                    del self._feeds[run_id]
