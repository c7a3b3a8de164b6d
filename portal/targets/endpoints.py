"""HTTP surface of targets."""

from typing import Any
from uuid import UUID

from portal.credentials.deps import CredentialsDep
from portal.kit.pages import Page, PageDep
from portal.kit.problems import problems
from portal.kit.routing import Router

from . import bulk, service
from .bulk_schemas import ChosenTargets, TargetsOutcome, TargetsUpdate
from .deps import FilterDep, MayCreate, MayDelete, MayEdit, MayView, RegisterDep, TargetsDep
from .schemas import (
    HostKeyAccept,
    PreviewRead,
    SelectorPreview,
    TargetCreate,
    TargetRead,
    TargetUpdate,
)

router = Router(prefix="/targets", tags=["targets"])


@router.get("", response_model=Page[TargetRead], responses=problems())
async def list_targets(
    actor: MayView, targets: TargetsDep, credentials: CredentialsDep, wanted: FilterDep, page: PageDep
) -> dict[str, Any]:
    """Targets, a page at a time."""
    return await service.list_targets(targets, credentials, actor, wanted, page)


@router.post("", status_code=201, responses=problems(404, 409))
async def create_target(body: TargetCreate, actor: MayCreate, register: RegisterDep) -> TargetRead:
    """Add a target."""
    return await service.create(register, actor, body)


@router.patch("", responses=problems())
async def update_targets(body: TargetsUpdate, actor: MayEdit, register: RegisterDep) -> TargetsOutcome:
    """Change many targets, and say what became of each; those that may not be changed stay as they are."""
    return await bulk.update_many(register, actor, body)


@router.post("/delete", responses=problems())
async def delete_targets(body: ChosenTargets, actor: MayDelete, register: RegisterDep) -> TargetsOutcome:
    """Remove many targets, and say what became of each; those that may not be removed stay."""
    return await bulk.delete_many(register, actor, body)


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
async def update_target(target_id: UUID, body: TargetUpdate, actor: MayEdit, register: RegisterDep) -> TargetRead:
    """Change a target; what is absent stays. No selector follows another name: see `force`."""
    return await service.update(register, actor, target_id, body)


@router.post("/{target_id}/accept-host-key", responses=problems(404))
async def accept_host_key(target_id: UUID, body: HostKeyAccept, actor: MayEdit, register: RegisterDep) -> TargetRead:
    """Trust another host key from now on, such as that of a host that was rebuilt."""
    return await service.accept_host_key(register, actor, target_id, body.host_key)


@router.delete("/{target_id}", status_code=204, responses=problems(404))
async def delete_target(target_id: UUID, actor: MayDelete, register: RegisterDep) -> None:
    """Remove a target; runs that named it keep what they froze."""
    await service.delete(register, actor, target_id)
