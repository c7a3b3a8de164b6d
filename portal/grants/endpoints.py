"""HTTP surface of grants."""

from typing import Any
from uuid import UUID

from portal.audit.log import AuditDep
from portal.kit.pages import Page, PageDep
from portal.kit.problems import problems
from portal.kit.routing import Router

from . import service
from .deps import FilterDep, GrantsDep, MayManage, PlacesDep
from .schemas import GrantCreate, GrantRead

router = Router(prefix="/grants", tags=["grants"])


@router.get("", response_model=Page[GrantRead], responses=problems())
async def list_grants(
    actor: MayManage, grants: GrantsDep, places: PlacesDep, wanted: FilterDep, page: PageDep
) -> dict[str, Any]:
    """Who has which role in which place, a page at a time."""
    return await service.list_grants(grants, places, wanted, page)


@router.post("", status_code=201, responses=problems(409))
async def create_grant(
    body: GrantCreate, actor: MayManage, grants: GrantsDep, places: PlacesDep, audit: AuditDep
) -> GrantRead:
    """Give a user a role in one place. Nobody gives what they do not hold there themselves."""
    return await service.create(grants, places, audit, actor, body)


@router.delete("/{grant_id}", status_code=204, responses=problems(404))
async def delete_grant(grant_id: UUID, actor: MayManage, grants: GrantsDep, places: PlacesDep, audit: AuditDep) -> None:
    """Take a role in one place away; it binds at once, open connections included."""
    await service.delete(grants, places, audit, actor, grant_id)
