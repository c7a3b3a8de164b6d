"""Errors as RFC 9457 problem documents. No value of an input is ever repeated in one."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from asgi_correlation_id import correlation_id
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from opsconductor.errors import ExpressionError, InvalidInputError, OpsError, TooManyRequestsError, UnavailableError
from opsconductor.errors import Problem as FieldProblem

from .routing import UNREADABLE
from .text import in_words

_log = structlog.stdlib.get_logger("portal")
MEDIA_TYPE = "application/problem+json"
_HTTP_NAMES = {404: "not-found", 405: "method-not-allowed", 408: "request-timeout", 413: "content-too-large"}
_DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeoutError)


class ProblemField(BaseModel):
    """One thing wrong with one field."""

    path: str = Field(description="Where, such as `steps[2].with.unit`; empty for the whole request.")
    message: str
    hint: str = ""
    line: int | None = None


class Problem(BaseModel):
    """The body of every refusal (RFC 9457)."""

    type: str = Field(description="`urn:opsconductor:problem:<name>`; stable, for programs.")
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    retryable: bool = False
    problems: list[ProblemField] = []


_HEADERS = {401: ("WWW-Authenticate", "string"), 429: ("Retry-After", "integer")}


def refusal(status: int) -> dict[str, Any]:
    """One refusal, for the OpenAPI document."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    described: dict[str, Any] = {"description": "Refused", "content": content}
    if status in _HEADERS:
        name, kind = _HEADERS[status]
        described["headers"] = {name: {"required": True, "schema": {"type": kind}}}
    return described


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What an endpoint may answer besides its success, for the OpenAPI document."""
    return {status: refusal(status) for status in (401, 403, 422, *statuses)}


def problem_name(error: type[BaseException]) -> str:
    """`TargetNameTakenError` → `target-name-taken`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", error.__name__.removesuffix("Error")).lower()


def problem_response(
    request: HTTPConnection,
    status: int,
    name: str,
    detail: str,
    *,
    fields: Iterable[FieldProblem] = (),
    retryable: bool = False,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """One problem document as a response."""
    body = Problem(
        type=f"urn:opsconductor:problem:{name}",
        title=name.replace("-", " ").capitalize(),
        status=status,
        detail=detail,
        instance=request.url.path,
        request_id=correlation_id.get() or "",
        retryable=retryable,
        problems=[ProblemField(path=f.path, message=f.message, hint=f.hint, line=f.line) for f in fields],
    )
    return JSONResponse(body.model_dump(), status, dict(headers or {}), MEDIA_TYPE)


async def render(request: HTTPConnection, error: Exception) -> JSONResponse:
    """An error of our own tree."""
    assert isinstance(error, OpsError)  # noqa: S101 (registered for this class only)
    headers: dict[str, str] = {}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyRequestsError):
        headers["Retry-After"] = str(error.retry_after_seconds)
    name = problem_name(type(error))
    return problem_response(
        request, error.status, name, str(error), fields=_fields(error), retryable=error.retryable, headers=headers
    )


def _fields(error: OpsError) -> tuple[FieldProblem, ...]:
    if isinstance(error, InvalidInputError):
        return error.problems
    if isinstance(error, ExpressionError):
        return (FieldProblem(path="", message=error.reason),)
    return ()


def location(parts: Iterable[int | str]) -> str:
    """`("body", "steps", 2, "with")` → `steps[2].with`."""
    text = ""
    for part in list(parts)[1:]:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


async def _render_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    if error.body is UNREADABLE:
        found = [FieldProblem("", "the body is not JSON")]
    else:  # Only location and message: pydantic's `input` and `ctx` would echo passwords.
        found = [FieldProblem(location(e["loc"]), *in_words(e)) for e in error.errors()]
    return problem_response(request, 422, "invalid-input", "the request is refused", fields=found)


async def _render_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    name = _HTTP_NAMES.get(error.status_code, "refused")
    return problem_response(request, error.status_code, name, str(error.detail), headers=error.headers)


async def _render_database(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, DBAPIError) and not error.connection_invalidated and not isinstance(error, _DATABASE_AWAY):
        return await render_unexpected(request, error)
    _log.warning("database.away", error=str(error))
    away = UnavailableError("the database does not answer; nothing was changed")
    return await render(request, away)


async def render_unexpected(request: Request, error: Exception) -> JSONResponse:
    """An error of nobody's tree; what it says stays in the log."""
    _log.error("request.broke", path=request.url.path, exc_info=error)
    return problem_response(request, 500, "internal", "something broke here; the log knows the request id")


def add_problem_rendering(app: FastAPI) -> None:
    """Make every refusal of the app a problem document."""
    app.add_exception_handler(OpsError, render)
    app.add_exception_handler(RequestValidationError, _render_invalid)
    app.add_exception_handler(HTTPException, _render_http)
    app.add_exception_handler(DBAPIError, _render_database)
    app.add_exception_handler(PoolTimeoutError, _render_database)
    app.add_exception_handler(Exception, render_unexpected)
