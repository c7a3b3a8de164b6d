"""The same sign-in as a program's, whose tokens go into cookies instead of the answer."""

from fastapi import Response

from portal.audit.log import AuditLog

from . import service
from .client import Client
from .cookies import Cookies
from .issuer import Issuer
from .repository import IdentityRepository
from .schemas import BrowserSignInRead, Login, TokenRead
from .throttle import LoginThrottle


async def log_in(
    identity: IdentityRepository,
    throttle: LoginThrottle,
    audit: AuditLog,
    issuer: Issuer,
    body: Login,
    client: Client,
    cookies: Cookies,
    response: Response,
) -> BrowserSignInRead:
    """Sign a browser in."""
    return _given(await service.log_in(identity, throttle, audit, issuer, body, client), cookies, response)


async def refresh(
    identity: IdentityRepository, issuer: Issuer, cookies: Cookies, token: str | None, response: Response
) -> BrowserSignInRead:
    """Renew a browser's cookies."""
    return _given(await service.refresh(identity, issuer, token), cookies, response)


def _given(tokens: TokenRead, cookies: Cookies, response: Response) -> BrowserSignInRead:
    cookies.set(response, tokens)
    return BrowserSignInRead(
        username=tokens.username,
        must_change_password=tokens.must_change_password,
        expires_in_seconds=tokens.expires_in_seconds,
    )
