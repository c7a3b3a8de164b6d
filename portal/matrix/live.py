"""The matrix of a run as it changes, for those who stay."""

from collections.abc import AsyncGenerator
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from portal.authz.actor import Actor
from portal.events.standing import changed_within
from portal.jobs.repository import JobRepository
from portal.kit.database import Sessions
from portal.kit.listener import Listener
from portal.runs.repository import RunRepository

from .feed import Feeds, Shared
from .repository import MatrixRepository
from .schemas import MatrixChanges
from .service import Books, changes_of, read_changes

HEARTBEAT_SECONDS = 15.0


def open_feeds(sessions: Sessions, listener: Listener) -> Feeds:
    """The feeds of this process."""

    async def read(run_id: UUID, after: int) -> MatrixChanges:
        async with sessions() as session:
            books = _books(session)
            return await changes_of(books, await books.matrix.get_run(run_id), after)

    return Feeds(listener, read)


async def look(sessions: Sessions, actor: Actor, run_id: UUID, after: int) -> MatrixChanges:
    """What changed, in a transaction of its own: nobody waits with one open."""
    async with sessions() as session:
        return await read_changes(_books(session), actor, run_id, after)


async def follow(
    sessions: Sessions, feeds: Feeds, actor: Actor, run_id: UUID, known: MatrixChanges
) -> AsyncGenerator[str | None]:
    """Messages from what is known on until the run has ended; None when nothing happened for a while."""
    yield Shared(known).text
    with feeds.watch(run_id, known.to) as watcher:
        # What the feed read before this watcher came is not handed to it.
        missed = await look(sessions, actor, run_id, known.to)
        if missed.to > known.to:
            yield Shared(missed).text
            watcher.seq = missed.to
        while not watcher.done:
            if not await changed_within(watcher.woken, HEARTBEAT_SECONDS):
                yield None
            elif message := watcher.take():
                yield message


def _books(session: AsyncSession) -> Books:
    return Books(RunRepository(session), JobRepository(session), MatrixRepository(session))
