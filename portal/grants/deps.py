"""What the grants endpoints depend on."""

from typing import Annotated

from fastapi import Depends, Query

from portal.authz.actor import Actor
from portal.authz.guard import require
from portal.authz.permissions import Permission, PlaceKind
from portal.kit.database import SessionDep
from portal.kit.text import Line

from .places import Places
from .repository import GrantFilter, GrantRepository


def get_grants(session: SessionDep) -> GrantRepository:
    """Grants."""
    return GrantRepository(session)


def get_places(session: SessionDep) -> Places:
    """Places."""
    return Places(session)


def get_filter(
    user: Annotated[Line | None, Query(description="Only grants of this user: username or key.")] = None,
    role: Annotated[Line | None, Query(description="Only grants of this role: name or key.")] = None,
    kind: Annotated[PlaceKind | None, Query(description="Only grants in places of this kind.")] = None,
    place: Annotated[Line | None, Query(description="Only grants there: a key, or a path.")] = None,
    sort: Annotated[Line, Query(description="created_at or -created_at.")] = "-created_at",
) -> GrantFilter:
    """Which grants to list."""
    return GrantFilter(user, role, kind, place, sort)


GrantsDep = Annotated[GrantRepository, Depends(get_grants)]
PlacesDep = Annotated[Places, Depends(get_places)]
FilterDep = Annotated[GrantFilter, Depends(get_filter)]
MayManage = Annotated[Actor, Depends(require(Permission.ROLES_MANAGE))]
