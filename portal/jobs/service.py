"""What can be done to jobs."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from flows.plan import Plan
from opsconductor.errors import NotFoundError, Problem
from opsconductor.sdk.job import dump_yaml, parameters_schema, parse
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_job
from portal.kit.ids import now
from portal.kit.pages import PageParams, paged
from portal.kit.wakeup import Wakeup

from .compiling import check_source, compile_source
from .desk import Desk
from .errors import JobChangedError, JobInactiveError
from .models import Job, JobVersion
from .publishing import fields, flush, keep_job, keep_version, parameters, used_templates
from .repository import JobFilter, JobRepository
from .schemas import JobClone, JobCreate, JobDetail, JobRead, JobSource, JobUpdate, StatisticsRead, ValidationRead

_LABELS = {"folder", "tags", "active"}
_RATED = ("succeeded", "partial", "failed", "unknown")


async def list_jobs(jobs: JobRepository, actor: Actor, wanted: JobFilter, page: PageParams) -> dict[str, Any]:
    """One page of jobs."""
    found = await jobs.list_page(actor, wanted, page)
    runs = await jobs.find_last_runs([job.id for job in found.items])
    return paged(found, lambda job: _read(job, runs.get(job.id)))


async def validate(desk: Desk, actor: Actor, body: JobSource) -> ValidationRead:
    """Compile a document without keeping it."""
    found = await check_source(desk, actor, body.yaml, body.document)
    return ValidationRead(
        valid=not found.problems,
        name=found.reading.document.name if found.reading.document else None,
        problems=fields(found.problems),
        warnings=fields(found.warnings),
        parameters=parameters(found.plan) if found.plan else [],
    )


async def create(desk: Desk, actor: Actor, body: JobCreate) -> JobDetail:
    """Keep a new job as version 1."""
    compiled = await compile_source(desk, actor, body.yaml, body.document)
    document = compiled.document
    check_job(actor, Permission.JOBS_CREATE, body.folder)
    labels = body.model_dump(include=_LABELS)
    job = Job(name=document.name, description=document.description, **labels)
    await keep_job(desk, actor, job, compiled)
    desk.audit.record(actor, "job.created", "job", job.id, name=job.name, version=job.version, **labels)
    await desk.wakeup.send()
    return await detail(desk, job, compiled.warnings)


async def clone(desk: Desk, actor: Actor, job_id: UUID, body: JobClone) -> JobDetail:
    """Keep the current document of a job as a new job of another name."""
    original = await find_job(desk.jobs, actor, job_id)
    version = await find_version(desk.jobs, original, original.version)
    renamed = parse({**version.document, "name": body.name})
    compiled = await compile_source(desk, actor, dump_yaml(renamed, version.source), None)
    folder = original.folder if body.folder is None else body.folder
    check_job(actor, Permission.JOBS_CREATE, folder)
    tags = original.tags if body.tags is None else body.tags
    job = Job(name=body.name, description=original.description, folder=folder, tags=tags, active=original.active)
    await keep_job(desk, actor, job, compiled)
    facts = {"cloned_from": str(original.id), "version": original.version}
    desk.audit.record(actor, "job.cloned", "job", job.id, name=job.name, folder=folder, **facts)
    await desk.wakeup.send()
    return await detail(desk, job, compiled.warnings)


async def get(desk: Desk, actor: Actor, job_id: UUID) -> JobDetail:
    """One job with its current document."""
    return await detail(desk, await find_job(desk.jobs, actor, job_id))


async def detail(desk: Desk, job: Job, warnings: Sequence[Problem] = ()) -> JobDetail:
    """A job with its current document, and the warnings of its check if there just was one."""
    version = await find_version(desk.jobs, job, job.version)
    plan = await find_plan(desk.jobs, job, job.version)
    runs = await desk.jobs.find_last_runs([job.id])
    return JobDetail(
        **_read(job, runs.get(job.id)).model_dump(),
        document=version.document,
        yaml=version.source,
        parameters=parameters(plan),
        templates=await used_templates(desk, job),
        warnings=fields(warnings),
    )


async def update(desk: Desk, actor: Actor, job_id: UUID, body: JobUpdate, if_match: int | None) -> JobDetail:
    """Keep a new version; a document that says the same makes none."""
    job = await find_job(desk.jobs, actor, job_id, Permission.JOBS_EDIT)
    await check_unchanged(desk.jobs, job, body.expected_version, if_match)
    warnings: Sequence[Problem] = ()
    if body.yaml is not None or body.document is not None:
        warnings = await _update_document(desk, actor, job, body)
    before = job.model_dump(include=_LABELS)
    for name, value in body.model_dump(include=_LABELS, exclude_none=True).items():
        setattr(job, name, value)
    check_job(actor, Permission.JOBS_EDIT, job.folder)
    after = job.model_dump(include=_LABELS)
    if after != before:
        desk.audit.record(actor, "job.updated", "job", job.id, name=job.name, before=before, after=after)
    job.updated_at = now()
    await flush(desk.jobs, job.name)
    await desk.wakeup.send()
    return await detail(desk, job, warnings)


async def _update_document(desk: Desk, actor: Actor, job: Job, body: JobUpdate) -> Sequence[Problem]:
    current = await find_version(desk.jobs, job, job.version)
    compiled = await compile_source(desk, actor, body.yaml, body.document, former=current.source)
    if compiled.document.to_data() == current.document and compiled.source == current.source:
        return compiled.warnings
    await keep_version(desk, actor, job, compiled)
    desk.audit.record(actor, "job.version_created", "job", job.id, name=job.name, version=job.version)
    return compiled.warnings


async def delete(jobs: JobRepository, audit: AuditLog, wakeup: Wakeup, actor: Actor, job_id: UUID) -> None:
    """Take a job away; its runs stay, and running ones go on."""
    job = await find_job(jobs, actor, job_id, Permission.JOBS_DELETE)
    job.deleted_at = now()
    audit.record(actor, "job.deleted", "job", job.id, name=job.name)
    await wakeup.send()


async def read_parameters_schema(
    jobs: JobRepository, actor: Actor, job_id: UUID, version: int | None
) -> dict[str, Any]:
    """JSON Schema of the parameters that a run of the job may give."""
    job = await find_job(jobs, actor, job_id)
    plan = await find_plan(jobs, job, version or job.version)
    return parameters_schema(plan.parameters, title=plan.name)


async def read_statistics(jobs: JobRepository, actor: Actor, job_id: UUID, days: int) -> StatisticsRead:
    """How a job's runs of the last days went."""
    job = await find_job(jobs, actor, job_id)
    counts = await jobs.statistics(job, now() - timedelta(days=days))
    rated = sum(counts[name] for name in _RATED)
    rate = round(counts["succeeded"] / rated, 4) if rated else None
    last = (await jobs.find_last_runs([job.id])).get(job.id)
    return StatisticsRead.model_validate({**counts, "days": days, "success_rate": rate, "last_run": last})


