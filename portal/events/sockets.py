"""A WebSocket that only speaks."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import WebSocket, WebSocketDisconnect

from portal.identity.authentication import SUBPROTOCOL

_HEARTBEAT = '{"heartbeat":true}'


async def stream(websocket: WebSocket, messages: AsyncGenerator[str | None]) -> None:
    """Accept, send every message (None: a heartbeat), and close after the last one or when the other side has gone."""
    await websocket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in websocket["subprotocols"] else None)
    sending = asyncio.create_task(_send(websocket, messages))
    hanging_up = asyncio.create_task(_hang_up(websocket))
    done, left = await asyncio.wait((sending, hanging_up), return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    for task in done:
        task.result()


async def _send(websocket: WebSocket, messages: AsyncGenerator[str | None]) -> None:
    try:
        async with aclosing(messages) as sent:
            async for message in sent:
                await websocket.send_text(_HEARTBEAT if message is None else message)
        await websocket.close()
    except WebSocketDisconnect:
        return


async def _hang_up(websocket: WebSocket) -> None:
    """Returns when the other side has gone; what it says is of no interest."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        continue
