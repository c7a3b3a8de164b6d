"""Calls of the API without any input or output: what to send, how to read the answer, whether to try again."""

from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import UnionType
from typing import Any, Final, Generic, Protocol, TypeVar
from urllib.parse import quote
from uuid import UUID, uuid4

import stamina
from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic_core import to_json

from .problems import PortalAwayError, PortalProblemError, refusal

T = TypeVar("T")
Key = UUID | str
"""The id of a thing."""

API: Final = "/api/v1"
_ERROR = 400
_SAFE = ("GET", "PUT", "DELETE")
_LATER = (429, 503)


class Answer(BaseModel):
    """What the portal answers; fields that a newer portal adds are kept too."""

    model_config = ConfigDict(extra="allow", frozen=True, protected_namespaces=())


class Page(Answer, Generic[T]):
    """Some items of a list, and where the next ones are."""

    items: list[T]
    next_page: str | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """How calls that may be repeated are repeated: after a lost connection, 429 and 503.

    Attributes:
        attempts: How often in all; 1 never repeats.
        first_seconds: The first wait, about; each further one is twice as long.
        longest_seconds: The longest wait; a portal that wants a longer one is not asked again.
    """

    attempts: int = 6
    first_seconds: float = 0.2
    longest_seconds: float = 30.0

    def contexts(self, call: "Call[Any]") -> Any:
        """The attempts of a call, for `for` and `async for`."""
        return stamina.retry_context(
            on=lambda error: call.repeats and self._again(error),
            attempts=self.attempts,
            timeout=None,
            wait_initial=self.first_seconds,
            wait_jitter=self.first_seconds,
            wait_max=self.longest_seconds,
        )

    def _again(self, error: Exception) -> bool | float:
        if isinstance(error, PortalAwayError):
            return True
        if not isinstance(error, PortalProblemError) or error.http_status not in _LATER:
            return False
        wait = error.retry_after_seconds
        return True if wait is None else wait <= self.longest_seconds and wait


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One call of the API.

    Attributes:
        method: HTTP method.
        path: Path below the API.
        answer: Type of its answer; None when there is none.
        query: Query values; None ones are left out.
        body: JSON body; it can hold a secret, so it is not printed.
        idempotency_key: The same key again does nothing new.
        if_match: The version that may be changed.
        below: Where the path begins.
    """

    method: str
    path: str
    answer: type[T] | UnionType
    query: Mapping[str, Any] = field(default_factory=dict[str, Any])
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    idempotency_key: str | None = None
    if_match: str | None = None
    below: str = API

    @property
    def repeats(self) -> bool:
        """Whether it does no harm to send it again when nobody knows what became of it."""
        return self.method in _SAFE or self.idempotency_key is not None

    def parts(self) -> dict[str, Any]:
        """What an httpx client's `request` takes."""
        headers = {"Idempotency-Key": self.idempotency_key, "If-Match": self.if_match}
        sent = {name: value for name, value in headers.items() if value is not None}
        if self.body is not None:
            sent["Content-Type"] = "application/json"
        return {
            "method": self.method,
            "url": self.below + self.path,
            "params": {name.removesuffix("_"): _text(value) for name, value in self.query.items() if value is not None},
            "content": None if self.body is None else to_json(self.body),
            "headers": sent,
        }

    def read(self, status: int, reason: str, content: bytes, headers: Mapping[str, str]) -> T:
        """The answer.

        Raises:
            PortalProblemError: It is a refusal; the class says which.
        """
        if status >= _ERROR:
            raise refusal(status, reason, content, headers)
        return _reader(self.answer).validate_json(content or b"null")

    def after(self, cursor: str) -> "Call[T]":
        """The same list from a cursor on."""
        return replace(self, query={**self.query, "cursor": cursor})


@cache
def _reader(answer: Any) -> TypeAdapter[Any]:
    return TypeAdapter(answer)


def _text(value: Any) -> Any:
    """A query value: lists stay, what JSON writes as text is text."""
    if isinstance(value, list | bool | int | float):
        return value  # pyright: ignore[reportUnknownVariableType]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def part(key: Key | int) -> str:
    """A key as one part of a path."""
    return quote(str(key), safe="")


def new_key() -> str:
    """An idempotency key for one request and its repetitions."""
    return uuid4().hex


class Send(Protocol):
    """Sends a call and waits for its answer."""

    def __call__(self, call: Call[T], /) -> T: ...


class AsyncSend(Protocol):
    """Sends a call; other tasks go on while it waits."""

    def __call__(self, call: Call[T], /) -> Awaitable[T]: ...


class Stream(Protocol):
    """Sends a call and gives its answer piece by piece."""

    def __call__(self, call: Call[bytes], /) -> Iterator[bytes]: ...


class AsyncStream(Protocol):
    """Sends a call and gives its answer piece by piece; other tasks go on meanwhile."""

    def __call__(self, call: Call[bytes], /) -> AsyncIterator[bytes]: ...


class Resource:
    """One kind of thing; its methods are calls."""

    def __init__(self, send: Send, stream: Stream) -> None:
        self._send, self._stream = send, stream

    def _pages(self, call: Call[Page[T]]) -> Iterator[T]:
        page = self._send(call)
        yield from page.items
        while page.next_page:
            page = self._send(call.after(page.next_page))
            yield from page.items


class AsyncResource:
    """One kind of thing; its methods are calls."""

    def __init__(self, send: AsyncSend, stream: AsyncStream) -> None:
        self._send, self._stream = send, stream

    async def _pages(self, call: Call[Page[T]]) -> AsyncIterator[T]:
        page = await self._send(call)
        for item in page.items:
            yield item
        while page.next_page:
            page = await self._send(call.after(page.next_page))
            for item in page.items:
                yield item
