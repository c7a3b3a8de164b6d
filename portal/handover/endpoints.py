"""Where a flow process that our own worker did not start asks for its credentials."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request

from portal.audit.log import AuditDep
from portal.authz.guard import guarded_inside
from portal.gateway import GatewayDep
from portal.identity.authentication import bearer_token
from portal.identity.deps import SettingsDep
from portal.kit.routing import Router

from . import service
from .deps import RunTokensDep

router = Router(prefix="/internal", include_in_schema=False, dependencies=[Depends(guarded_inside)])


@router.get("/runs/{run_id}/credentials")
async def hand_over(
    request: Request,
    run_id: UUID,
    epoch: Annotated[int, Query(ge=1)],
    tokens: RunTokensDep,
    gateway: GatewayDep,
    audit: AuditDep,
    settings: SettingsDep,
) -> dict[str, Any]:
    """The opened credentials of one claimed run, once an epoch."""
    token = bearer_token(request)
    return await service.hand_over(tokens, gateway, audit, settings.keyring_file, run_id, epoch, token)
