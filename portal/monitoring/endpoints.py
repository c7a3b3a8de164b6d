"""HTTP surface of health of targets."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from portal.kit.pages import Page, PageDep
from portal.kit.problems import problems
from portal.kit.routing import Router

from . import service
from .deps import MayEdit, MayManage, MayView, SortQuery, WatchDep
from .schemas import FoundStatus, HealthCheckRead, HealthCheckSet, HealthRead, HealthRecordRead, TargetHealthRead

router = Router(tags=["health of targets"])


@router.get("/target-health", response_model=Page[TargetHealthRead], responses=problems())
async def list_target_health(
    actor: MayView,
    watch: WatchDep,
    page: PageDep,
    status: Annotated[FoundStatus | None, Query(description="Only targets that are so.")] = None,
    sort: SortQuery = "-since",
) -> dict[str, Any]:
    """Every target that was checked, and how it is, the latest change first."""
    return await service.list_statuses(watch, actor, status, sort, page)


@router.get("/targets/{target_id}/health", responses=problems(404))
async def read_target_health(target_id: UUID, actor: MayView, watch: WatchDep) -> HealthRead:
    """How a target is, and how it is checked."""
    return await service.read(watch, actor, target_id)


@router.get("/targets/{target_id}/health/history", response_model=Page[HealthRecordRead], responses=problems(404))
async def list_target_health_history(target_id: UUID, actor: MayView, watch: WatchDep, page: PageDep) -> dict[str, Any]:
    """What the checks of a target found, the newest first."""
    return await service.list_history(watch, actor, target_id, page)


@router.put("/targets/{target_id}/health/check", responses=problems(404))
async def set_target_health_check(
    target_id: UUID, body: HealthCheckSet, actor: MayEdit, watch: WatchDep
) -> HealthCheckRead:
    """Say how a target is checked, whatever its groups say."""
    return await service.set_for_target(watch, actor, target_id, body)


@router.delete("/targets/{target_id}/health/check", status_code=204, responses=problems(404))
async def remove_target_health_check(target_id: UUID, actor: MayEdit, watch: WatchDep) -> None:
    """Let the target's groups say how it is checked; without one, it is not."""
    await service.remove_for_target(watch, actor, target_id)


@router.get("/groups/{group_id}/health/check", responses=problems(404))
async def read_group_health_check(group_id: UUID, actor: MayView, watch: WatchDep) -> HealthCheckRead:
    """How every target of a group is checked, unless it has a check of its own."""
    return await service.read_for_group(watch, actor, group_id)


@router.put("/groups/{group_id}/health/check", responses=problems(404))
async def set_group_health_check(
    group_id: UUID, body: HealthCheckSet, actor: MayManage, watch: WatchDep
) -> HealthCheckRead:
    """Say how every target of a group is checked, unless it has a check of its own."""
    return await service.set_for_group(watch, actor, group_id, body)


@router.delete("/groups/{group_id}/health/check", status_code=204, responses=problems(404))
async def remove_group_health_check(group_id: UUID, actor: MayManage, watch: WatchDep) -> None:
    """Check the targets of a group no more, as far as the group goes."""
    await service.remove_for_group(watch, actor, group_id)
