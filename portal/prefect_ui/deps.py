"""What Prefect's pages depend on."""

from typing import Annotated

from fastapi import Depends, Request

from portal.authz.actor import Actor
from portal.authz.guard import Guard
from portal.authz.permissions import Permission
from portal.authz.reach import check_everywhere
from portal.identity.authentication import COOKIE, authenticate_cookie
from portal.identity.deps import SettingsDep
from portal.identity.errors import NotSignedInError
from portal.identity.repository import IdentityRepository
from portal.kit.database import SessionsDep
from portal.kit.origin import refuse_cross_site

from .proxy import PrefectProxy


class CookieGuard(Guard):
    """Lets a browser through that was signed in by a one-time link, from our own pages only."""

    async def __call__(self, request: Request, sessions: SessionsDep, settings: SettingsDep) -> Actor:  # pyright: ignore[reportIncompatibleMethodOverride] (another credential)
        refuse_cross_site(request, request.method, settings.address)
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            raise NotSignedInError
        async with sessions() as session:
            actor = await authenticate_cookie(IdentityRepository(session), cookie)
        self.check(actor)
        check_everywhere(actor, Permission.JOBS_RUN)  # Prefect's pages show every run there is
        return actor


def get_proxy(request: Request) -> PrefectProxy:
    """The way to Prefect's pages."""
    return request.app.state.prefect_proxy


ProxyDep = Annotated[PrefectProxy, Depends(get_proxy)]
# Prefect's pages are for those who run jobs; a viewer reads runs here.
MayLook = Annotated[Actor, Depends(CookieGuard(Permission.JOBS_RUN))]
