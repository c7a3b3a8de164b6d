"""The real app over a real database; every request is taken back, so that each meets the same world."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncConnection, async_sessionmaker
from structlog.testing import capture_logs

from blocks.keyring import Keyring
from portal.app import create_app
from portal.identity.authentication import COOKIE
from portal.settings import Settings
from tests.doubles.gateway import RememberingGateway
from tests.fixtures.portal import sign_in

from .expectation import Cell, expected, visible
from .identities import FIXED, Identity, identities
from .route import Route, Things, Where
from .rows import MAKE, ROUTES
from .world import absent, make_things, sign_in_all

_WRONG_BODY: list[Any] = []


@dataclass(frozen=True, slots=True)
class Stage:
    """The app with its world, and everybody's tokens."""

    app: FastAPI
    client: httpx.AsyncClient
    connection: AsyncConnection
    things: dict[Where, Things]
    tokens: dict[str, str]

    async def wrong(self, line: str) -> list[str]:
        """What a route answers otherwise than its line promises."""
        return [found async for found in self.mistakes(line)]

    async def mistakes(self, line: str) -> AsyncIterator[str]:
        """The same, one at a time."""
        route = ROUTES[line]
        for identity in identities(route):
            for where in route.places():
                cell = Cell(identity, where)
                status, text = await self.ask(line, route, cell)
                right = expected(route, cell)
                if status not in right:
                    wanted = "2xx" if len(right) > 9 else " or ".join(map(str, right))
                    yield f"{line} as {cell}: {status}, not {wanted}: {text[-300:]}"
                elif status < 300:
                    for kind in route.lists:
                        seen = {place for place in (Where.OWN, Where.OTHERS) if self.things[place][kind] in text}
                        if seen != visible(identity, kind):
                            yield f"{line} as {cell} shows the {kind} of {sorted(seen) or 'nobody'}"

    async def ask(self, line: str, route: Route, cell: Cell) -> tuple[int, str]:
        """Status and text of one request, which is taken back."""
        method, _, template = line.partition(" ")
        things = self.things.get(cell.where, self.things[Where.OWN])
        path = _path(template, route, things)
        query = dict(route.query(things)) if route.query else {}
        headers = self._headers(route, cell.identity)
        transaction = await self.connection.begin()
        try:
            if method == "WEBSOCKET":
                return await open_websocket(self.app, path, headers), ""
            body = None if route.body is None else route.body(things)
            sent = _WRONG_BODY if cell.where is Where.MALFORMED else body
            with capture_logs() as said:
                answer = await self.client.request(method, path, params=query, json=sent, headers=headers)
            broke = [repr(entry["exc_info"]) for entry in said if "exc_info" in entry]
            return answer.status_code, "; ".join([answer.text, *broke])
        finally:
            await transaction.rollback()

    def _headers(self, route: Route, identity: Identity) -> dict[str, str]:
        headers = {"Sec-Fetch-Site": "same-origin"}
        token = self.tokens.get(identity.name)
        if token and route.cookie:
            headers["Cookie"] = f"{COOKIE}={token}"
        elif token:
            headers["Authorization"] = f"Bearer {token}"
        return headers


def _path(template: str, route: Route, things: Things) -> str:
    def part(text: str) -> str:
        if not text.startswith("{"):
            return text
        name = text.strip("{}").partition(":")[0]
        return things[route.use.get(name, name.removesuffix("_id"))]

    return "/".join(map(part, template.split("/")))


async def open_websocket(app: FastAPI, path: str, headers: dict[str, str]) -> int:
    """The status that a WebSocket's handshake gets; 200 when it is accepted."""
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "websocket", "asgi": {"version": "3.0"}, "scheme": "ws", "path": path, "raw_path": path.encode(),
        "query_string": b"", "headers": raw, "subprotocols": [], "client": ("127.0.0.1", 1), "server": ("test", 80),
        "extensions": {"websocket.http.response": {}}, "root_path": "", "http_version": "1.1", "state": {},
    }  # fmt: skip
    said = iter([{"type": "websocket.connect"}])
    status: list[int] = []

    async def receive() -> dict[str, Any]:
        return next(said, {"type": "websocket.disconnect", "code": 1000})

    async def send(message: Any) -> None:
        status.append(200 if message["type"] == "websocket.accept" else message.get("status", 200))

    await app(scope, receive, send)
    return status[0]


@asynccontextmanager
async def _prefect() -> AsyncIterator[str]:
    """Address of somebody who answers every page with an empty one."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield "http://{}:{}".format(*server.sockets[0].getsockname())


@asynccontextmanager
async def staged(dsn: str, home: Path) -> AsyncIterator[Stage]:
    """The stage over a prepared database, which stays as it was made."""
    async with _prefect() as prefect, _on_stage(dsn, home, prefect) as stage:
        yield stage


@asynccontextmanager
async def _on_stage(dsn: str, home: Path, prefect: str) -> AsyncIterator[Stage]:
    Keyring.create(home / "keyring.json")
    settings = Settings(
        home=home,
        database_url=dsn,
        portal_url="http://portal.test",
        pool_size=4,
        requests_per_minute_per_address=10**6,
        requests_per_minute_per_user=10**6,
    )
    app = create_app(settings, lambda _: RememberingGateway(origin=prefect))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://portal.test") as client:
        things = await _furnish(app, client)
        people = {who.name: who for route in ROUTES.values() for who in identities(route)}
        named = [who for who in {**{who.name: who for who in FIXED}, **people}.values() if who.name != "anonymous"]
        tokens = await sign_in_all(app, named, things[Where.OWN])
        async with app.state.engine.connect() as connection:
            app.state.sessions = async_sessionmaker(
                connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
            )
            yield Stage(app, client, connection, things, tokens)
    await app.state.prefect_proxy.close()
    await app.state.engine.dispose()


async def _furnish(app: FastAPI, client: httpx.AsyncClient) -> dict[Where, Things]:
    client.headers["Authorization"] = f"Bearer {await sign_in(app)}"
    things = {where: await make_things(app, client, where) for where in (Where.OWN, Where.OTHERS)}
    for place in things.values():
        for make in MAKE:
            await make(client, place)
    del client.headers["Authorization"]
    return {**things, Where.ABSENT: absent()}
