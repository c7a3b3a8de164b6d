"""What the targets endpoints depend on."""

from typing import Annotated

from fastapi import Depends, Query

from portal.authz.actor import Actor
from portal.authz.guard import require
from portal.authz.permissions import Permission
from portal.kit.database import SessionDep
from portal.kit.text import Line

from .repository import TargetFilter, TargetRepository


def get_targets(session: SessionDep) -> TargetRepository:
    """Targets."""
    return TargetRepository(session)


def get_filter(
    q: Annotated[Line | None, Query(description="Part of a name, address or description.")] = None,
    tag: Annotated[Line | None, Query(description="Only targets with this tag.")] = None,
    group: Annotated[Line | None, Query(description="Only targets of this group.")] = None,
    platform: Annotated[Line | None, Query(description="Only targets of this platform.")] = None,
    sort: Annotated[Line, Query(description="name, address, created_at or updated_at; `-` before it: backwards.")] = (
        "name"
    ),
) -> TargetFilter:
    """Which targets to list."""
    return TargetFilter(q, tag, group, platform, sort)


TargetsDep = Annotated[TargetRepository, Depends(get_targets)]
FilterDep = Annotated[TargetFilter, Depends(get_filter)]
MayView = Annotated[Actor, Depends(require(Permission.TARGETS_VIEW))]
MayCreate = Annotated[Actor, Depends(require(Permission.TARGETS_CREATE))]
MayEdit = Annotated[Actor, Depends(require(Permission.TARGETS_EDIT))]
MayDelete = Annotated[Actor, Depends(require(Permission.TARGETS_DELETE))]
