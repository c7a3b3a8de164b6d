"""HTTP surface of templates."""

from typing import Any
from uuid import UUID

from fastapi import Response

from portal.jobs.deps import MayCreate, MayDelete, MayEdit, MayView, VersionNumber
from portal.jobs.preconditions import ExpectedVersionDep, tagged
from portal.jobs.schemas import JobSource
from portal.kit.pages import Page, PageDep
from portal.kit.problems import problems
from portal.kit.routing import Router

from . import service
from .deps import FilterDep, ShelfDep, TemplatesDep
from .schemas import (
    TemplateCreate,
    TemplateDetail,
    TemplateRead,
    TemplateUpdate,
    TemplateValidation,
    TemplateVersionDetail,
    TemplateVersionRead,
    UsersRead,
)

router = Router(prefix="/job-templates", tags=["jobs"])


@router.get("", response_model=Page[TemplateRead], responses=problems())
async def list_templates(actor: MayView, templates: TemplatesDep, wanted: FilterDep, page: PageDep) -> dict[str, Any]:
    """Templates, a page at a time."""
    return await service.list_templates(templates, actor, wanted, page)


@router.post("", status_code=201, responses=problems(409))
async def create_template(
    body: TemplateCreate, actor: MayCreate, shelf: ShelfDep, response: Response
) -> TemplateDetail:
    """Keep a new template; every problem of its document is named at once."""
    return tagged(response, await service.create(shelf, actor, body))


@router.post("/validate", responses=problems())
async def validate_template(body: JobSource, actor: MayView, shelf: ShelfDep) -> TemplateValidation:
    """Find everything wrong with a template; nothing is kept."""
    return await service.validate(shelf, actor, body)


@router.get("/{template_id}", responses=problems(404))
async def read_template(
    template_id: UUID, actor: MayView, templates: TemplatesDep, response: Response
) -> TemplateDetail:
    """One template with its newest document."""
    return tagged(response, await service.get(templates, actor, template_id))


@router.patch("/{template_id}", responses=problems(404, 409))
async def update_template(
    template_id: UUID,
    body: TemplateUpdate,
    actor: MayEdit,
    shelf: ShelfDep,
    expected: ExpectedVersionDep,
    response: Response,
) -> TemplateDetail:
    """Keep a new version of a template, or another folder or tags; jobs go on with the version they name."""
    return tagged(response, await service.update(shelf, actor, template_id, body, expected))


@router.delete("/{template_id}", status_code=204, responses=problems(404, 409))
async def delete_template(template_id: UUID, actor: MayDelete, shelf: ShelfDep) -> None:
    """Take a template away that nothing uses as it is now."""
    await service.delete(shelf, actor, template_id)


@router.get("/{template_id}/versions", response_model=Page[TemplateVersionRead], responses=problems(404))
async def list_template_versions(
    template_id: UUID, actor: MayView, templates: TemplatesDep, page: PageDep
) -> dict[str, Any]:
    """Versions of a template, the newest first, a page at a time."""
    return await service.list_versions(templates, actor, template_id, page)


@router.get("/{template_id}/versions/{version}", responses=problems(404))
async def read_template_version(
    template_id: UUID, version: VersionNumber, actor: MayView, templates: TemplatesDep
) -> TemplateVersionDetail:
    """One version of a template."""
    return await service.get_version(templates, actor, template_id, version)


@router.get("/{template_id}/uses", responses=problems(404))
async def list_template_uses(template_id: UUID, actor: MayView, templates: TemplatesDep) -> UsersRead:
    """Jobs and templates that use a template as they are now, and for which a newer version is there."""
    return await service.list_users(templates, actor, template_id)
