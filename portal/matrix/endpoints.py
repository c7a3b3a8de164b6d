"""The matrix of a run over HTTP."""

from uuid import UUID

from fastapi import Response, WebSocket

from portal.events.deps import ListenerDep, MayWatch
from portal.events.sockets import stream
from portal.events.standing import Watch
from portal.kit.database import SessionsDep
from portal.kit.problems import problems
from portal.kit.routing import Router
from portal.kit.tagged import NOT_MODIFIED, json_response
from portal.runs.deps import MayView

from . import live, service
from .deps import BooksDep, CursorDep, FeedsDep, KnownDep, LiveCursor, WindowDep
from .schemas import MatrixChanges, MatrixRead

router = Router(prefix="/runs", tags=["runs"])


@router.get("/{run_id}/matrix", response_model=MatrixRead | MatrixChanges, responses={**problems(404), **NOT_MODIFIED})
async def read_matrix(
    run_id: UUID, actor: MayView, books: BooksDep, window: WindowDep, after: CursorDep = None, known: KnownDep = None
) -> Response:
    """Every target × step of a run, one byte each, at most a million at once; with `after`, what changed since."""
    return json_response(await service.read(books, actor, run_id, window, after, known))


@router.websocket("/{run_id}/live")
async def watch_matrix(
    websocket: WebSocket,
    run_id: UUID,
    actor: MayWatch,
    sessions: SessionsDep,
    listener: ListenerDep,
    feeds: FeedsDep,
    after: LiveCursor = 0,
) -> None:
    """What changes in the matrix, at most ten messages a second; closes when the run has ended.

    A message is `{from, to, cells?, targets?, notes?, state}` as in the matrix with `after`; `reset` asks for a new
    snapshot, and one without `to` is a heartbeat. Whoever comes back with the last `to` misses nothing.
    """
    known = await live.look(sessions, actor, run_id, after)  # 404 before anything is accepted
    messages = live.follow(sessions, feeds, actor, run_id, known)
    await stream(websocket, messages, Watch(sessions, listener, actor, run_id))
