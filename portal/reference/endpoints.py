"""The API's reference, for people."""

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from portal.authz.guard import public
from portal.identity.deps import SettingsDep
from portal.kit.routing import Router

from .page import POLICY, render

router = Router(include_in_schema=False, dependencies=[Depends(public)])


@router.get("/docs")
async def show_reference(request: Request, settings: SettingsDep) -> HTMLResponse:
    """Every operation of the API, as its OpenAPI document describes it."""
    page = render(request.app.openapi(), settings.address)
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})
