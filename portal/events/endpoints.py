"""Events of a run over HTTP and WebSocket."""

import asyncio
from contextlib import aclosing
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect

from portal.authz.actor import Actor
from portal.identity.authentication import SUBPROTOCOL
from portal.kit.database import Sessions, SessionsDep
from portal.kit.listener import Listener
from portal.kit.problems import problems
from portal.runs.schemas import EventsRead

from . import service
from .deps import ListenerDep, MayWatch

router = APIRouter(prefix="/runs", tags=["runs"])
Cursor = Annotated[int, Query(ge=0, description="The last event that is known already.")]


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

    A message without `seq` is a heartbeat. Whoever comes back with the last `seq` misses nothing.
    """
    await service.read_page(sessions, actor, run_id, cursor)  # 404 before anything is accepted
    await websocket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in websocket["subprotocols"] else None)
    sending = asyncio.create_task(_send(websocket, sessions, listener, actor, run_id, cursor))
    hanging_up = asyncio.create_task(_hang_up(websocket))
    done, left = await asyncio.wait((sending, hanging_up), return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    for task in done:
        task.result()


async def _send(
    websocket: WebSocket, sessions: Sessions, listener: Listener, actor: Actor, run_id: UUID, cursor: int
) -> None:
    try:
        async with aclosing(service.follow(sessions, listener, actor, run_id, cursor)) as events:
            async for event in events:
                await websocket.send_text(event.model_dump_json() if event else '{"heartbeat":true}')
        await websocket.close()
    except WebSocketDisconnect:
        return


async def _hang_up(websocket: WebSocket) -> None:
    """Returns when the other side has gone; what it says is of no interest."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        continue
