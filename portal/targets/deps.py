"""What the targets endpoints depend on."""

from typing import Annotated

from fastapi import Depends, Query

from portal.audit.log import AuditDep
from portal.authz.actor import Actor
from portal.authz.guard import require
from portal.authz.permissions import Permission
from portal.credentials.deps import CredentialsDep
from portal.groups.membership import Memberships
from portal.kit.database import SessionDep
from portal.kit.text import Line
from portal.monitoring.schemas import HealthStatus

from .register import Register
from .repository import TargetFilter, TargetRepository
from .schemas import ServiceStatus
from .service_types import ServiceType


def get_targets(session: SessionDep) -> TargetRepository:
    """Targets."""
    return TargetRepository(session)


def get_register(
    session: SessionDep,
    targets: Annotated[TargetRepository, Depends(get_targets)],
    credentials: CredentialsDep,
    audit: AuditDep,
) -> Register:
    """Everything that changing targets takes."""
    return Register(targets, Memberships(session), credentials, audit)


def get_filter(
    q: Annotated[Line | None, Query(description="Part of a name, address or description.")] = None,
    select: Annotated[Line | None, Query(description="Only targets that this selector picks.")] = None,
    tag: Annotated[Line | None, Query(description="Only targets with this tag.")] = None,
    group: Annotated[Line | None, Query(description="Only targets of this group.")] = None,
    platform: Annotated[Line | None, Query(description="Only targets of this platform.")] = None,
    zone: Annotated[Line | None, Query(description="Only targets of this zone; empty: of none.")] = None,
    service: Annotated[ServiceType | None, Query(description="Only targets that offer this.")] = None,
    status: Annotated[
        ServiceStatus | None, Query(description="Only targets with a service, or that service, in this status.")
    ] = None,
    credential: Annotated[Line | None, Query(description="Only targets that this credential signs in to.")] = None,
    health: Annotated[HealthStatus | None, Query(description="Only targets whose last health check said so.")] = None,
    sort: Annotated[
        Line, Query(description="name, address, platform, zone, created_at or updated_at; `-` before it: backwards.")
    ] = "name",
) -> TargetFilter:
    """Which targets to list."""
    return TargetFilter(q, tag, group, platform, zone, service, status, select, credential, health, sort)


TargetsDep = Annotated[TargetRepository, Depends(get_targets)]
RegisterDep = Annotated[Register, Depends(get_register)]
FilterDep = Annotated[TargetFilter, Depends(get_filter)]
MayView = Annotated[Actor, Depends(require(Permission.TARGETS_VIEW))]
MayCreate = Annotated[Actor, Depends(require(Permission.TARGETS_CREATE))]
MayEdit = Annotated[Actor, Depends(require(Permission.TARGETS_EDIT))]
MayDelete = Annotated[Actor, Depends(require(Permission.TARGETS_DELETE))]
