"""Versions of a job: looked at, compared, brought back."""

import difflib
from typing import Any
from uuid import UUID

from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.kit.ids import now
from portal.kit.pages import PageParams, paged

from .compiling import compile_source
from .desk import Desk
from .differences import setting_differences, step_differences
from .publishing import keep_version
from .repository import JobRepository
from .schemas import DiffRead, JobDetail, KeyChange, Restore, StepChange, VersionDetail, VersionRead
from .service import check_unchanged, detail, find_job, find_version


async def list_versions(jobs: JobRepository, actor: Actor, job_id: UUID, page: PageParams) -> dict[str, Any]:
    """One page of a job's versions, the newest first."""
    job = await find_job(jobs, actor, job_id)
    return paged(await jobs.list_versions_page(job, page), VersionRead.model_validate)


async def get_version(jobs: JobRepository, actor: Actor, job_id: UUID, version: int) -> VersionDetail:
    """One version of a job."""
    row = await find_version(jobs, await find_job(jobs, actor, job_id), version)
    return VersionDetail(
        **row.model_dump(include=set(VersionRead.model_fields)), document=row.document, yaml=row.source
    )


async def diff(jobs: JobRepository, actor: Actor, job_id: UUID, before: int, after: int) -> DiffRead:
    """What changed between two versions."""
    job = await find_job(jobs, actor, job_id)
    old, new = await find_version(jobs, job, before), await find_version(jobs, job, after)
    lines = difflib.unified_diff(
        old.source.splitlines(), new.source.splitlines(), f"version {before}", f"version {after}", lineterm=""
    )
    steps = step_differences(old.document, new.document)
    settings = setting_differences(old.document, new.document)
    return DiffRead(
        before=before,
        after=after,
        diff="\n".join(lines),
        steps=[StepChange.model_validate(step) for step in steps],
        settings=[KeyChange.model_validate(key) for key in settings],
    )


async def restore(
    desk: Desk, actor: Actor, job_id: UUID, version: int, body: Restore, if_match: int | None
) -> JobDetail:
    """Keep an old version's document as the newest one; what it uses has to be there still."""
    job = await find_job(desk.jobs, actor, job_id, Permission.JOBS_EDIT)
    await check_unchanged(desk.jobs, job, body.expected_version, if_match)
    old = await find_version(desk.jobs, job, version)
    compiled = await compile_source(desk, actor, old.source, None)
    await keep_version(desk, actor, job, compiled, restored_from=version)
    job.updated_at = now()
    facts = {"name": job.name, "version": job.version, "restored_from": version}
    desk.audit.record(actor, "job.version_restored", "job", job.id, **facts)
    await desk.wakeup.send()
    return await detail(desk, job, compiled.warnings)
