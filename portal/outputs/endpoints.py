"""What steps printed, over HTTP."""

from uuid import UUID

from fastapi.responses import StreamingResponse

from portal.events.deps import MayWatch
from portal.kit.database import SessionsDep
from portal.kit.files import file_response
from portal.kit.problems import problems
from portal.kit.routing import Router
from portal.runs.deps import MayView

from . import service
from .deps import BooksDep, FormatDep, KeyDep, RangeDep, SearchDep, StepDep, TargetDep, TimesDep
from .schemas import Hits, OutputGroups, OutputRead

router = Router(prefix="/runs", tags=["runs"])


@router.get("/{run_id}/targets/{target_ord}/steps/{step_ord}/attempts/{attempt}/output", responses=problems(404))
async def read_output(run_id: UUID, actor: MayView, key: KeyDep, wanted: RangeDep, books: BooksDep) -> OutputRead:
    """What an attempt printed, or a range of it."""
    return await service.read_output(books, actor, run_id, key, wanted)


@router.get("/{run_id}/steps/{step_id}/groups", responses=problems(404))
async def group_outputs(run_id: UUID, step_id: str, actor: MayView, books: BooksDep) -> OutputGroups:
    """Targets on which a step ended the same way and printed the same."""
    return await service.group(books, actor, run_id, step_id)


@router.get("/{run_id}/output/search", responses=problems(404))
async def search_output(
    run_id: UUID,
    actor: MayView,
    wanted: SearchDep,
    books: BooksDep,
    target: TargetDep = None,
    step: StepDep = None,
) -> Hits:
    """Lines of everything that a run printed which hold a text."""
    return await service.search(books, actor, run_id, wanted, target=target, step=step)


@router.get("/{run_id}/output", response_class=StreamingResponse, responses=problems(404))
async def download_output(
    run_id: UUID,
    actor: MayWatch,
    books: BooksDep,
    sessions: SessionsDep,
    target: TargetDep = None,
    step: StepDep = None,
    format: FormatDep = "text",  # noqa: A002 (the name in the query)
    times: TimesDep = False,
) -> StreamingResponse:
    """What a run, one target or one step printed, as a file."""
    file = await service.download(books, actor, run_id, target=target, step=step, format_=format, times=times)
    return file_response(file.file_name, file.media_type, file.chunks(sessions))
