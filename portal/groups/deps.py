"""What the groups endpoints depend on."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from portal.authz.actor import Actor
from portal.authz.guard import require
from portal.authz.permissions import Permission
from portal.kit.database import SessionDep
from portal.kit.text import Line
from portal.targets.deps import RegisterDep

from .books import Books
from .repository import GroupFilter, GroupRepository


def get_books(session: SessionDep, register: RegisterDep) -> Books:
    """Groups."""
    return Books(GroupRepository(session), register)


def get_filter(
    q: Annotated[Line | None, Query(description="Part of a name or description.")] = None,
    dynamic: Annotated[bool | None, Query(description="Only groups with, or without, a selector.")] = None,
    parent: Annotated[UUID | None, Query(description="Only groups directly inside this one.")] = None,
    sort: Annotated[Line, Query(description="name, created_at or updated_at; `-` before it: backwards.")] = "name",
) -> GroupFilter:
    """Which groups to list."""
    return GroupFilter(q, dynamic, parent, sort)


BooksDep = Annotated[Books, Depends(get_books)]
FilterDep = Annotated[GroupFilter, Depends(get_filter)]
MayView = Annotated[Actor, Depends(require(Permission.TARGETS_VIEW))]
MayManage = Annotated[Actor, Depends(require(Permission.GROUPS_MANAGE))]
