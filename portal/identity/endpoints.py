"""HTTP surface of identity: for programs, which hold their tokens themselves."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response

from portal.audit.log import AuditDep
from portal.authz.guard import public
from portal.kit.pages import Page, PageDep
from portal.kit.problems import problems
from portal.kit.routing import Router
from portal.second_factor import signing_in
from portal.second_factor.deps import FactorsDep
from portal.second_factor.schemas import ChallengeRead

from . import own_password, service, sessions
from .browser_link import make_browser_link
from .client import ClientDep
from .deps import (
    BarelyInPerson,
    BarelyWithPassword,
    CookiesDep,
    IdentityDep,
    InPerson,
    IssuerDep,
    SettingsDep,
    SignedIn,
    ThrottleDep,
)
from .schemas import BrowserLinkRead, Login, MeRead, PasswordChange, Refresh, SessionRead, SignedOutRead, TokenRead

router = Router(prefix="/auth", tags=["auth"])


@router.post("/login", responses=problems(429), dependencies=[Depends(public)])
async def log_in(
    body: Login,
    identity: IdentityDep,
    factors: FactorsDep,
    throttle: ThrottleDep,
    audit: AuditDep,
    issuer: IssuerDep,
    client: ClientDep,
) -> TokenRead | ChallengeRead:
    """Sign in with username and password; a challenge asks for the second factor as well."""
    return await signing_in.log_in(identity, factors, throttle, audit, issuer, body, client)


@router.post("/refresh", responses=problems(), dependencies=[Depends(public)])
async def refresh(body: Refresh, identity: IdentityDep, issuer: IssuerDep) -> TokenRead:
    """Replace a refresh token by a new pair of tokens."""
    return await service.refresh(identity, issuer, body.refresh_token.get_secret_value())


@router.post("/logout", status_code=204, responses=problems())
async def log_out(
    actor: BarelyInPerson, identity: IdentityDep, audit: AuditDep, cookies: CookiesDep, response: Response
) -> None:
    """End this sign-in; its tokens are worth nothing from now on."""
    cookies.clear(response)
    await service.log_out(identity, audit, actor)


@router.get("/me", responses=problems())
async def read_me(actor: SignedIn, identity: IdentityDep) -> MeRead:
    """Who is signed in, and what they may do."""
    return await service.get_me(identity, actor)


@router.post("/password", status_code=204, responses=problems(429))
async def change_password(
    body: PasswordChange,
    actor: BarelyWithPassword,
    identity: IdentityDep,
    throttle: ThrottleDep,
    audit: AuditDep,
    client: ClientDep,
) -> None:
    """Set a new password; every other sign-in of the user ends."""
    await own_password.change_password(identity, throttle, audit, actor, body, client)


@router.get("/sessions", response_model=Page[SessionRead], responses=problems())
async def list_sessions(actor: InPerson, identity: IdentityDep, page: PageDep) -> dict[str, Any]:
    """One's own sign-ins that still hold, the newest first."""
    return await sessions.list_sessions(identity, actor, actor.user_id, page)


@router.delete("/sessions", responses=problems())
async def revoke_sessions(
    actor: InPerson,
    identity: IdentityDep,
    audit: AuditDep,
    keep_current: Annotated[bool, Query(description="Whether this one stays.")] = True,
) -> SignedOutRead:
    """End one's own sign-ins: all others, or all."""
    return await sessions.revoke_sessions(identity, audit, actor, actor.user_id, keep_current=keep_current)


@router.delete("/sessions/{session_id}", status_code=204, responses=problems(404))
async def revoke_session(session_id: UUID, actor: InPerson, identity: IdentityDep, audit: AuditDep) -> None:
    """End one of one's own sign-ins, such as that of a lost laptop."""
    await sessions.revoke_session(identity, audit, actor, actor.user_id, session_id)


@router.post("/browser-link", status_code=201, responses=problems())
async def create_browser_link(
    actor: InPerson, identity: IdentityDep, audit: AuditDep, settings: SettingsDep
) -> BrowserLinkRead:
    """A link that signs one browser in to Prefect's pages, once, soon."""
    return await make_browser_link(identity, audit, settings, actor)
