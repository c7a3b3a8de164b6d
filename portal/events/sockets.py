"""A WebSocket that only speaks."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect

from opsconductor.errors import NotFoundError
from portal.identity.authentication import SUBPROTOCOL

from .standing import OUT_OF_SIGHT, Ended, Watch

_HEARTBEAT = '{"heartbeat":true}'


async def stream(websocket: WebSocket, messages: AsyncGenerator[str | None], watch: Watch) -> None:
    """Accept, send every message (None: a heartbeat), and close after the last one or when the other side has gone.

    Args:
        websocket: Not accepted yet.
        messages: What to send.
        watch: Who listens; when they may not any more, it closes at once and says why.
    """
    await websocket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in websocket["subprotocols"] else None)
    sending = asyncio.create_task(_send(websocket, messages))
    hanging_up = asyncio.create_task(_hang_up(websocket))
    ending = asyncio.create_task(watch.until_ended())
    tasks: tuple[asyncio.Task[Any], ...] = (sending, hanging_up, ending)
    done, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left)
    for task in done - {ending}:
        task.result()
    if done == {ending}:
        await _close(websocket, ending.result())


async def _send(websocket: WebSocket, messages: AsyncGenerator[str | None]) -> None:
    try:
        async with aclosing(messages) as sent:
            async for message in sent:
                await websocket.send_text(_HEARTBEAT if message is None else message)
        await websocket.close()
    except NotFoundError:
        await _close(websocket, OUT_OF_SIGHT)
    except WebSocketDisconnect:
        return


async def _close(websocket: WebSocket, ended: Ended) -> None:
    try:
        await websocket.close(ended.code, ended.reason)
    except WebSocketDisconnect:
        return


async def _hang_up(websocket: WebSocket) -> None:
    """Returns when the other side has gone; what it says is of no interest."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        continue
