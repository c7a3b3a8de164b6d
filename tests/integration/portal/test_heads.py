"""Requests whose head does not arrive, on a real socket."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from portal.edge.heads import head_timeouts

WHOLE = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
PART = b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "


async def greet(_: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await asyncio.sleep(0.4)  # an answer may take longer than a head
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"hi"})


@pytest.fixture
async def port(unused_tcp_port: int) -> AsyncIterator[int]:
    config = uvicorn.Config(
        greet, port=unused_tcp_port, log_config=None, lifespan="off", timeout_keep_alive=60, http=head_timeouts(0.2)
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield unused_tcp_port
    server.should_exit = True
    await task


@pytest.mark.parametrize("sent", [b"", PART])
async def test_a_head_that_does_not_arrive_is_given_up(port: int, sent: bytes):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()


async def test_a_connection_is_kept_for_the_next_request_until_that_one_is_slow(port: int):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(10):
        for _ in range(2):
            writer.write(WHOLE)
            assert (await reader.readuntil(b"hi")).startswith(b"HTTP/1.1 200 OK")
        writer.write(PART)
        assert await reader.read() == b""
    writer.close()
