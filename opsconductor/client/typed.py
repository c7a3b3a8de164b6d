"""The typed clients: two thin transports under the same calls."""

from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import httpx2

from .calls import Call, Retry
from .problems import PortalAwayError
from .resources import (
    AsyncAudit,
    AsyncCredentials,
    AsyncGroups,
    AsyncJobs,
    AsyncRoles,
    AsyncTargets,
    AsyncTokens,
    AsyncUsers,
    Audit,
    Credentials,
    Groups,
    Jobs,
    Roles,
    Targets,
    Tokens,
    Users,
)
from .token_file import read_token_file
from .watching import AsyncWatchedRuns, WatchedRuns

T = TypeVar("T")
_TIMEOUT = httpx2.Timeout(60, connect=5)
_PATIENT = Retry()


class Client:
    """One program's access to one portal.

    Lists are iterators that fetch page after page as they are read. Refusals are `PortalProblemError`s. Calls that
    may be repeated without harm are, after a lost connection and when the portal asks for patience.

    Args:
        url: Address of the portal, such as `https://ops.example.com`.
        token: API token or access token.
        retry: How calls are repeated.
        transport: How requests travel; for tests.
    """

    def __init__(
        self, url: str, token: str, *, retry: Retry = _PATIENT, transport: httpx2.BaseTransport | None = None
    ) -> None:
        self._url, self._retry = url.rstrip("/"), retry
        self._http = httpx2.Client(base_url=self._url, headers=_headers(token), timeout=_TIMEOUT, transport=transport)
        self.targets = Targets(self._send)
        self.groups = Groups(self._send)
        self.credentials = Credentials(self._send)
        self.jobs = Jobs(self._send)
        self.runs = WatchedRuns(self._send)
        self.users = Users(self._send)
        self.roles = Roles(self._send)
        self.tokens = Tokens(self._send)
        self.audit = Audit(self._send)

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


class AsyncClient:
    """The same as `Client`, for programs on an event loop.

    Args:
        url: Address of the portal, such as `https://ops.example.com`.
        token: API token or access token.
        retry: How calls are repeated.
        transport: How requests travel; for tests.
    """

    def __init__(
        self, url: str, token: str, *, retry: Retry = _PATIENT, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self._url, self._retry = url.rstrip("/"), retry
        self._http = httpx2.AsyncClient(
            base_url=self._url, headers=_headers(token), timeout=_TIMEOUT, transport=transport
        )
        self.targets = AsyncTargets(self._send)
        self.groups = AsyncGroups(self._send)
        self.credentials = AsyncCredentials(self._send)
        self.jobs = AsyncJobs(self._send)
        self.runs = AsyncWatchedRuns(self._send)
        self.users = AsyncUsers(self._send)
        self.roles = AsyncRoles(self._send)
        self.tokens = AsyncTokens(self._send)
        self.audit = AsyncAudit(self._send)

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


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "User-Agent": f"opsconductor/{version('opsconductor')}"}
