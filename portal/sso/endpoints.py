"""HTTP surface of single sign-on."""

from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from portal.audit.log import AuditDep
from portal.authz.guard import guarded_inside, public
from portal.identity.client import ClientDep
from portal.identity.deps import CookiesDep, IdentityDep, IssuerDep
from portal.identity.schemas import TokenRead
from portal.kit.database import SessionsDep
from portal.kit.problems import problems
from portal.kit.routing import Router
from portal.users.deps import MayManageInPerson, UsersDep

from . import linking, service
from .deps import AccountsDep, DestinationDep, ProviderDep, ReturnDep
from .schemas import SsoExchange, SsoIdentityRead, SsoLink, SsoRead

router = Router(tags=["auth"])


@router.get("/auth/sso", responses=problems(), dependencies=[Depends(public)])
async def describe_sso(provider: ProviderDep) -> SsoRead:
    """Whether people can sign in with their account at a provider."""
    return service.describe(provider)


@router.get(
    "/auth/sso/start",
    status_code=303,
    response_class=RedirectResponse,
    responses=problems(404, 503),
    dependencies=[Depends(public)],
)
async def start_sso(
    provider: ProviderDep, sessions: SessionsDep, cookies: CookiesDep, where: DestinationDep
) -> Response:
    """Send this browser to the provider."""
    return await service.start(provider, sessions, cookies, where)


@router.get(
    "/auth/sso/callback",
    response_class=HTMLResponse,
    responses=problems(404, 409, 503),
    dependencies=[Depends(guarded_inside)],
)
async def finish_sso(
    provider: ProviderDep,
    sessions: SessionsDep,
    users: UsersDep,
    accounts: AccountsDep,
    identity: IdentityDep,
    audit: AuditDep,
    issuer: IssuerDep,
    client: ClientDep,
    cookies: CookiesDep,
    request: Request,
    brought: ReturnDep,
) -> Response:
    """Where the provider sends the browser back to."""
    return await service.come_back(
        provider, sessions, users, accounts, identity, audit, issuer, client, cookies, request, brought
    )


@router.post("/auth/sso/token", responses=problems(), dependencies=[Depends(public)])
async def exchange_sso_code(
    body: SsoExchange,
    accounts: AccountsDep,
    identity: IdentityDep,
    audit: AuditDep,
    issuer: IssuerDep,
    client: ClientDep,
) -> TokenRead:
    """The tokens of a sign-in that a browser made for a command line."""
    return await service.exchange(accounts, identity, audit, issuer, body, client)


@router.get("/users/{user_id}/sso", responses=problems(404))
async def list_sso_accounts(
    user_id: UUID, actor: MayManageInPerson, users: UsersDep, accounts: AccountsDep
) -> list[SsoIdentityRead]:
    """The accounts at the provider that a user signs in with."""
    return await linking.list_accounts(users, accounts, actor, user_id)


@router.post("/users/{user_id}/sso", status_code=201, responses=problems(404, 409))
async def link_sso_account(
    user_id: UUID,
    body: SsoLink,
    actor: MayManageInPerson,
    provider: ProviderDep,
    users: UsersDep,
    accounts: AccountsDep,
    audit: AuditDep,
) -> SsoIdentityRead:
    """Let a user sign in with an account at the provider."""
    return await linking.link(provider, users, accounts, audit, actor, user_id, body)


@router.delete("/users/{user_id}/sso", status_code=204, responses=problems(404))
async def unlink_sso_accounts(
    user_id: UUID,
    actor: MayManageInPerson,
    users: UsersDep,
    accounts: AccountsDep,
    identity: IdentityDep,
    audit: AuditDep,
) -> None:
    """A user does not sign in with an account at the provider any more; all of their sign-ins end."""
    await linking.unlink(users, accounts, identity, audit, actor, user_id)
