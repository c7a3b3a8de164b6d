"""The matrix of a run over HTTP."""

from uuid import UUID

from fastapi import APIRouter, Response

from portal.kit.problems import problems
from portal.kit.tagged import NOT_MODIFIED, json_response
from portal.runs.deps import MayView

from . import service
from .deps import BooksDep, CursorDep, KnownDep, WindowDep
from .schemas import MatrixChanges, MatrixRead

router = APIRouter(prefix="/runs", tags=["runs"])


@router.get("/{run_id}/matrix", response_model=MatrixRead | MatrixChanges, responses={**problems(404), **NOT_MODIFIED})
async def read_matrix(
    run_id: UUID, actor: MayView, books: BooksDep, window: WindowDep, after: CursorDep = None, known: KnownDep = None
) -> Response:
    """Every target × step of a run, one byte each, at most a million at once; with `after`, what changed since."""
    return json_response(await service.read(books, actor, run_id, window, after, known))
