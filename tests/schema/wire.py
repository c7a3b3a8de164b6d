"""Requests to the app without a socket or a client, so that they arrive as they were drawn."""

import asyncio
import http.client
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from fastapi import FastAPI
from requests import PreparedRequest
from schemathesis import Response

PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        broke: What escaped from the app.
    """

    status: int
    headers: dict[str, list[str]]
    content: bytes
    broke: BaseException | None

    def response(self, request: PreparedRequest) -> Response:
        """The same, as Schemathesis looks at it."""
        return Response(
            status_code=self.status,
            headers=self.headers,
            content=self.content,
            request=request,
            elapsed=0.0,
            verify=False,
            message=http.client.responses.get(self.status, ""),
            encoding="utf-8",
        )


def _scope(request: PreparedRequest) -> dict[str, Any]:
    parts = urlsplit(request.url or "")
    headers = [(name.lower().encode("latin-1"), _latin(value)) for name, value in request.headers.items()]
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": request.method,
        "scheme": "http", "path": unquote(parts.path), "raw_path": parts.path.encode("ascii"), "root_path": "",
        "query_string": parts.query.encode("ascii"), "headers": [(b"host", b"portal.test"), *headers],
        "client": ("127.0.0.1", 1), "server": ("portal.test", 80), "state": {},
    }  # fmt: skip


def _latin(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")


def _body(request: PreparedRequest) -> bytes:
    return request.body.encode() if isinstance(request.body, str) else request.body or b""


async def send(app: FastAPI, request: PreparedRequest) -> Answer:
    """Ask the app and read its whole answer."""
    scope, content, started = _scope(request), bytearray(), list[dict[str, Any]]()
    complete = asyncio.Event()
    said = iter([{"type": "http.request", "body": _body(request), "more_body": False}])

    async def receive() -> dict[str, Any]:
        message = next(said, None)
        if message is None:
            await complete.wait()
        return message or {"type": "http.disconnect"}

    async def note(message: Any) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
        else:
            content.extend(message.get("body", b""))
            if not message.get("more_body", False):
                complete.set()

    broke = await _ask(app, scope, receive, note)
    status, headers = _start(started)
    return Answer(status, headers, bytes(content), broke)


async def _ask(app: FastAPI, scope: dict[str, Any], receive: Any, note: Any) -> BaseException | None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await app(scope, receive, note)
    except Exception as error:
        return error
    return None


def _start(started: list[dict[str, Any]]) -> tuple[int, dict[str, list[str]]]:
    if not started:
        return 599, {}  # nothing came
    headers: dict[str, list[str]] = {}
    for name, value in started[0]["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return started[0]["status"], headers
