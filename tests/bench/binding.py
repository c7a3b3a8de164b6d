"""How soon a change of somebody's rights binds on the connections that they hold open."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import text
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from blocks.keyring import Keyring
from portal.app import create_app
from portal.settings import Settings
from tests.doubles.gateway import RememberingGateway
from tests.fixtures.portal import copied, make_template, serving, sign_in
from tests.fixtures.postgres import running_cluster
from tests.integration.portal.people import add_user
from tests.integration.portal.world import add, add_job, add_target

from .rows import Row

TIMES = 30
OTHERS = 100
LIMIT_SECONDS = 2.0
Change = Callable[[str], Awaitable[Any]]


def measure() -> list[Row]:
    """A change that is told of, and one by hand in the database, beside a hundred others who watch."""
    with (
        running_cluster() as cluster,
        tempfile.TemporaryDirectory() as home,
        copied(cluster, make_template(cluster)) as dsn,
    ):
        Keyring.create(Path(home) / "keyring.json")
        app = create_app(Settings(home=Path(home), database_url=dsn, pool_size=10), lambda _: RememberingGateway())
        told, untold = asyncio.run(_measure(app))
    return [
        Row.at_most("demotion → open WebSocket closed, max of 30 [s]", max(told), LIMIT_SECONDS, _note(told)),
        Row.at_most("the same, untold, max of 30 [s]", max(untold), LIMIT_SECONDS, _note(untold)),
    ]


def _note(seconds: list[float]) -> str:
    return f"p50 {sorted(seconds)[len(seconds) // 2]:.3f}; {OTHERS} others watch"


async def _measure(app: FastAPI) -> tuple[list[float], list[float]]:
    async with serving(app) as admin, _served(app) as address, AsyncExitStack() as others:
        admin.headers["Authorization"] = f"Bearer {await sign_in(app)}"
        await add_target(admin, "web01")
        await add_job(admin)
        run = await add(admin, "/runs", {"job": "look"})
        url = f"ws://{address}/api/v1/runs/{run['id']}/events"
        for _ in range(OTHERS):
            await others.enter_async_context(_watching(app, url, "admin"))
        told = [
            await _closing(app, url, f"told-{number}", lambda name: _demote(admin, name)) for number in range(TIMES)
        ]
        untold = [
            await _closing(app, url, f"untold-{number}", lambda name: _disable(app, name)) for number in range(TIMES)
        ]
    return told, untold


async def _closing(app: FastAPI, url: str, name: str, change: Change) -> float:
    """Seconds from the change's answer to the end of the connection."""
    await add_user(app, name, ["jobs:view"])
    async with _watching(app, url, name) as socket:
        await change(name)
        begun = time.monotonic()
        try:
            while True:
                await socket.recv()
        except ConnectionClosed:
            return time.monotonic() - begun


async def _demote(admin: httpx.AsyncClient, name: str) -> None:
    role = (await admin.get("/api/v1/roles", params={"q": f"role-of-{name}"})).json()["items"][0]
    await admin.patch(f"/api/v1/roles/{role['id']}", json={"permissions": []})


async def _disable(app: FastAPI, name: str) -> None:
    async with app.state.sessions() as session, session.begin():
        await session.execute(text("UPDATE users SET active = false WHERE username = :name"), {"name": name})


@asynccontextmanager
async def _watching(app: FastAPI, url: str, name: str) -> AsyncIterator[ClientConnection]:
    headers = {"Authorization": f"Bearer {await sign_in(app, name)}"}
    async with connect(url, additional_headers=headers, proxy=None) as socket:
        yield socket


@asynccontextmanager
async def _served(app: FastAPI) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off", ws="websockets-sansio"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield "{}:{}".format(*server.servers[0].sockets[0].getsockname())
    server.should_exit = True
    await task
