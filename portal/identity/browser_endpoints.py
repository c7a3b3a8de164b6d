"""Signing in from a browser: its tokens are cookies that no script can read."""

from fastapi import Depends, Request, Response

from portal.audit.log import AuditDep
from portal.authz.guard import guarded_inside
from portal.kit.problems import problems
from portal.kit.routing import Router
from portal.second_factor import browser as signing_in
from portal.second_factor.deps import FactorsDep
from portal.second_factor.schemas import ChallengeRead

from . import browser
from .client import ClientDep
from .deps import CookiesDep, IdentityDep, IssuerDep, ThrottleDep, from_our_pages
from .schemas import BrowserSignInRead, Login

# Signing in is guarded too: a page of another site must not sign a browser in as somebody of its choice.
router = Router(prefix="/auth/browser", tags=["auth"], dependencies=[Depends(guarded_inside), Depends(from_our_pages)])


@router.post("/login", responses=problems(429))
async def log_in_browser(
    body: Login,
    identity: IdentityDep,
    factors: FactorsDep,
    throttle: ThrottleDep,
    audit: AuditDep,
    issuer: IssuerDep,
    client: ClientDep,
    cookies: CookiesDep,
    response: Response,
) -> BrowserSignInRead | ChallengeRead:
    """Sign this browser in with username and password; a challenge asks for the second factor as well."""
    return await signing_in.log_in_browser(identity, factors, throttle, audit, issuer, body, client, cookies, response)


@router.post("/refresh", responses=problems())
async def refresh_browser(
    request: Request, identity: IdentityDep, issuer: IssuerDep, cookies: CookiesDep, response: Response
) -> BrowserSignInRead:
    """Renew this browser's cookies."""
    return await browser.refresh(identity, issuer, cookies, cookies.refresh_token(request), response)
