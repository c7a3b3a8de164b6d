"""The portal's API by paths and plain JSON, for the command line."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from .problems import PortalAwayError, PortalProblemError, refusal
from .token_file import read_token_file

Json = dict[str, Any]
_API = "/api/v1"
_UNAUTHORIZED = 401


class PortalClient(AbstractContextManager["PortalClient"]):
    """One person's or program's access to one portal.

    Args:
        url: Address of the portal, such as `http://127.0.0.1:8080`.
        access_token: Bearer token.
        renew: Called when the token has run out; gives a new one, or None when there is none.
    """

    def __init__(
        self, url: str, access_token: str | None = None, renew: Callable[[], str | None] | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self._token = access_token
        self._renew = renew
        agent = {"User-Agent": f"opsconductor/{version('opsconductor')}"}
        self._http = httpx2.Client(base_url=self.url, headers=agent, timeout=httpx2.Timeout(30, connect=5))

    @classmethod
    def from_token_file(cls, file: Path, url: str | None = None) -> Self:
        """A client for a program that has an API token.

        Args:
            file: Holds the token, so that it stands in no command line and no environment.
            url: Address of the portal; what the file says when absent.

        Raises:
            InvalidInputError: The file holds no API token, or no address is known.
        """
        return cls(*read_token_file(file, url))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        """GET; query values of None are left out."""
        return self.request("GET", path, query=query)

    def post(
        self,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_seconds: float | None = None,
    ) -> Any:
        """POST a JSON body; `timeout_seconds` is for what may take longer than other calls."""
        return self.request("POST", path, body=body, headers=headers, timeout_seconds=timeout_seconds)

    def patch(self, path: str, body: Any) -> Any:
        """PATCH with a JSON body."""
        return self.request("PATCH", path, body=body)

    def delete(self, path: str) -> None:
        """DELETE."""
        self.request("DELETE", path)

    def pages(self, path: str, **query: Any) -> Iterator[Json]:
        """Every item of a list, page after page."""
        cursor: str | None = None
        while True:
            page = self.get(path, **query, cursor=cursor)
            yield from page["items"]
            cursor = page.get("next_page")
            if not cursor:
                return

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout_seconds: float | None = None,
    ) -> Any:
        """One call of the API; gives the decoded body, or None when there is none.

        Raises:
            PortalAwayError: No answer.
            OpsError: The portal refused; the class says how.
        """
        response = self._send(method, path, query, body, headers, timeout_seconds)
        if response.status_code == _UNAUTHORIZED and self._renew is not None:
            self._token = self._renew()
            if self._token:
                response = self._send(method, path, query, body, headers, timeout_seconds)
        if response.is_error:
            raise _error(response)
        return response.json() if response.content else None

    def download(self, path: str, **query: Any) -> Iterator[bytes]:
        """A file, piece by piece as it arrives; query values of None are left out.

        Raises:
            PortalAwayError: No answer, or it broke off.
            OpsError: The portal refused; the class says how.
        """
        given = {name: value for name, value in query.items() if value is not None}
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        try:
            with self._http.stream("GET", _API + path, params=given, headers=headers) as response:
                if response.is_error:
                    response.read()
                    raise _error(response)
                yield from response.iter_bytes()
        except httpx2.TransportError:
            raise PortalAwayError(self.url) from None

    def events(self, run_id: str, cursor: int = 0) -> Iterator[Json]:
        """Everything that happens to a run after `cursor`, until it has ended. A lost line is taken up again."""
        url = self.url.replace("http", "ws", 1) + f"{_API}/runs/{run_id}/events"
        while True:
            headers = {"Authorization": f"Bearer {self._token}"}
            try:
                with connect(
                    f"{url}?cursor={cursor}", additional_headers=headers, open_timeout=10, proxy=None
                ) as socket:
                    for message in socket:
                        event = json.loads(message)
                        if "seq" not in event:
                            continue  # a heartbeat
                        cursor = event["seq"]
                        yield event
                    return
            except ConnectionClosed:
                self.get(f"/runs/{run_id}")  # also renews the token; raises when the portal is gone
            except OSError:
                raise PortalAwayError(self.url) from None

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: Any,
        headers: Mapping[str, str] | None,
        timeout_seconds: float | None,
    ) -> httpx2.Response:
        sent = dict(headers or {})
        if self._token:
            sent["Authorization"] = f"Bearer {self._token}"
        given = {name: value for name, value in (query or {}).items() if value is not None}
        try:
            timeout = self._http.timeout if timeout_seconds is None else timeout_seconds
            return self._http.request(method, _API + path, params=given, json=body, headers=sent, timeout=timeout)
        except httpx2.TransportError:
            raise PortalAwayError(self.url) from None


def _error(response: httpx2.Response) -> PortalProblemError:
    return refusal(response.status_code, response.reason_phrase, response.content, response.headers)
