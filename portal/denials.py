"""Refusals that touch security leave a row in the audit log, in a transaction of their own."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from .audit.log import AuditLog, audited, source_address
from .authz.errors import ApiTokenNotAllowedError, PermissionDeniedError
from .credentials.errors import TooManyRevealsError
from .identity.errors import (
    LinkNotValidError,
    LoginFailedError,
    RefreshTokenReplayedError,
    TooManyLoginsError,
)
from .identity.repository import IdentityRepository
from .kit.origin import CrossSiteRequestError
from .kit.problems import render
from .prefect_ui.errors import PrefectCallRefusedError
from .second_factor.errors import SecondFactorFailedError
from .sso.errors import (
    IdTokenRefusedError,
    ProviderAwayError,
    ProviderRefusedError,
    SsoExpiredError,
    SsoNotSetUpError,
    SsoUsernameTakenError,
    SsoUserRefusedError,
)
from .sso.pages import render_refusal

Note = Callable[[Request, Exception, AuditLog, AsyncSession], Awaitable[None]]
Answer = Callable[[Request, Exception], Awaitable[Response]]


async def _permission_denied(request: Request, error: Exception, audit: AuditLog, _: AsyncSession) -> None:
    assert isinstance(error, PermissionDeniedError)  # noqa: S101 (registered for this class only)
    route = f"{request.scope.get('method', 'WEBSOCKET')} {request.url.path}"
    audit.record(error.actor, "permission.denied", "permission", error.permission, request=route)


async def _token_denied(request: Request, error: Exception, audit: AuditLog, _: AsyncSession) -> None:
    assert isinstance(error, ApiTokenNotAllowedError)  # noqa: S101
    audit.record(error.actor, "request.denied", "request", request.url.path, reason=str(error))


async def _too_many_reveals(request: Request, error: Exception, audit: AuditLog, _: AsyncSession) -> None:
    assert isinstance(error, TooManyRevealsError)  # noqa: S101
    audit.record(error.actor, "request.denied", "request", request.url.path, reason=str(error))


async def _login_failed(_: Request, error: Exception, audit: AuditLog, session: AsyncSession) -> None:
    assert isinstance(error, LoginFailedError)  # noqa: S101
    audit.record(None, "auth.failed", "user", "", **await _attempted(session, error.username))


async def _attempted(session: AsyncSession, username: str) -> dict[str, object]:
    """Whose name was tried. One that is nobody's stays out of a log that nobody can erase: it may be a password."""
    user = await IdentityRepository(session).find_by_username(username)
    return {"username": user.username if user else "", "known": user is not None}


async def _code_refused(_: Request, error: Exception, audit: AuditLog, __: AsyncSession) -> None:
    assert isinstance(error, SecondFactorFailedError)  # noqa: S101
    audit.record(None, "second_factor.failed", "user", error.user_id, username=error.username)


async def _sso_refused(_: Request, error: Exception, audit: AuditLog, __: AsyncSession) -> None:
    subject = error.subject if isinstance(error, SsoUserRefusedError | SsoUsernameTakenError) else ""
    audit.record(None, "sso.refused", "sso", subject, reason=str(error))


async def _throttled(_: Request, error: Exception, audit: AuditLog, session: AsyncSession) -> None:
    assert isinstance(error, TooManyLoginsError)  # noqa: S101
    if error.first:  # the log tells of the block, not of each knock at it
        attempted = await _attempted(session, error.username)
        audit.record(None, "auth.throttled", "user", "", **attempted, seconds=error.retry_after_seconds)


async def _refresh_replayed(_: Request, error: Exception, audit: AuditLog, session: AsyncSession) -> None:
    assert isinstance(error, RefreshTokenReplayedError)  # noqa: S101
    await IdentityRepository(session).revoke(error.session_id)
    audit.record(None, "session.replayed", "session", error.session_id, user_id=str(error.user_id))


async def _prefect_call_refused(request: Request, error: Exception, audit: AuditLog, session: AsyncSession) -> None:
    if request.method not in ("GET", "HEAD"):
        await _other(request, error, audit, session)


async def _other(request: Request, error: Exception, audit: AuditLog, _: AsyncSession) -> None:
    audit.record(None, "request.denied", "request", request.url.path, reason=str(error))


_NOTES: dict[type[Exception], Note] = {
    PermissionDeniedError: _permission_denied,
    ApiTokenNotAllowedError: _token_denied,
    LoginFailedError: _login_failed,
    RefreshTokenReplayedError: _refresh_replayed,
    SecondFactorFailedError: _code_refused,
    CrossSiteRequestError: _other,
    LinkNotValidError: _other,
    PrefectCallRefusedError: _prefect_call_refused,
    TooManyLoginsError: _throttled,
    TooManyRevealsError: _too_many_reveals,
}


_SSO = (ProviderRefusedError, IdTokenRefusedError, SsoExpiredError, SsoUserRefusedError, SsoUsernameTakenError)


def add_denial_rendering(app: FastAPI) -> None:
    """Note such refusals before they are answered."""
    for kind in _SSO:
        app.add_exception_handler(kind, _noting(_sso_refused, render_refusal))
    for kind in (SsoNotSetUpError, ProviderAwayError):  # nobody was refused: nothing to note
        app.add_exception_handler(kind, render_refusal)
    for kind, note in _NOTES.items():
        app.add_exception_handler(kind, _noting(note))


def _noting(note: Note, answer: Answer = render) -> Answer:
    async def handle(request: Request, error: Exception) -> Response:
        async with audited(request.app.state.sessions, source_address(request)) as (session, audit):
            await note(request, error, audit, session)
        return await answer(request, error)

    return handle
