"""Events of a run over HTTP and WebSocket."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, WebSocket

from portal.kit.database import SessionsDep
from portal.kit.problems import problems
from portal.kit.routing import Router
from portal.runs.schemas import EventsRead

from . import service
from .deps import ListenerDep, MayWatch
from .sockets import stream
from .standing import Watch

router = Router(prefix="/runs", tags=["runs"])
Cursor = Annotated[int, Query(ge=0, le=2**62, description="The last event that is known already.")]


@router.get("/{run_id}/events", responses=problems(404))
async def read_events(
    run_id: UUID,
    actor: MayWatch,
    sessions: SessionsDep,
    listener: ListenerDep,
    after: Cursor = 0,
    wait_seconds: Annotated[float, Query(ge=0, le=30, description="How long to wait for the first one.")] = 0,
) -> EventsRead:
    """Events after a cursor, in order."""
    return await service.wait_page(sessions, listener, actor, run_id, after, wait_seconds)


@router.websocket("/{run_id}/events")
async def watch_events(
    websocket: WebSocket,
    run_id: UUID,
    actor: MayWatch,
    sessions: SessionsDep,
    listener: ListenerDep,
    cursor: Cursor = 0,
) -> None:
    """Events after a cursor as they happen, one message each; closes after the run's last one.

    A message without `seq` is a heartbeat. Whoever comes back with the last `seq` misses nothing. It closes with 4401
    when the watcher is signed out, and with 4403 when the run is out of their sight.
    """
    await service.read_page(sessions, actor, run_id, cursor)  # 404 before anything is accepted
    events = service.follow_text(sessions, listener, actor, run_id, cursor)
    await stream(websocket, events, Watch(sessions, listener, actor, run_id))
