"""Everything that changes in a run, as it changes."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

from portal.authz.actor import Actor
from portal.kit.database import Sessions
from portal.kit.listener import Listener
from portal.runs.reading import read_events
from portal.runs.repository import EVENTS_CHANNEL, RunRepository
from portal.runs.schemas import EventRead, EventsRead

from .standing import changed_within, get_standing

HEARTBEAT_SECONDS = 15.0
PAUSE_SECONDS = 0.1
"""Between two looks: a run that commits all the time is read ten times a second, not once for each commit."""


async def read_page(sessions: Sessions, actor: Actor, run_id: UUID, after: int) -> EventsRead:
    """Events after a cursor, in a transaction of their own: nobody waits with one open."""
    async with sessions() as session:
        return await read_events(RunRepository(session), actor, run_id, after)


async def wait_page(
    sessions: Sessions, listener: Listener, actor: Actor, run_id: UUID, after: int, wait_seconds: float
) -> EventsRead:
    """Events after a cursor; waits for the first one as long as it may."""
    with listener.watch(EVENTS_CHANNEL, str(run_id)) as changed:
        deadline = asyncio.get_running_loop().time() + wait_seconds
        while True:
            changed.clear()
            page = await read_page(sessions, actor, run_id, after)
            left = deadline - asyncio.get_running_loop().time()
            if page.items or page.ended or left <= 0:
                return page
            await changed_within(changed, left)
            actor = await get_standing(sessions, actor)


async def follow(
    sessions: Sessions, listener: Listener, actor: Actor, run_id: UUID, cursor: int
) -> AsyncGenerator[EventRead | None]:
    """Every event after the cursor until the run has ended; None when nothing happened for a while."""
    with listener.watch(EVENTS_CHANNEL, str(run_id)) as changed:
        while True:
            changed.clear()
            page = await read_page(sessions, actor, run_id, cursor)
            for event in page.items:
                cursor = event.seq
                yield event
            if page.ended:
                return
            if page.items:
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            if not await changed_within(changed, HEARTBEAT_SECONDS):
                yield None


async def follow_text(
    sessions: Sessions, listener: Listener, actor: Actor, run_id: UUID, cursor: int
) -> AsyncGenerator[str | None]:
    """The same as messages of a WebSocket."""
    async with aclosing(follow(sessions, listener, actor, run_id, cursor)) as events:
        async for event in events:
            yield event.model_dump_json() if event else None