async def find_job(
    jobs: JobRepository, actor: Actor, job_id: UUID, permission: Permission = Permission.JOBS_VIEW
) -> Job:
    """The job, if the actor may do this to it; locked for a change.

    Raises:
        NotFoundError: It is absent, deleted or out of sight.
        PermissionDeniedError: They may not.
    """
    lock = permission in (Permission.JOBS_EDIT, Permission.JOBS_DELETE)
    job = await jobs.find(actor, job_id, lock=lock)
    if job is None:
        raise NotFoundError("job", job_id)
    check_job(actor, permission, job.folder)
    return job


async def find_version(jobs: JobRepository, job: Job, version: int) -> JobVersion:
    """One version of a job.

    Raises:
        NotFoundError: There is no such version.
    """
    row = await jobs.find_version(job, version)
    if row is None:
        raise NotFoundError("version", f"{version} of job {job.name}")
    return row


async def find_plan(jobs: JobRepository, job: Job, version: int) -> Plan:
    """What a version compiled to.

    Raises:
        NotFoundError: There is no such version.
    """
    published = await jobs.find_published(job.id, version)
    if published is None:
        raise NotFoundError("version", f"{version} of job {job.name}")
    return Plan.model_validate(published.plan)


async def check_unchanged(jobs: JobRepository, job: Job, *expected: int | None) -> None:
    """Refuse a change that was made for another version than the current one.

    Raises:
        JobChangedError: It says who made the current one, and when.
    """
    for version in expected:
        if version not in (None, job.version):
            current = await find_version(jobs, job, job.version)
            raise JobChangedError(job.name, version, job.version, current.created_by, current.created_at)


def check_active(job: Job) -> None:
    """Refuse to start a job that is switched off.

    Raises:
        JobInactiveError: It is.
    """
    if not job.active:
        raise JobInactiveError(job.name)


def _read(job: Job, last_run: Any = None) -> JobRead:
    return JobRead.model_validate({**job.model_dump(), "last_run": last_run}, from_attributes=True)
