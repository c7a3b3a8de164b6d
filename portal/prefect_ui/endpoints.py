"""Prefect's own pages, behind our sign-in."""

from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from portal.audit.log import AuditDep
from portal.authz.guard import guarded_inside
from portal.identity.authentication import COOKIE
from portal.identity.browser_link import open_browser
from portal.identity.client import ClientDep
from portal.identity.deps import IdentityDep, SettingsDep
from portal.kit.origin import refuse_cross_site
from portal.kit.routing import Router

from .deps import MayLook, ProxyDep

router = Router(include_in_schema=False)
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
# The next request is made by this page, so it is same-site and carries the cookie.
_SIGNED_IN = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Signed in</title>
<meta http-equiv="refresh" content="0; url=/prefect/">
<p>Signed in. <a href="/prefect/">To Prefect's pages</a></p></html>
"""


@router.get("/prefect-login", dependencies=[Depends(guarded_inside)])
async def sign_in_browser(
    request: Request,
    token: Annotated[str, Query(min_length=1, max_length=200)],
    identity: IdentityDep,
    audit: AuditDep,
    settings: SettingsDep,
    client: ClientDep,
) -> HTMLResponse:
    """Use a one-time link up: this browser is signed in to Prefect's pages."""
    refuse_cross_site(request, request.method, settings.address)
    cookie = await open_browser(identity, audit, settings, token, client)
    page = HTMLResponse(_SIGNED_IN)
    page.set_cookie(
        COOKIE,
        cookie,
        max_age=settings.browser_session_seconds,
        path="/prefect",
        secure=settings.address.startswith("https:"),
        httponly=True,
        samesite="strict",
    )
    return page


@router.api_route("/prefect", methods=_METHODS)
@router.api_route("/prefect/{path:path}", methods=_METHODS)
async def show_prefect(request: Request, actor: MayLook, proxy: ProxyDep, path: str = "") -> Response:
    """Pass a page or a read of Prefect on; everything else is refused."""
    return await proxy.pass_on(request, path)
