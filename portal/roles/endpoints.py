"""HTTP surface of roles."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from portal.audit.log import AuditDep
from portal.identity.deps import SettingsDep
from portal.kit.pages import Page, PageDep
from portal.kit.problems import problems
from portal.kit.routing import Router
from portal.kit.text import Line

from . import service
from .deps import MayManage, RolesDep, SignedIn
from .schemas import PermissionRead, RoleCreate, RoleRead, RoleUpdate

router = Router(tags=["roles"])


@router.get("/permissions", responses=problems())
async def list_permissions(actor: SignedIn) -> list[PermissionRead]:
    """Everything that can be permitted, and where a grant can give it."""
    return service.list_permissions()


@router.get("/roles", response_model=Page[RoleRead], responses=problems())
async def list_roles(
    actor: SignedIn,
    roles: RolesDep,
    page: PageDep,
    q: Annotated[Line | None, Query(description="Part of a name.")] = None,
    sort: Annotated[Line, Query(description="name or created_at; `-` before it: backwards.")] = "name",
) -> dict[str, Any]:
    """Roles, a page at a time."""
    return await service.list_roles(roles, page, q, sort)


@router.post("/roles", status_code=201, responses=problems(409))
async def create_role(body: RoleCreate, actor: MayManage, roles: RolesDep, audit: AuditDep) -> RoleRead:
    """Make a role. Nobody gives what they do not hold themselves."""
    return await service.create(roles, audit, actor, body)


@router.get("/roles/{role_id}", responses=problems(404))
async def read_role(role_id: UUID, actor: SignedIn, roles: RolesDep) -> RoleRead:
    """One role."""
    return await service.get(roles, role_id)


@router.patch("/roles/{role_id}", responses=problems(404, 409))
async def update_role(
    role_id: UUID, body: RoleUpdate, actor: MayManage, roles: RolesDep, settings: SettingsDep, audit: AuditDep
) -> RoleRead:
    """Change a role; it binds everybody who has it at once. The built-in ones stay as they are."""
    return await service.update(roles, settings, audit, actor, role_id, body)


@router.delete("/roles/{role_id}", status_code=204, responses=problems(404, 409))
async def delete_role(role_id: UUID, actor: MayManage, roles: RolesDep, audit: AuditDep) -> None:
    """Remove a role that nobody has."""
    await service.delete(roles, audit, actor, role_id)
