"""HTTP surface of identity."""

from typing import Annotated

from fastapi import APIRouter, Depends

from portal.audit.log import AuditDep
from portal.authz.actor import Actor
from portal.authz.guard import in_person, public, signed_in
from portal.kit.problems import problems

from . import service
from .deps import IdentityDep, IssuerDep, LimiterDep, SettingsDep, SourceDep
from .schemas import BrowserLinkRead, Login, MeRead, PasswordChange, Refresh, TokenRead

router = APIRouter(prefix="/auth", tags=["auth"])
SignedIn = Annotated[Actor, Depends(signed_in)]
InPerson = Annotated[Actor, Depends(in_person)]


@router.post("/login", responses=problems(429), dependencies=[Depends(public)])
async def log_in(
    body: Login, limiter: LimiterDep, identity: IdentityDep, audit: AuditDep, issuer: IssuerDep, source: SourceDep
) -> TokenRead:
    """Sign in with username and password."""
    await limiter.count(source, body.username)
    return await service.log_in(identity, audit, issuer, body.username, body.password.get_secret_value(), source)


@router.post("/refresh", responses=problems(), dependencies=[Depends(public)])
async def refresh(body: Refresh, identity: IdentityDep, issuer: IssuerDep) -> TokenRead:
    """Replace a refresh token by a new pair of tokens."""
    return await service.refresh(identity, issuer, body.refresh_token.get_secret_value())


@router.post("/logout", status_code=204, responses=problems())
async def log_out(actor: InPerson, identity: IdentityDep, audit: AuditDep) -> None:
    """End this sign-in; its tokens are worth nothing from now on."""
    await service.log_out(identity, audit, actor)


@router.get("/me", responses=problems())
async def read_me(actor: SignedIn, identity: IdentityDep) -> MeRead:
    """Who is signed in, and what they may do."""
    return await service.get_me(identity, actor)


@router.post("/password", status_code=204, responses=problems())
async def change_password(body: PasswordChange, actor: InPerson, identity: IdentityDep, audit: AuditDep) -> None:
    """Set a new password; every other sign-in of the user ends."""
    await service.change_password(identity, audit, actor, body)


@router.post("/browser-link", status_code=201, responses=problems())
async def make_browser_link(
    actor: InPerson, identity: IdentityDep, audit: AuditDep, settings: SettingsDep
) -> BrowserLinkRead:
    """A link that signs one browser in to Prefect's pages, once, soon."""
    return await service.make_browser_link(identity, audit, settings, actor)
