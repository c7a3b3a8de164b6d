"""To the provider and back, for browsers and for command lines."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from portal.audit.log import AuditLog
from portal.identity.client import Client
from portal.identity.cookies import Cookies
from portal.identity.issuer import Issuer
from portal.identity.models import User
from portal.identity.repository import IdentityRepository
from portal.identity.schemas import TokenRead
from portal.identity.service import open_session
from portal.identity.tokens import opaque_token, token_hash
from portal.kit.database import Sessions
from portal.kit.ids import now
from portal.users.repository import UserRepository

from . import pages
from .errors import IdTokenRefusedError, ProviderRefusedError, SsoExpiredError, SsoNotSetUpError
from .models import SsoCode, SsoLogin
from .provider import Provider, shown_code
from .repository import SsoRepository
from .schemas import SsoExchange, SsoRead
from .users import user_of

PATH: Final = "/api/v1/auth/sso"
_THERE_AND_BACK: Final = timedelta(minutes=10)
_CODE_LASTS: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a sign-in leads.

    Attributes:
        next_path: The browser's next page.
        challenge: S256 of the secret of a command line that waits for it; None for a browser.
        port: Where that command line listens on its loopback; None: its user types a code.
    """

    next_path: str = "/"
    challenge: str | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """What a browser brings back from the provider."""

    state: str
    code: str | None
    error: str | None
    issuer: str | None


def describe(provider: Provider | None) -> SsoRead:
    """Whether there is single sign-on here."""
    return SsoRead(enabled=provider is not None, issuer=provider.settings.issuer if provider else None)


async def start(provider: Provider | None, sessions: Sessions, cookies: Cookies, where: Destination) -> Response:
    """Send a browser to the provider."""
    if provider is None:
        raise SsoNotSetUpError
    state, nonce, verifier, browser = (opaque_token() for _ in range(4))
    url = await provider.authorization_url(_callback(cookies), state=state, nonce=nonce, code_verifier=verifier)
    async with sessions() as session, session.begin():
        SsoRepository(session).add(
            SsoLogin(
                state_hash=token_hash(state),
                browser_hash=token_hash(browser),
                nonce=nonce,
                code_verifier=verifier,
                next_path=where.next_path,
                challenge=where.challenge,
                port=where.port,
                expires_at=now() + _THERE_AND_BACK,
            )
        )
    response = RedirectResponse(url, 303)
    seconds = int(_THERE_AND_BACK.total_seconds())
    # Lax: the way back is a navigation from another site, and has to carry it.
    response.set_cookie(
        _cookie(state), browser, max_age=seconds, path=PATH, secure=cookies.secure, httponly=True, samesite="lax"
    )
    return response


async def come_back(
    provider: Provider | None,
    sessions: Sessions,
    users: UserRepository,
    accounts: SsoRepository,
    identity: IdentityRepository,
    audit: AuditLog,
    issuer: Issuer,
    client: Client,
    cookies: Cookies,
    request: Request,
    brought: Return,
) -> Response:
    """Sign in whom the provider sent back. Nothing of ours is locked while the provider is asked."""
    if provider is None:
        raise SsoNotSetUpError
    login = await _take_login(sessions, brought.state, request.cookies.get(_cookie(brought.state), ""))
    if brought.issuer is not None and brought.issuer != provider.settings.issuer:
        raise IdTokenRefusedError("another provider answered")  # RFC 9207
    if brought.code is None:
        raise ProviderRefusedError(shown_code(brought.error or "error"))
    claims = await provider.redeem(
        brought.code, _callback(cookies), nonce=login.nonce, code_verifier=login.code_verifier
    )
    user = await user_of(users, accounts, identity, audit, provider.settings, claims)
    if login.challenge is not None:
        response = _hand_over(accounts, user, login.challenge, login.port)
    else:
        response = pages.onward(login.next_path)
        cookies.set(response, await open_session(identity, audit, issuer, user, client, way="sso"))
    response.delete_cookie(_cookie(brought.state), path=PATH)
    return response


async def exchange(
    accounts: SsoRepository,
    identity: IdentityRepository,
    audit: AuditLog,
    issuer: Issuer,
    body: SsoExchange,
    client: Client,
) -> TokenRead:
    """A sign-in for the command line that began it."""
    found = await accounts.take_code(token_hash(body.code.get_secret_value().strip()))
    user = await identity.find_user(found.user_id) if found else None
    if found is None or user is None or not user.active:
        raise SsoExpiredError
    if not secrets.compare_digest(found.challenge, challenge_of(body.verifier.get_secret_value())):
        raise SsoExpiredError
    return await open_session(identity, audit, issuer, user, client, way="sso")


def challenge_of(verifier: str) -> str:
    """S256 of a secret (RFC 7636, 4.2)."""
    digest = hashlib.sha256(verifier.encode("utf-8", "replace")).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


async def _take_login(sessions: Sessions, state: str, browser: str) -> SsoLogin:
    """The way that leads back here; it is used up whatever comes of it."""
    async with sessions() as session, session.begin():
        login = await SsoRepository(session).take_login(token_hash(state))
    if login is None or not secrets.compare_digest(login.browser_hash, token_hash(browser)):
        raise SsoExpiredError
    return login


def _hand_over(accounts: SsoRepository, user: User, challenge: str, port: int | None) -> Response:
    code = opaque_token()
    expires_at = now() + _CODE_LASTS
    accounts.add(SsoCode(code_hash=token_hash(code), user_id=user.id, challenge=challenge, expires_at=expires_at))
    if port is None:
        return pages.show_code(code)
    return RedirectResponse(f"http://127.0.0.1:{port}/?{urlencode({'code': code})}", 303)


def _callback(cookies: Cookies) -> str:
    return f"{cookies.settings.address}{PATH}/callback"


def _cookie(state: str) -> str:
    """One cookie a way, so that two tabs do not disturb each other."""
    return f"opsconductor_sso_{token_hash(state)[:16]}"
