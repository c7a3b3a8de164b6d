"""What can be done to jobs."""

import difflib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from flows.compiler import ActionCatalogue
from flows.ledger.tables import PublishedJob
from flows.plan import Plan
from opsconductor.errors import NotFoundError, Problem
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_job
from portal.kit.ids import now
from portal.kit.pages import PageParams, paged
from portal.kit.problems import ProblemField
from portal.kit.wakeup import Wakeup

from .compiling import Compiled, check_source, compile_source
from .errors import JobChangedError, JobNameTakenError
from .models import Job, JobVersion
from .repository import JobFilter, JobRepository
from .schemas import (
    DiffRead,
    JobCreate,
    JobDetail,
    JobRead,
    JobSource,
    JobUpdate,
    ParameterRead,
    ValidationRead,
    VersionDetail,
    VersionRead,
)


async def list_jobs(jobs: JobRepository, actor: Actor, wanted: JobFilter, page: PageParams) -> dict[str, Any]:
    """One page of jobs."""
    return paged(await jobs.list_page(actor, wanted, page), JobRead.model_validate)


async def validate(actions: ActionCatalogue, body: JobSource) -> ValidationRead:
    """Compile a document without keeping it."""
    found = await check_source(actions, body.yaml, body.document)
    return ValidationRead(
        valid=found.plan is not None,
        name=found.name,
        problems=_fields(found.problems),
        warnings=_fields(found.warnings),
        parameters=_parameters(found.plan) if found.plan else [],
    )


async def create(
    jobs: JobRepository, actions: ActionCatalogue, audit: AuditLog, wakeup: Wakeup, actor: Actor, body: JobCreate
) -> JobDetail:
    """Keep a new job as version 1."""
    compiled = await compile_source(actions, body.yaml, body.document)
    document = compiled.document
    check_job(actor, Permission.JOBS_CREATE, body.folder)
    job = Job(name=document.name, description=document.description, folder=body.folder, tags=body.tags)
    jobs.add(job)
    await _flush(jobs, job.name)
    _publish(jobs, actor, job, compiled)
    audit.record(actor, "job.created", "job", job.id, name=job.name, version=job.version)
    await wakeup.send()
    return _detail(job, compiled.document.to_data(), compiled.source, compiled.plan, compiled.warnings)


async def get(jobs: JobRepository, actor: Actor, job_id: UUID) -> JobDetail:
    """One job with its current document."""
    job = await find_job(jobs, actor, job_id)
    version = await find_version(jobs, job, job.version)
    plan = await find_plan(jobs, job, job.version)
    return _detail(job, version.document, version.source, plan, ())


async def update(
    jobs: JobRepository,
    actions: ActionCatalogue,
    audit: AuditLog,
    wakeup: Wakeup,
    actor: Actor,
    job_id: UUID,
    body: JobUpdate,
) -> JobDetail:
    """Keep a new version; a document that says the same makes none."""
    job = await find_job(jobs, actor, job_id, Permission.JOBS_EDIT)
    if body.expected_version not in (None, job.version):
        raise JobChangedError(job.name, body.expected_version, job.version)
    warnings: Sequence[Problem] = ()
    if body.yaml is not None or body.document is not None:
        warnings = await _update_document(jobs, actions, audit, actor, job, body)
    before = job.model_dump(include={"folder", "tags"})
    job.folder = job.folder if body.folder is None else body.folder
    job.tags = job.tags if body.tags is None else body.tags
    check_job(actor, Permission.JOBS_EDIT, job.folder)
    after = job.model_dump(include={"folder", "tags"})
    if after != before:
        audit.record(actor, "job.updated", "job", job.id, before=before, after=after)
    job.updated_at = now()
    await _flush(jobs, job.name)
    await wakeup.send()
    return (await get(jobs, actor, job_id)).model_copy(update={"warnings": _fields(warnings)})


async def _update_document(
    jobs: JobRepository, actions: ActionCatalogue, audit: AuditLog, actor: Actor, job: Job, body: JobUpdate
) -> Sequence[Problem]:
    current = await find_version(jobs, job, job.version)
    compiled = await compile_source(actions, body.yaml, body.document, former=current.source)
    if compiled.document.to_data() == current.document and compiled.source == current.source:
        return compiled.warnings
    job.name = compiled.document.name
    job.description = compiled.document.description
    job.version += 1
    _publish(jobs, actor, job, compiled)
    audit.record(actor, "job.version_created", "job", job.id, name=job.name, version=job.version)
    return compiled.warnings


async def delete(jobs: JobRepository, audit: AuditLog, wakeup: Wakeup, actor: Actor, job_id: UUID) -> None:
    """Take a job away; its runs stay, and running ones go on."""
    job = await find_job(jobs, actor, job_id, Permission.JOBS_DELETE)
    job.deleted_at = now()
    audit.record(actor, "job.deleted", "job", job.id, name=job.name)
    await wakeup.send()


async def list_versions(jobs: JobRepository, actor: Actor, job_id: UUID) -> list[VersionRead]:
    """All versions of a job, the newest first."""
    job = await find_job(jobs, actor, job_id)
    return [VersionRead.model_validate(row) for row in await jobs.list_versions(job)]


async def get_version(jobs: JobRepository, actor: Actor, job_id: UUID, version: int) -> VersionDetail:
    """One version of a job."""
    row = await find_version(jobs, await find_job(jobs, actor, job_id), version)
    return VersionDetail(
        version=row.version,
        created_by=row.created_by,
        created_at=row.created_at,
        document=row.document,
        yaml=row.source,
    )


async def diff(jobs: JobRepository, actor: Actor, job_id: UUID, before: int, after: int) -> DiffRead:
    """What changed between two versions."""
    job = await find_job(jobs, actor, job_id)
    old, new = await find_version(jobs, job, before), await find_version(jobs, job, after)
    lines = difflib.unified_diff(
        old.source.splitlines(), new.source.splitlines(), f"version {before}", f"version {after}", lineterm=""
    )
    return DiffRead(before=before, after=after, diff="\n".join(lines))


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


def _publish(jobs: JobRepository, actor: Actor, job: Job, compiled: Compiled) -> None:
    jobs.add(
        JobVersion(
            job_id=job.id,
            version=job.version,
            document=compiled.document.to_data(),
            source=compiled.source,
            created_by=actor.username,
        ),
        PublishedJob(job_id=job.id, version=job.version, name=job.name, plan=compiled.plan.model_dump(mode="json")),
    )


def _detail(job: Job, document: dict[str, Any], source: str, plan: Plan, warnings: Sequence[Problem]) -> JobDetail:
    return JobDetail(
        **JobRead.model_validate(job).model_dump(),
        document=document,
        yaml=source,
        parameters=_parameters(plan),
        warnings=_fields(warnings),
    )


def _parameters(plan: Plan) -> list[ParameterRead]:
    return [ParameterRead.model_validate(parameter) for parameter in plan.parameters]


def _fields(problems: Sequence[Problem]) -> list[ProblemField]:
    return [ProblemField(path=p.path, message=p.message, hint=p.hint, line=p.line) for p in problems]


async def _flush(jobs: JobRepository, name: str) -> None:
    try:
        await jobs.flush()
    except IntegrityError as error:
        if "jobs_name_key" in str(error.orig):
            raise JobNameTakenError(name) from error
        raise
