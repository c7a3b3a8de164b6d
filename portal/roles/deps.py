"""What the roles endpoints depend on."""

from typing import Annotated

from fastapi import Depends

from portal.authz.actor import Actor
from portal.authz.guard import require, signed_in
from portal.authz.permissions import Permission
from portal.kit.database import SessionDep

from .repository import RoleRepository


def get_roles(session: SessionDep) -> RoleRepository:
    """Roles."""
    return RoleRepository(session)


RolesDep = Annotated[RoleRepository, Depends(get_roles)]
SignedIn = Annotated[Actor, Depends(signed_in)]
MayManage = Annotated[Actor, Depends(require(Permission.ROLES_MANAGE))]
