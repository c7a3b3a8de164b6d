"""The typed clients: two thin transports under the same calls."""

from collections.abc import AsyncIterator, Iterator
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import httpx2

from .calls import Call, Retry
from .portal import AsyncPortal, Portal
from .problems import PortalAwayError, refusal
from .token_file import read_token_file

T = TypeVar("T")
_TIMEOUT = httpx2.Timeout(60, connect=5)
_PATIENT = Retry()


class Client(Portal):
    """One program's access to one portal.

    Lists are iterators that fetch page after page as they are read; files are iterators of their bytes. Refusals are
    `PortalProblemError`s. Calls that may be repeated without harm are, after a lost connection and when the portal
    asks for patience.

    What a method says that it raises comes on top of what any of them can: `NotAuthenticatedError`,
    `NotAllowedError`, `TooManyRequestsError` and `UnavailableError`, which `PortalAwayError` is too.

    Args:
        url: Address of the portal, such as `https://ops.example.com`.
        token: API token or access token; without one only what needs none can be called, such as `auth.login`.
        retry: How calls are repeated.
        transport: How requests travel; for tests.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        retry: Retry = _PATIENT,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._url, self._retry = url.rstrip("/"), retry
        self._http = httpx2.Client(base_url=self._url, headers=_headers(token), timeout=_TIMEOUT, transport=transport)
        super().__init__(self._send, self._stream)

    @classmethod
    def from_token_file(cls, file: Path, url: str | None = None) -> Self:
        """A client with the API token of a file that `opsconductor token create --file` wrote.

        Raises:
            InvalidInputError: The file holds no API token, or no address is known.
        """
        return cls(*read_token_file(file, url))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _send(self, call: Call[T], /) -> T:
        for attempt in self._retry.contexts(call):
            with attempt:
                try:
                    response = self._http.request(**call.parts())
                except httpx2.TransportError as error:
                    raise PortalAwayError(self._url) from error
                return call.read(response.status_code, response.reason_phrase, response.content, response.headers)
        raise PortalAwayError(self._url)

    def _stream(self, call: Call[bytes], /) -> Iterator[bytes]:
        response = self._opened(call)
        try:
            yield from response.iter_bytes()
        except httpx2.TransportError as error:
            raise PortalAwayError(self._url) from error
        finally:
            response.close()

    def _opened(self, call: Call[bytes]) -> httpx2.Response:
        for attempt in self._retry.contexts(call):
            with attempt:
                try:
                    response = self._http.send(self._http.build_request(**call.parts()), stream=True)
                    content = response.read() if response.is_error else b""
                except httpx2.TransportError as error:
                    raise PortalAwayError(self._url) from error
                if response.is_error:
                    raise refusal(response.status_code, response.reason_phrase, content, response.headers)
                return response
        raise PortalAwayError(self._url)


class AsyncClient(AsyncPortal):
    """The same as `Client`, for programs on an event loop.

    Args:
        url: Address of the portal, such as `https://ops.example.com`.
        token: API token or access token; without one only what needs none can be called, such as `auth.login`.
        retry: How calls are repeated.
        transport: How requests travel; for tests.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        retry: Retry = _PATIENT,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._url, self._retry = url.rstrip("/"), retry
        self._http = httpx2.AsyncClient(
            base_url=self._url, headers=_headers(token), timeout=_TIMEOUT, transport=transport
        )
        super().__init__(self._send, self._stream)

    @classmethod
    def from_token_file(cls, file: Path, url: str | None = None) -> Self:
        """A client with the API token of a file that `opsconductor token create --file` wrote.

        Raises:
            InvalidInputError: The file holds no API token, or no address is known.
        """
        return cls(*read_token_file(file, url))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _send(self, call: Call[T], /) -> T:
        async for attempt in self._retry.contexts(call):
            with attempt:
                try:
                    response = await self._http.request(**call.parts())
                except httpx2.TransportError as error:
                    raise PortalAwayError(self._url) from error
                return call.read(response.status_code, response.reason_phrase, response.content, response.headers)
        raise PortalAwayError(self._url)

    async def _stream(self, call: Call[bytes], /) -> AsyncIterator[bytes]:
        response = await self._opened(call)
        try:
            async for piece in response.aiter_bytes():
                yield piece
        except httpx2.TransportError as error:
            raise PortalAwayError(self._url) from error
        finally:
            await response.aclose()

    async def _opened(self, call: Call[bytes]) -> httpx2.Response:
        async for attempt in self._retry.contexts(call):
            with attempt:
                try:
                    response = await self._http.send(self._http.build_request(**call.parts()), stream=True)
                    content = await response.aread() if response.is_error else b""
                except httpx2.TransportError as error:
                    raise PortalAwayError(self._url) from error
                if response.is_error:
                    raise refusal(response.status_code, response.reason_phrase, content, response.headers)
                return response
        raise PortalAwayError(self._url)


def _headers(token: str | None) -> dict[str, str]:
    agent = {"User-Agent": f"opsconductor/{version('opsconductor')}"}
    return agent if token is None else {**agent, "Authorization": f"Bearer {token}"}
