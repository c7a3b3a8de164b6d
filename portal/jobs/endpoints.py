"""HTTP surface of jobs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from portal.audit.log import AuditDep
from portal.kit.pages import Page, PageDep
from portal.kit.problems import problems
from portal.kit.routing import Router
from portal.kit.wakeup import WakeupDep

from . import service, versions
from .deps import (
    DeskDep,
    FilterDep,
    JobsDep,
    MayCreate,
    MayDelete,
    MayEdit,
    MayView,
    VersionNumber,
    VersionQuery,
)
from .preconditions import ExpectedVersionDep, tagged
from .schemas import (
    DiffRead,
    JobClone,
    JobCreate,
    JobDetail,
    JobRead,
    JobSource,
    JobUpdate,
    Restore,
    StatisticsRead,
    ValidationRead,
    VersionDetail,
    VersionRead,
)

router = Router(prefix="/jobs", tags=["jobs"])
Days = Annotated[int, Query(ge=1, le=3660, description="How far to look back.")]


@router.get("", response_model=Page[JobRead], responses=problems())
async def list_jobs(actor: MayView, jobs: JobsDep, wanted: FilterDep, page: PageDep) -> dict[str, Any]:
    """Jobs, a page at a time."""
    return await service.list_jobs(jobs, actor, wanted, page)


@router.post("", status_code=201, responses=problems(409))
async def create_job(body: JobCreate, actor: MayCreate, desk: DeskDep, response: Response) -> JobDetail:
    """Keep a new job; every problem of its document is named at once."""
    return tagged(response, await service.create(desk, actor, body))


@router.post("/validate", responses=problems())
async def validate_job(body: JobSource, actor: MayView, desk: DeskDep) -> ValidationRead:
    """Find everything wrong with a document; nothing is kept."""
    return await service.validate(desk, actor, body)


@router.get("/{job_id}", responses=problems(404))
async def read_job(job_id: UUID, actor: MayView, desk: DeskDep, response: Response) -> JobDetail:
    """One job with its current document."""
    return tagged(response, await service.get(desk, actor, job_id))


@router.patch("/{job_id}", responses=problems(404, 409))
async def update_job(
    job_id: UUID, body: JobUpdate, actor: MayEdit, desk: DeskDep, expected: ExpectedVersionDep, response: Response
) -> JobDetail:
    """Keep a new version of a job's document, or another folder, tags or state."""
    return tagged(response, await service.update(desk, actor, job_id, body, expected))


@router.delete("/{job_id}", status_code=204, responses=problems(404))
async def delete_job(job_id: UUID, actor: MayDelete, jobs: JobsDep, audit: AuditDep, wakeup: WakeupDep) -> None:
    """Take a job away; its runs stay, and running ones go on."""
    await service.delete(jobs, audit, wakeup, actor, job_id)


@router.post("/{job_id}/clone", status_code=201, responses=problems(404, 409))
async def clone_job(job_id: UUID, body: JobClone, actor: MayCreate, desk: DeskDep, response: Response) -> JobDetail:
    """Keep the current document of a job as a new job of another name."""
    return tagged(response, await service.clone(desk, actor, job_id, body))


@router.get("/{job_id}/parameters/schema", responses=problems(404))
async def read_parameters_schema(
    job_id: UUID, actor: MayView, jobs: JobsDep, version: VersionQuery | None = None
) -> dict[str, Any]:
    """JSON Schema (2020-12) of the parameters that a run may give."""
    return await service.read_parameters_schema(jobs, actor, job_id, version)


@router.get("/{job_id}/statistics", responses=problems(404))
async def read_statistics(job_id: UUID, actor: MayView, jobs: JobsDep, days: Days = 30) -> StatisticsRead:
    """How a job's runs of the last days went."""
    return await service.read_statistics(jobs, actor, job_id, days)


@router.get("/{job_id}/versions", response_model=Page[VersionRead], responses=problems(404))
async def list_versions(job_id: UUID, actor: MayView, jobs: JobsDep, page: PageDep) -> dict[str, Any]:
    """Versions of a job, the newest first, a page at a time."""
    return await versions.list_versions(jobs, actor, job_id, page)


@router.get("/{job_id}/versions/{version}", responses=problems(404))
async def read_version(job_id: UUID, version: VersionNumber, actor: MayView, jobs: JobsDep) -> VersionDetail:
    """One version of a job."""
    return await versions.get_version(jobs, actor, job_id, version)


@router.post("/{job_id}/versions/{version}/restore", status_code=201, responses=problems(404, 409))
async def restore_version(
    job_id: UUID,
    version: VersionNumber,
    body: Restore,
    actor: MayEdit,
    desk: DeskDep,
    expected: ExpectedVersionDep,
    response: Response,
) -> JobDetail:
    """Bring an old version back as a new one."""
    return tagged(response, await versions.restore(desk, actor, job_id, version, body, expected))


@router.get("/{job_id}/diff", responses=problems(404))
async def diff_versions(
    job_id: UUID, actor: MayView, jobs: JobsDep, before: VersionQuery, after: VersionQuery
) -> DiffRead:
    """What changed between two versions: as texts, and step by step."""
    return await versions.diff(jobs, actor, job_id, before, after)
