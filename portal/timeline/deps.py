"""What the timeline depends on."""

from typing import Annotated

from fastapi import Depends

from portal.jobs.deps import JobsDep
from portal.kit.database import SessionDep
from portal.matrix.repository import MatrixRepository
from portal.runs.deps import RunsDep

from .repository import TimelineRepository
from .service import Books


async def get_books(session: SessionDep, runs: RunsDep, jobs: JobsDep) -> Books:
    """Everything that the timeline is read from."""
    return Books(runs, jobs, MatrixRepository(session), TimelineRepository(session))


BooksDep = Annotated[Books, Depends(get_books)]
