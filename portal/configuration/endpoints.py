"""HTTP surface of the portal's settings: to be read. They are set from outside, before the portal starts."""

from typing import Annotated

from fastapi import Depends, Request

from portal.authz.actor import Actor
from portal.authz.guard import require
from portal.authz.permissions import Permission
from portal.identity.deps import SettingsDep
from portal.kit.problems import problems
from portal.kit.routing import Router

from .reading import read_settings
from .schemas import SettingRead

router = Router(prefix="/settings", tags=["settings"])
MayView = Annotated[Actor, Depends(require(Permission.SETTINGS_VIEW))]


@router.get("", responses=problems())
async def list_settings(actor: MayView, settings: SettingsDep, connection: Request) -> list[SettingRead]:
    """Every setting of this portal: what holds, where it comes from, and what it would be; never a secret."""
    return read_settings(settings, connection.app.state.setting_sources)
