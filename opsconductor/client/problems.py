"""What a portal's refusal becomes: problem documents (RFC 9457) as exceptions.

UnavailableError
└── PortalAwayError                nobody answers
PortalProblemError                 any refusal, with the fields of its problem document
├── InvalidRequestError            … that names fields; also an InvalidInputError
├── NotSignedInError               401; also a NotAuthenticatedError
├── NotPermittedError              403; also a NotAllowedError
├── MissingError                   404; also a NotFoundError
├── StateConflictError             409; also a ConflictError
├── RateError                      429; also a TooManyRequestsError
└── PartAwayError                  503; also an UnavailableError
"""

import json
from collections.abc import Mapping
from typing import Any

from opsconductor.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotAuthenticatedError,
    NotFoundError,
    OpsError,
    Problem,
    TooManyRequestsError,
    UnavailableError,
)

Json = dict[str, Any]


class PortalAwayError(UnavailableError):
    """Nobody answers at the portal's address."""

    def __init__(self, url: str) -> None:
        super().__init__(f"the portal does not answer at {url}. Is it running? See `opsconductor status`")
        self.url = url


class PortalProblemError(OpsError):
    """The portal refused.

    Attributes:
        http_status: Status of the answer.
        type: `urn:opsconductor:problem:<name>`; stable, for programs. Empty when the answer was no problem document.
        title: Its name, for people.
        detail: What is wrong.
        request_id: The request, as the portal's log and the audit log call it.
        problems: What is wrong with which field.
        retry_after_seconds: When to try again, where the portal says so.
        body: The whole document.
    """

    def __init__(self, body: Mapping[str, Any], status: int, retry_after_seconds: float | None = None) -> None:
        self.body = body
        self.http_status = status
        self.type = str(body.get("type", ""))
        self.title = str(body.get("title", ""))
        self.detail = str(body.get("detail") or self.title or f"HTTP {status}")
        self.request_id = str(body.get("request_id", ""))
        self.retry_after_seconds = retry_after_seconds
        self.problems = tuple(_problem(each) for each in body.get("problems", ()))
        Exception.__init__(self, "\n".join(map(str, self.problems)) or self.detail)


class InvalidRequestError(PortalProblemError, InvalidInputError):
    """The request is refused; every problem is named."""


class NotSignedInError(PortalProblemError, NotAuthenticatedError):
    """The token is missing, unknown or has run out."""


class NotPermittedError(PortalProblemError, NotAllowedError):
    """Whoever the token belongs to may not do this."""


class MissingError(PortalProblemError, NotFoundError):
    """There is no such thing, or nobody may know of it."""


class StateConflictError(PortalProblemError, ConflictError):
    """The thing is not in a state for this."""


class RateError(PortalProblemError, TooManyRequestsError):
    """Too many requests."""


class PartAwayError(PortalProblemError, UnavailableError):
    """A part that the request needs is away."""


_KINDS: Mapping[int, type[PortalProblemError]] = {
    401: NotSignedInError,
    403: NotPermittedError,
    404: MissingError,
    409: StateConflictError,
    429: RateError,
    503: PartAwayError,
}


def refusal(status: int, reason: str, content: bytes, headers: Mapping[str, str]) -> PortalProblemError:
    """The exception for an answer that is an error."""
    try:
        found: Any = json.loads(content)
    except ValueError:
        found = None
    body: Json = found if isinstance(found, dict) else {"detail": f"{status} {reason}"}  # pyright: ignore[reportUnknownVariableType]
    kind = InvalidRequestError if body.get("problems") else _KINDS.get(status, PortalProblemError)
    return kind(body, status, _seconds(headers.get("retry-after", "")))


def _seconds(text: str) -> float | None:
    """`Retry-After` in seconds; the portal never says it as a date."""
    return float(text) if text.isdigit() else None


def _problem(found: Mapping[str, Any]) -> Problem:
    message = str(found["message"]).removeprefix("Value error, ")
    return Problem(found["path"], message, found.get("hint", ""), found.get("line"))
