"""HTTP surface of targets."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from portal.audit.log import AuditDep
from portal.credentials.deps import CredentialsDep
from portal.kit.pages import Page, PageDep
from portal.kit.problems import problems

from . import service
from .deps import FilterDep, MayCreate, MayDelete, MayEdit, MayView, TargetsDep
from .schemas import (
    HostKeyAccept,
    ImportRead,
    PreviewRead,
    SelectorPreview,
    TargetCreate,
    TargetImport,
    TargetRead,
    TargetUpdate,
)

router = APIRouter(prefix="/targets", tags=["targets"])


@router.get("", response_model=Page[TargetRead], responses=problems())
async def list_targets(
    actor: MayView, targets: TargetsDep, credentials: CredentialsDep, wanted: FilterDep, page: PageDep
) -> dict[str, Any]:
    """Targets, a page at a time."""
    return await service.list_targets(targets, credentials, actor, wanted, page)


@router.post("", status_code=201, responses=problems(404, 409))
async def create_target(
    body: TargetCreate, actor: MayCreate, targets: TargetsDep, credentials: CredentialsDep, audit: AuditDep
) -> TargetRead:
    """Add a target."""
    return await service.create(targets, credentials, audit, actor, body)


@router.post("/import", responses=problems(404, 409))
async def import_targets(
    body: TargetImport, actor: MayCreate, targets: TargetsDep, credentials: CredentialsDep, audit: AuditDep
) -> ImportRead:
    """Add many targets at once: all of them, or none."""
    return await service.import_many(targets, credentials, audit, actor, body)


@router.post("/preview", responses=problems())
async def preview_selector(
    body: SelectorPreview, actor: MayView, targets: TargetsDep, credentials: CredentialsDep
) -> PreviewRead:
    """What a run with this selector would run on; the run uses the same function."""
    return await service.preview(targets, credentials, actor, body.select)


@router.get("/{target_id}", responses=problems(404))
async def read_target(target_id: UUID, actor: MayView, targets: TargetsDep, credentials: CredentialsDep) -> TargetRead:
    """One target."""
    return await service.get(targets, credentials, actor, target_id)


@router.patch("/{target_id}", responses=problems(404, 409))
async def update_target(
    target_id: UUID,
    body: TargetUpdate,
    actor: MayEdit,
    targets: TargetsDep,
    credentials: CredentialsDep,
    audit: AuditDep,
) -> TargetRead:
    """Change a target; what is absent stays."""
    return await service.update(targets, credentials, audit, actor, target_id, body)


@router.post("/{target_id}/accept-host-key", responses=problems(404))
async def accept_host_key(
    target_id: UUID,
    body: HostKeyAccept,
    actor: MayEdit,
    targets: TargetsDep,
    credentials: CredentialsDep,
    audit: AuditDep,
) -> TargetRead:
    """Trust another host key from now on, such as that of a host that was rebuilt."""
    return await service.accept_host_key(targets, credentials, audit, actor, target_id, body.host_key)


@router.delete("/{target_id}", status_code=204, responses=problems(404))
async def delete_target(target_id: UUID, actor: MayDelete, targets: TargetsDep, audit: AuditDep) -> None:
    """Remove a target; runs that named it keep what they froze."""
    await service.delete(targets, audit, actor, target_id)
