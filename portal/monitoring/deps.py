"""What the health endpoints depend on."""

from typing import Annotated

from fastapi import Depends, Query

from portal.audit.log import AuditDep
from portal.authz.actor import Actor
from portal.authz.guard import require
from portal.authz.permissions import Permission
from portal.groups.membership import Memberships
from portal.kit.database import SessionDep
from portal.kit.text import Line
from portal.targets.repository import TargetRepository

from .repository import HealthRepository
from .service import Watch


def get_watch(session: SessionDep, audit: AuditDep) -> Watch:
    """Everything that health of targets takes."""
    return Watch(HealthRepository(session), TargetRepository(session), Memberships(session), audit)


WatchDep = Annotated[Watch, Depends(get_watch)]
SortQuery = Annotated[Line, Query(description="since or checked_at; `-` before it: backwards.")]
MayView = Annotated[Actor, Depends(require(Permission.TARGETS_VIEW))]
MayEdit = Annotated[Actor, Depends(require(Permission.TARGETS_EDIT))]
MayManage = Annotated[Actor, Depends(require(Permission.GROUPS_MANAGE))]
