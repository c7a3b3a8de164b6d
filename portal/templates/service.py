"""What can be done to templates. Their rights are those of the jobs in the same folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from flows.compiler import ActionCatalogue
from opsconductor.errors import InvalidInputError, NotFoundError, Problem
from opsconductor.sdk.job import template_ref, template_refs
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_job
from portal.jobs.publishing import fields
from portal.jobs.schemas import JobSource
from portal.kit.ids import now
from portal.kit.pages import PageParams, paged

from .checking import Sound, check, check_sound
from .errors import TemplateChangedError, TemplateGoneError, TemplateInUseError, TemplateNameTakenError
from .models import Template, TemplateUse, TemplateVersion
from .repository import TemplateFilter, TemplateRepository, User
from .schemas import (
    TemplateCreate,
    TemplateDetail,
    TemplateRead,
    TemplateUpdate,
    TemplateValidation,
    TemplateVersionDetail,
    TemplateVersionRead,
    UserRead,
    UsersRead,
)

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything that changing a template reads and writes."""

    templates: TemplateRepository
    actions: ActionCatalogue
    audit: AuditLog


async def list_templates(
    templates: TemplateRepository, actor: Actor, wanted: TemplateFilter, page: PageParams
) -> dict[str, Any]:
    """One page of templates."""
    return paged(await templates.list_page(actor, wanted, page), TemplateRead.model_validate)


async def validate(shelf: Shelf, actor: Actor, body: JobSource) -> TemplateValidation:
    """Check a template without keeping it."""
    reading, found, _ = await check(shelf.templates, shelf.actions, actor, body.yaml, body.document)
    return TemplateValidation(
        valid=not found.problems,
        name=reading.template.name if reading.template else None,
        problems=fields(found.problems),
        warnings=fields(found.warnings),
    )


async def create(shelf: Shelf, actor: Actor, body: TemplateCreate) -> TemplateDetail:
    """Keep a new template; its first version goes on after those of a deleted one of that name."""
    sound = await check_sound(shelf.templates, shelf.actions, actor, body.yaml, body.document)
    check_job(actor, Permission.JOBS_CREATE, body.folder)
    template = await keep_template(shelf.templates, actor, sound, body.folder, body.tags)
    facts = {"name": template.name, "version": template.version, "folder": template.folder}
    shelf.audit.record(actor, "template.created", "template", template.id, **facts)
    return _detail(template, sound.document.to_data(), sound.source, sound.warnings)


async def keep_template(
    templates: TemplateRepository, actor: Actor, sound: Sound, folder: str, tags: list[str]
) -> Template:
    """Keep a template with its first version.

    Raises:
        TemplateNameTakenError: Another one has its name.
    """
    document = sound.document
    first = await templates.find_last_version(document.name) + 1
    template = Template(name=document.name, description=document.description, folder=folder, tags=tags, version=first)
    templates.add(template)
    try:
        await templates.flush()
    except IntegrityError as error:
        if "job_templates_name_key" in str(error.orig):
            raise TemplateNameTakenError(document.name) from error
        raise
    await _keep_version(templates, actor, template, sound)
    return template


async def get(templates: TemplateRepository, actor: Actor, template_id: UUID) -> TemplateDetail:
    """One template with its newest document."""
    template = await find_template(templates, actor, template_id)
    version = await _find_version(templates, template, template.version)
    return _detail(template, version.document, version.source)


async def update(
    shelf: Shelf, actor: Actor, template_id: UUID, body: TemplateUpdate, if_match: int | None
) -> TemplateDetail:
    """Keep a new version; jobs go on with the version they name."""
    template = await find_template(shelf.templates, actor, template_id, Permission.JOBS_EDIT)
    await _check_unchanged(shelf.templates, template, body.expected_version, if_match)
    warnings: Sequence[Problem] = ()
    if body.yaml is not None or body.document is not None:
        warnings = await _update_document(shelf, actor, template, body)
    before = template.model_dump(include={"folder", "tags"})
    template.folder = template.folder if body.folder is None else body.folder
    template.tags = template.tags if body.tags is None else body.tags
    check_job(actor, Permission.JOBS_EDIT, template.folder)
    after = template.model_dump(include={"folder", "tags"})
    if after != before:
        facts = {"name": template.name, "before": before, "after": after}
        shelf.audit.record(actor, "template.updated", "template", template.id, **facts)
    template.updated_at = now()
    await shelf.templates.flush()
    version = await find_current(shelf.templates, template)
    return _detail(template, version.document, version.source, warnings)


async def _update_document(shelf: Shelf, actor: Actor, template: Template, body: TemplateUpdate) -> Sequence[Problem]:
    current = await _find_version(shelf.templates, template, template.version)
    sound = await check_sound(shelf.templates, shelf.actions, actor, body.yaml, body.document, former=current.source)
    if await keep_next(shelf.templates, actor, template, current, sound):
        facts = {"name": template.name, "version": template.version}
        shelf.audit.record(actor, "template.version_created", "template", template.id, **facts)
    return sound.warnings


