"""Taking a bundle in: all of it, or nothing. A dry run does the same and takes it back."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from opsconductor.errors import ConflictError, InvalidInputError, NotAllowedError, Problem
from opsconductor.sdk.job import (
    JobDocument,
    TemplateDocument,
    dump_template,
    dump_yaml,
    parse,
    parse_template,
    template_ref,
    try_template_yaml,
    try_yaml,
)
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_job
from portal.jobs.compiling import compile_source
from portal.jobs.desk import Desk
from portal.jobs.errors import JobNameTakenError
from portal.jobs.folder import normal_folder
from portal.jobs.models import Job
from portal.jobs.publishing import fields, keep_job, keep_version
from portal.jobs.service import find_version
from portal.kit.ids import now
from portal.templates.checking import check_sound
from portal.templates.errors import TemplateNameTakenError
from portal.templates.service import find_current, keep_next, keep_template

from .needs import collect
from .renaming import renamed_job, renamed_template
from .savepoints import Savepoints
from .schemas import BundledJob, BundledTemplate, ImportedItem, ImportRead, ImportRequest, Needs


@dataclass(slots=True)
class _Import:
    """An import under way.

    Attributes:
        refs: References in the bundle, and what they became here.
        documents: What was read of the bundle, with the names of this installation.
        problems: What refuses the import, with the place in the request.
    """

    desk: Desk
    savepoints: Savepoints
    actor: Actor
    body: ImportRequest
    refs: dict[str, str] = field(default_factory=dict[str, str])
    documents: list[JobDocument | TemplateDocument] = field(default_factory=list[JobDocument | TemplateDocument])
    items: list[ImportedItem] = field(default_factory=list[ImportedItem])
    problems: list[Problem] = field(default_factory=list[Problem])


async def import_bundle(desk: Desk, savepoints: Savepoints, actor: Actor, body: ImportRequest) -> ImportRead:
    """Keep a bundle's templates and jobs, under the importer's own rights.

    Raises:
        InvalidInputError: Every problem of every document; nothing is kept.
        ConflictError: A name is taken, and the request does not say what to do.
        PermissionDeniedError: The importer may not do by hand what the bundle does.
    """
    importing = _Import(desk, savepoints, actor, body)
    async with savepoints.attempt(keep=not body.dry_run):
        for index, template in enumerate(body.bundle.templates):
            await _take(importing, f"bundle.templates[{index}]", "template", template, _import_template)
        for index, job in enumerate(body.bundle.jobs):
            await _take(importing, f"bundle.jobs[{index}]", "job", job, _import_job)
        unresolved = await _unresolved(importing)
        if importing.problems and not body.dry_run:
            raise InvalidInputError(importing.problems)
    if not body.dry_run:
        facts = {change: [i.name for i in importing.items if i.change == change] for change in ("created", "updated")}
        desk.audit.record(actor, "jobs.imported", "job", "", **facts)
        await desk.wakeup.send()
    return ImportRead(dry_run=body.dry_run, items=importing.items, unresolved=unresolved)


Entry = BundledJob | BundledTemplate


async def _take(
    importing: _Import,
    path: str,
    kind: str,
    entry: Entry,
    keep: Callable[[_Import, ImportedItem, str], Awaitable[None]],
) -> None:
    """Keep one document. In a dry run whatever would refuse it is told, and the others have their turn."""
    folder = "/".join(part for part in (importing.body.folder, entry.folder) if part)
    name = entry.ref if isinstance(entry, BundledTemplate) else ""
    item = ImportedItem.model_validate({"kind": kind, "name": name, "folder": folder, "change": "refused"})
    importing.items.append(item)
    try:
        item.folder = normal_folder(folder)
        async with importing.savepoints.attempt():
            await keep(importing, item, entry.yaml)
    except InvalidInputError as error:
        _refuse(importing, item, path, error.problems)
    except ValueError as error:
        _refuse(importing, item, path, [Problem("folder", str(error))])
    except (ConflictError, NotAllowedError) as error:
        if not importing.body.dry_run:
            raise
        _refuse(importing, item, path, [Problem("", str(error))])


def _refuse(importing: _Import, item: ImportedItem, path: str, problems: tuple[Problem, ...] | list[Problem]) -> None:
    item.change = "refused"
    item.problems = fields(problems)
    importing.problems += [replace(one, path=f"{path}.{one.path}" if one.path else path) for one in problems]


async def _import_template(importing: _Import, item: ImportedItem, yaml: str) -> None:
    desk, actor, ref = importing.desk, importing.actor, item.name
    yaml = await asyncio.to_thread(_rename_template, yaml, importing)
    sound = await check_sound(desk.templates, desk.actions, actor, yaml, None)
    importing.documents.append(sound.document)
    item.name, item.warnings = sound.document.name, fields(sound.warnings)
    known = await desk.templates.find_by_name(actor, item.name, lock=True)
    if known is None:
        check_job(actor, Permission.JOBS_CREATE, item.folder)
        tags = _tags(importing.body.bundle.templates, ref)
        known = await keep_template(desk.templates, actor, sound, item.folder, tags)
        item.change = "created"
    else:
        item.folder = known.folder
        same = await desk.templates.find_same(known, sound.document.to_data())
        if same is not None:
            item.change, item.version = "unchanged", same
            importing.refs[ref] = template_ref(known.name, same)
            return
        if importing.body.existing == "refuse":
            raise TemplateNameTakenError(known.name)
        if importing.body.existing == "skip":
            item.change = "skipped"
        else:
            check_job(actor, Permission.JOBS_EDIT, known.folder)
            await keep_next(desk.templates, actor, known, await find_current(desk.templates, known), sound)
            item.change = "updated"
    item.version = known.version
    importing.refs[ref] = template_ref(known.name, known.version)


async def _import_job(importing: _Import, item: ImportedItem, yaml: str) -> None:
    desk, actor = importing.desk, importing.actor
    yaml = await asyncio.to_thread(_rename_job, yaml, item, importing)
    compiled = await compile_source(desk, actor, yaml, None)
    item.warnings = fields(compiled.warnings)
    entry = importing.body.bundle.jobs[sum(one.kind == "job" for one in importing.items) - 1]
    known = await desk.jobs.find_by_name(actor, item.name, lock=True)
    if known is None:
        check_job(actor, Permission.JOBS_CREATE, item.folder)
        description = compiled.document.description
        tags, active = entry.tags, entry.active
        known = Job(name=item.name, description=description, folder=item.folder, tags=tags, active=active)
        await keep_job(desk, actor, known, compiled)
        item.change = "created"
    elif importing.body.existing == "refuse":
        raise JobNameTakenError(known.name)
    elif importing.body.existing == "skip":
        item.change, item.folder = "skipped", known.folder
    else:
        check_job(actor, Permission.JOBS_EDIT, known.folder)
        item.folder = known.folder
        current = await find_version(desk.jobs, known, known.version)
        item.change = "unchanged" if compiled.document.to_data() == current.document else "updated"
        if item.change == "updated":
            await keep_version(desk, actor, known, compiled)
            known.updated_at = now()
    item.version = known.version


def _tags(templates: list[BundledTemplate], ref: str) -> list[str]:
    return next(template.tags for template in templates if template.ref == ref)


def _rename_template(yaml: str, importing: _Import) -> str:
    reading = try_template_yaml(yaml)
    if reading.template is None:
        return yaml  # what is wrong with it is said where it is checked
    data = reading.template.to_data()
    changed = renamed_template(data, importing.body.mapping, importing.refs)
    return yaml if changed == data else dump_template(parse_template(changed), yaml)


def _rename_job(yaml: str, item: ImportedItem, importing: _Import) -> str:
    reading = try_yaml(yaml)
    if reading.document is None:
        return yaml
    item.name = reading.document.name
    if reading.problems:
        return yaml
    data = reading.document.to_data()
    changed = renamed_job(data, importing.body.mapping, importing.refs)
    document = parse(changed)
    importing.documents.append(document)
    return yaml if changed == data else dump_yaml(document, yaml)


async def _unresolved(importing: _Import) -> Needs:
    """What the documents name that is not here."""
    needs = collect(importing.documents)
    desk, actor = importing.desk, importing.actor
    around = desk.surroundings
    credentials = await around.find_credentials(actor, needs.credentials)
    catalogue = await desk.templates.load(actor, needs.templates)
    return Needs(
        groups=[name for name in needs.groups if not await around.is_group(actor, name)],
        targets=[name for name in needs.targets if not await around.is_target(actor, name)],
        variables=[name for name in needs.variables if not await around.is_variable(actor, name)],
        credentials=[name for name in needs.credentials if name.lower() not in credentials],
        actions=[ref for ref in needs.actions if desk.actions.find(ref) is None],
        templates=[ref for ref in needs.templates if catalogue.find(ref) is None],
    )
