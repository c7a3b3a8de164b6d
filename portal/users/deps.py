"""What the users endpoints depend on."""

from typing import Annotated

from fastapi import Depends, Query

from portal.authz.actor import Actor
from portal.authz.guard import PersonGuard, require
from portal.authz.permissions import Permission
from portal.kit.database import SessionDep
from portal.kit.text import Line

from .repository import UserFilter, UserRepository


def get_users(session: SessionDep) -> UserRepository:
    """Users."""
    return UserRepository(session)


def get_filter(
    q: Annotated[Line | None, Query(description="Part of a name, e-mail address, telephone number or title.")] = None,
    role: Annotated[Line | None, Query(description="Only users with this role.")] = None,
    active: Annotated[bool | None, Query(description="Only users who can, or cannot, sign in.")] = None,
    sort: Annotated[
        Line, Query(description="username, email, last_name, created_at or last_login_at; `-` before it: backwards.")
    ] = "username",
) -> UserFilter:
    """Which users to list."""
    return UserFilter(q, role, active, sort)


UsersDep = Annotated[UserRepository, Depends(get_users)]
FilterDep = Annotated[UserFilter, Depends(get_filter)]
MayManage = Annotated[Actor, Depends(require(Permission.USERS_MANAGE))]
MayManageInPerson = Annotated[Actor, Depends(PersonGuard(Permission.USERS_MANAGE))]
"""For how others sign in: an API token does not change that."""