async def keep_next(
    templates: TemplateRepository, actor: Actor, template: Template, current: TemplateVersion, sound: Sound
) -> bool:
    """Keep a template's next version, unless it says the same as the current one; says whether it did.

    Raises:
        InvalidInputError: It has another name.
    """
    if sound.document.name != template.name:
        hint = "jobs name it; make a new template instead"
        raise InvalidInputError([Problem("name", f"a template keeps its name, {template.name}", hint)])
    if sound.document.to_data() == current.document and sound.source == current.source:
        return False
    template.version += 1
    template.description = sound.document.description
    template.updated_at = now()
    await templates.flush()
    await _keep_version(templates, actor, template, sound)
    return True


async def delete(shelf: Shelf, actor: Actor, template_id: UUID) -> None:
    """Take a template away that nothing uses as it is now; what ran with it stays as it was."""
    template = await find_template(shelf.templates, actor, template_id, Permission.JOBS_DELETE)
    everywhere = await shelf.templates.list_users(template)
    seen = await shelf.templates.list_users(template, actor)
    count = sum(map(len, everywhere))
    if count:
        names = [f"job {user.name}" for user in seen[0]] + [f"template {user.name}" for user in seen[1]]
        more = [f"{len(names) - _NAMED} more"] if len(names) > _NAMED else []
        raise TemplateInUseError(template.name, [*names[:_NAMED], *more], count - len(names))
    template.deleted_at = now()
    shelf.audit.record(actor, "template.deleted", "template", template.id, name=template.name)


async def list_versions(
    templates: TemplateRepository, actor: Actor, template_id: UUID, page: PageParams
) -> dict[str, Any]:
    """One page of a template's versions, the newest first."""
    template = await find_template(templates, actor, template_id)
    return paged(await templates.list_versions_page(template, page), TemplateVersionRead.model_validate)


async def get_version(
    templates: TemplateRepository, actor: Actor, template_id: UUID, version: int
) -> TemplateVersionDetail:
    """One version of a template."""
    row = await _find_version(templates, await find_template(templates, actor, template_id), version)
    facts = row.model_dump(include=set(TemplateVersionRead.model_fields))
    return TemplateVersionDetail(**facts, document=row.document, yaml=row.source)


async def list_users(templates: TemplateRepository, actor: Actor, template_id: UUID) -> UsersRead:
    """Jobs and templates that use a template as they are now."""
    template = await find_template(templates, actor, template_id)
    jobs, others = await templates.list_users(template, actor)
    return UsersRead(jobs=[_user(row, template) for row in jobs], templates=[_user(row, template) for row in others])


async def find_template(
    templates: TemplateRepository, actor: Actor, template_id: UUID, permission: Permission = Permission.JOBS_VIEW
) -> Template:
    """The template, if the actor may do this to it; locked for a change.

    Raises:
        NotFoundError: It is absent, deleted or out of sight.
        PermissionDeniedError: They may not.
    """
    template = await templates.find(actor, template_id, lock=permission is not Permission.JOBS_VIEW)
    if template is None:
        raise NotFoundError("template", template_id)
    check_job(actor, permission, template.folder)
    return template


async def find_current(templates: TemplateRepository, template: Template) -> TemplateVersion:
    """The newest version of a template."""
    return await _find_version(templates, template, template.version)


async def _find_version(templates: TemplateRepository, template: Template, version: int) -> TemplateVersion:
    row = await templates.find_version(template, version)
    if row is None:
        raise NotFoundError("version", f"{version} of template {template.name}")
    return row


async def _check_unchanged(templates: TemplateRepository, template: Template, *expected: int | None) -> None:
    for version in expected:
        if version not in (None, template.version):
            current = await _find_version(templates, template, template.version)
            by, at = current.created_by, current.created_at
            raise TemplateChangedError(template.name, version, template.version, by, at)


async def _keep_version(templates: TemplateRepository, actor: Actor, template: Template, sound: Sound) -> None:
    key: dict[str, Any] = {"template_id": template.id, "version": template.version}
    document = sound.document.to_data()
    templates.add(TemplateVersion(**key, document=document, source=sound.source, created_by=actor.username))
    await templates.flush()
    used = sound.catalogue.pick(template_refs(sound.document))
    if not await templates.hold(used):
        raise TemplateGoneError
    templates.add(*(TemplateUse(**key, used_id=one.template_id, used_version=one.version) for one in used))
    await templates.flush()


def _detail(
    template: Template, document: dict[str, Any], source: str, warnings: Sequence[Problem] = ()
) -> TemplateDetail:
    return TemplateDetail(
        **TemplateRead.model_validate(template).model_dump(),
        ref=template_ref(template.name, template.version),
        document=document,
        yaml=source,
        warnings=fields(warnings),
    )


def _user(row: User, template: Template) -> UserRead:
    newer = template.version if template.version != row.template_version else None
    return UserRead.model_validate(row).model_copy(update={"newer_version": newer})
