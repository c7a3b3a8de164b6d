"""The same two steps as a program's, whose tokens go into cookies instead of the answer."""

from fastapi import Response

from portal.audit.log import AuditLog
from portal.identity.browser import given
from portal.identity.client import Client
from portal.identity.cookies import Cookies
from portal.identity.issuer import Issuer
from portal.identity.repository import IdentityRepository
from portal.identity.schemas import BrowserSignInRead, Login
from portal.identity.throttle import LoginThrottle

from . import signing_in
from .checking import CodeCheck
from .repository import SecondFactorRepository
from .schemas import BrowserSecondStepRead, ChallengeAnswer, ChallengeRead


async def log_in_browser(
    identity: IdentityRepository,
    factors: SecondFactorRepository,
    throttle: LoginThrottle,
    audit: AuditLog,
    issuer: Issuer,
    body: Login,
    client: Client,
    cookies: Cookies,
    response: Response,
) -> BrowserSignInRead | ChallengeRead:
    """The first step: sign a browser in, or ask for the second factor."""
    found = await signing_in.log_in(identity, factors, throttle, audit, issuer, body, client)
    return found if isinstance(found, ChallengeRead) else given(found, cookies, response)


async def answer(
    identity: IdentityRepository,
    check: CodeCheck,
    audit: AuditLog,
    issuer: Issuer,
    body: ChallengeAnswer,
    client: Client,
    cookies: Cookies,
    response: Response,
) -> BrowserSecondStepRead:
    """The second step: sign a browser in."""
    tokens = await signing_in.answer(identity, check, audit, issuer, body, client)
    read = given(tokens, cookies, response)
    return BrowserSecondStepRead(recovery_codes=tokens.recovery_codes, **read.model_dump())
