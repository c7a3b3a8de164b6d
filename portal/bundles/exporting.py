"""Making a bundle."""

from collections.abc import Iterable

from opsconductor.errors import InvalidInputError, Problem
from opsconductor.sdk.job import TemplateDocument, parse, template_ref, template_refs
from portal.authz.actor import Actor
from portal.jobs.desk import Desk
from portal.jobs.models import Job
from portal.jobs.service import find_job, find_version
from portal.templates.models import Template

from .needs import collect
from .schemas import FORMAT, MAX_JOBS, Bundle, BundledJob, BundledTemplate, ExportRequest


async def export(desk: Desk, actor: Actor, body: ExportRequest) -> Bundle:
    """The jobs as they are now, with every template in them."""
    found = await _find_jobs(desk, actor, body)
    versions = [await find_version(desk.jobs, job, job.version) for job in found]
    jobs = [
        BundledJob(folder=job.folder, tags=job.tags, active=job.active, yaml=version.source)
        for job, version in zip(found, versions, strict=True)
    ]
    templates = await _find_templates(desk, actor, found)
    documents = [parse(version.document) for version in versions]
    needs = collect([*documents, *(document for document, _ in templates.values())])
    needs.templates = sorted(set(needs.templates) - templates.keys())
    desk.audit.record(actor, "jobs.exported", "job", "", names=[job.name for job in found])
    ordered = [templates[ref][1] for ref in _inner_first(templates)]
    return Bundle(format=FORMAT, jobs=jobs, templates=ordered, needs=needs)


async def _find_jobs(desk: Desk, actor: Actor, body: ExportRequest) -> list[Job]:
    if body.jobs is not None:
        return [await find_job(desk.jobs, actor, job_id) for job_id in dict.fromkeys(body.jobs)]
    found = await desk.jobs.list_in_folder(actor, body.folder or "", MAX_JOBS + 1)
    if len(found) > MAX_JOBS:
        hint = "export its folders one by one"
        raise InvalidInputError([Problem("folder", f"holds more than {MAX_JOBS} jobs", hint)])
    return list(found)


Found = dict[str, tuple[TemplateDocument, BundledTemplate]]


async def _find_templates(desk: Desk, actor: Actor, jobs: Iterable[Job]) -> Found:
    """Every template in the jobs.

    Raises:
        InvalidInputError: One is out of the actor's sight.
    """
    found: Found = {}
    for job in jobs:
        for template, number, _ in await desk.templates.list_used_by(job.id, job.version):
            ref = template_ref(template.name, number)
            if ref not in found:
                found[ref] = await _template(desk, actor, template, number, job)
    return found


async def _template(
    desk: Desk, actor: Actor, template: Template, number: int, job: Job
) -> tuple[TemplateDocument, BundledTemplate]:
    version = await desk.templates.find_version(template, number)
    if version is None or await desk.templates.find(actor, template.id) is None:
        hint = "ask for the right to view its folder"
        raise InvalidInputError([Problem("jobs", f"job {job.name} holds a template that you cannot see", hint)])
    ref = template_ref(template.name, number)
    bundled = BundledTemplate(ref=ref, folder=template.folder, tags=template.tags, yaml=version.source)
    return TemplateDocument.model_validate(version.document), bundled


def _inner_first(templates: Found) -> list[str]:
    """References, each after those that its template uses."""
    ordered: dict[str, None] = {}

    def add(ref: str) -> None:
        if ref in templates and ref not in ordered:
            for inner in sorted(template_refs(templates[ref][0])):
                add(inner)
            ordered[ref] = None

    for ref in sorted(templates):
        add(ref)
    return list(ordered)
