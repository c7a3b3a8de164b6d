"""Keeping a compiled document as a version of a job, and showing it."""

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError

from flows.ledger.tables import PublishedJob
from flows.plan import Plan
from opsconductor.errors import Problem
from opsconductor.sdk.job import template_ref, template_refs
from portal.authz.actor import Actor
from portal.kit.problems import ProblemField
from portal.templates.errors import TemplateGoneError
from portal.templates.models import JobTemplateUse

from .compiling import Compiled
from .desk import Desk
from .errors import JobNameTakenError
from .models import Job, JobVersion
from .repository import JobRepository
from .schemas import ParameterRead, TemplateUseRead


async def keep_job(desk: Desk, actor: Actor, job: Job, compiled: Compiled) -> None:
    """Keep a new job with its first version.

    Raises:
        JobNameTakenError: Another job has its name.
    """
    desk.jobs.add(job)
    await flush(desk.jobs, job.name)
    await _keep_version(desk, actor, job, compiled)


async def keep_version(
    desk: Desk, actor: Actor, job: Job, compiled: Compiled, *, restored_from: int | None = None
) -> None:
    """Make a compiled document the job's newest version; the job takes its name and description.

    Raises:
        JobNameTakenError: Another job has the document's name.
    """
    job.name = compiled.document.name
    job.description = compiled.document.description
    job.version += 1
    await flush(desk.jobs, job.name)
    await _keep_version(desk, actor, job, compiled, restored_from)


async def _keep_version(
    desk: Desk, actor: Actor, job: Job, compiled: Compiled, restored_from: int | None = None
) -> None:
    desk.jobs.add(
        JobVersion(
            job_id=job.id,
            version=job.version,
            document=compiled.document.to_data(),
            source=compiled.source,
            created_by=actor.username,
            restored_from=restored_from,
        ),
        PublishedJob(job_id=job.id, version=job.version, name=job.name, plan=compiled.plan.model_dump(mode="json")),
    )
    await desk.jobs.flush()
    if not await desk.templates.hold(compiled.catalogue.pick(compiled.templates)):
        raise TemplateGoneError
    direct = template_refs(compiled.document)
    for ref in compiled.templates:
        kept = compiled.catalogue.kept[ref]
        desk.templates.add(
            JobTemplateUse(
                job_id=job.id,
                job_version=job.version,
                template_id=kept.template_id,
                template_version=kept.version,
                direct=ref in direct,
            )
        )
    await desk.templates.flush()


async def flush(jobs: JobRepository, name: str) -> None:
    """Send changes of a job now.

    Raises:
        JobNameTakenError: Another job has its name.
    """
    try:
        await jobs.flush()
    except IntegrityError as error:
        if "jobs_name_key" in str(error.orig):
            raise JobNameTakenError(name) from error
        raise


async def used_templates(desk: Desk, job: Job) -> list[TemplateUseRead]:
    """The templates that a job's current version was compiled with."""
    return [
        TemplateUseRead(
            id=template.id,
            ref=template_ref(template.name, version),
            version=version,
            direct=direct,
            newer_version=template.version if template.version != version and template.deleted_at is None else None,
        )
        for template, version, direct in await desk.templates.list_used_by(job.id, job.version)
    ]


def parameters(plan: Plan) -> list[ParameterRead]:
    """A job's parameters, for a form."""
    return [ParameterRead.model_validate(parameter) for parameter in plan.parameters]


def fields(problems: Sequence[Problem]) -> list[ProblemField]:
    """What a document's check found, for a response."""
    return [ProblemField(path=p.path, message=p.message, hint=p.hint, line=p.line) for p in problems]
