"""What the matrix endpoints depend on."""

from typing import Annotated

from fastapi import Depends, Header, Query
from fastapi.requests import HTTPConnection

from portal.jobs.deps import JobsDep
from portal.kit.database import SessionDep
from portal.runs.deps import RunsDep

from .feed import Feeds
from .repository import MatrixRepository
from .service import Books, Window

_LAST = 10_000_000


async def get_books(session: SessionDep, runs: RunsDep, jobs: JobsDep) -> Books:
    """Everything that the matrix is read from."""
    return Books(runs, jobs, MatrixRepository(session))


async def get_window(
    first: Annotated[int, Query(alias="from", ge=0, le=_LAST, description="Number of the first target.")] = 0,
    end: Annotated[int | None, Query(alias="to", ge=0, le=_LAST, description="Number after the last target.")] = None,
) -> Window:
    """Which targets to show."""
    return Window(first, end)


async def get_feeds(connection: HTTPConnection) -> Feeds:
    """The feeds of this process."""
    return connection.app.state.feeds


BooksDep = Annotated[Books, Depends(get_books)]
WindowDep = Annotated[Window, Depends(get_window)]
KnownDep = Annotated[str | None, Header(alias="If-None-Match", description="ETag of the answer that is known already.")]
CursorDep = Annotated[
    int | None, Query(ge=0, le=2**62, description="The newest event that is known already: only what changed after it.")
]
FeedsDep = Annotated[Feeds, Depends(get_feeds)]
LiveCursor = Annotated[int, Query(ge=0, le=2**62, description="The newest event that is known already.")]
