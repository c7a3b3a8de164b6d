"""When things happened in a run, over HTTP."""

from uuid import UUID

from portal.kit.problems import problems
from portal.kit.routing import Router
from portal.matrix.deps import WindowDep
from portal.runs.deps import MayView

from . import service
from .deps import BooksDep
from .schemas import TimelineRead

router = Router(prefix="/runs", tags=["runs"])


@router.get("/{run_id}/timeline", responses=problems(404))
async def read_timeline(run_id: UUID, actor: MayView, books: BooksDep, window: WindowDep) -> TimelineRead:
    """Every step and target of a run in short, and the attempts on the targets asked for: the first 200 unasked."""
    return await service.read_timeline(books, actor, run_id, window)
