"""The way of a request to Prefect and back."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final
from urllib.parse import quote

import httpx2
from fastapi import Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.background import BackgroundTask

from portal.gateway import Gateway

from .allowed import api_call_allowed, page_allowed
from .errors import PrefectAwayError, PrefectCallRefusedError

_PASSED_ON: Final = ("accept", "accept-encoding", "content-type", "x-prefect-api-version")
_PASSED_BACK: Final = ("content-type", "content-encoding", "content-length", "etag", "last-modified", "location")
# `unsafe-eval`: what draws a run's graph makes its shader code out of texts; scripts come from here alone all the same.
_PAGE_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; "
    "object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
)


class PrefectProxy:
    """Passes on what the allow-list names, with Prefect's own password, which the browser never sees."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._http = httpx2.AsyncClient(timeout=httpx2.Timeout(30, connect=3), follow_redirects=False, trust_env=False)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    async def pass_on(self, request: Request, path: str) -> Response:
        """Answer a request for a page or call of Prefect.

        Raises:
            PrefectCallRefusedError: The allow-list does not name it.
            PrefectAwayError: Prefect does not answer.
        """
        call = path.removeprefix("api/") if path.startswith("api/") else None
        allowed = page_allowed(request.method, path) if call is None else api_call_allowed(request.method, call)
        if not allowed:
            raise PrefectCallRefusedError(request.method, path)
        if path == "ui-settings":
            return await self._ui_settings()
        target = f"/prefect/{quote(path)}" if call is None else f"/api/{quote(call)}"
        kept = {"accept-encoding": "identity"} | {
            name: request.headers[name] for name in _PASSED_ON if name in request.headers
        }
        answer = await self._send(request.method, target, request.url.query, kept, await request.body())
        headers = {name: answer.headers[name] for name in _PASSED_BACK if name in answer.headers}
        headers["Content-Security-Policy"] = _PAGE_POLICY
        if call is None and path.startswith(("assets/", "v2/assets/")):
            headers["Cache-Control"] = "private, max-age=3600"
        return StreamingResponse(_chunks(answer), answer.status_code, headers, background=BackgroundTask(answer.aclose))

    async def _ui_settings(self) -> Response:
        """Prefect's settings for its pages, without the word that makes them ask for its password."""
        answer = await self._send("GET", "/prefect/ui-settings", "", {}, b"")
        try:
            settings: dict[str, Any] = json.loads(await answer.aread())
        except (ValueError, httpx2.TransportError):
            raise PrefectAwayError from None
        finally:
            await answer.aclose()
        return JSONResponse({**settings, "auth": None})

    async def _send(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> httpx2.Response:
        access = await self._gateway.access()
        own = {"Authorization": access.authorization} if access.authorization else {}
        url = access.origin + path + (f"?{query}" if query else "")
        request = self._http.build_request(method, url, headers={**headers, **own}, content=body or None)
        try:
            return await self._http.send(request, stream=True)
        except httpx2.TransportError:
            raise PrefectAwayError from None


async def _chunks(answer: httpx2.Response) -> AsyncIterator[bytes]:
    async for chunk in answer.aiter_raw():
        yield chunk
