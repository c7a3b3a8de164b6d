"""A line for every request: what was asked, by whom, from where, how it went. Never its query or body."""

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = structlog.stdlib.get_logger("portal.request")
_QUIET = ("/health", "/metrics")


class RequestLog:
    """Logs each request once it was answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(_QUIET):
            await self._app(scope, receive, send)
            return
        status, started = 0, time.perf_counter()

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "websocket.accept":
                status = 101
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            client, state = scope.get("client"), scope.get("state", {})
            _log.info(
                "request",
                method=scope.get("method", "WEBSOCKET"),
                route=getattr(scope.get("route"), "path", ""),
                status=status,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
                source=client[0] if client else "",
                user=state.get("username", ""),
            )
