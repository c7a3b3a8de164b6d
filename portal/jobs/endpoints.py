"""HTTP surface of jobs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from portal.audit.log import AuditDep
from portal.kit.pages import Page, PageDep
from portal.kit.problems import problems
from portal.kit.wakeup import WakeupDep

from . import service
from .deps import ActionsDep, FilterDep, JobsDep, MayCreate, MayDelete, MayEdit, MayView
from .schemas import (
    DiffRead,
    JobCreate,
    JobDetail,
    JobRead,
    JobSource,
    JobUpdate,
    ValidationRead,
    VersionDetail,
    VersionRead,
)

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get("", response_model=Page[JobRead], responses=problems())
async def list_jobs(actor: MayView, jobs: JobsDep, wanted: FilterDep, page: PageDep) -> dict[str, Any]:
    """Jobs, a page at a time."""
    return await service.list_jobs(jobs, actor, wanted, page)


@router.post("", status_code=201, responses=problems(409))
async def create_job(
    body: JobCreate, actor: MayCreate, jobs: JobsDep, actions: ActionsDep, audit: AuditDep, wakeup: WakeupDep
) -> JobDetail:
    """Keep a new job; every problem of its document is named at once."""
    return await service.create(jobs, actions, audit, wakeup, actor, body)


@router.post("/validate", responses=problems())
async def validate_job(body: JobSource, actor: MayView, actions: ActionsDep) -> ValidationRead:
    """Find everything wrong with a document; nothing is kept."""
    return await service.validate(actions, body)


@router.get("/{job_id}", responses=problems(404))
async def read_job(job_id: UUID, actor: MayView, jobs: JobsDep) -> JobDetail:
    """One job with its current document."""
    return await service.get(jobs, actor, job_id)


@router.patch("/{job_id}", responses=problems(404, 409))
async def update_job(
    job_id: UUID,
    body: JobUpdate,
    actor: MayEdit,
    jobs: JobsDep,
    actions: ActionsDep,
    audit: AuditDep,
    wakeup: WakeupDep,
) -> JobDetail:
    """Keep a new version of a job's document, or another folder or tags."""
    return await service.update(jobs, actions, audit, wakeup, actor, job_id, body)


@router.delete("/{job_id}", status_code=204, responses=problems(404))
async def delete_job(job_id: UUID, actor: MayDelete, jobs: JobsDep, audit: AuditDep, wakeup: WakeupDep) -> None:
    """Take a job away; its runs stay, and running ones go on."""
    await service.delete(jobs, audit, wakeup, actor, job_id)


@router.get("/{job_id}/versions", responses=problems(404))
async def list_versions(job_id: UUID, actor: MayView, jobs: JobsDep) -> list[VersionRead]:
    """All versions of a job, the newest first."""
    return await service.list_versions(jobs, actor, job_id)


@router.get("/{job_id}/versions/{version}", responses=problems(404))
async def read_version(job_id: UUID, version: int, actor: MayView, jobs: JobsDep) -> VersionDetail:
    """One version of a job."""
    return await service.get_version(jobs, actor, job_id, version)


@router.get("/{job_id}/diff", responses=problems(404))
async def diff_versions(
    job_id: UUID,
    actor: MayView,
    jobs: JobsDep,
    before: Annotated[int, Query(ge=1)],
    after: Annotated[int, Query(ge=1)],
) -> DiffRead:
    """What changed between two versions."""
    return await service.diff(jobs, actor, job_id, before, after)
