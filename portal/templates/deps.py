"""What the templates endpoints depend on."""

from typing import Annotated

from fastapi import Depends, Query

from portal.audit.log import AuditDep
from portal.jobs.actions import ActionsDep
from portal.jobs.folder import Folder
from portal.kit.database import SessionDep
from portal.kit.text import Line

from .repository import TemplateFilter, TemplateRepository
from .service import Shelf


def get_templates(session: SessionDep) -> TemplateRepository:
    """Templates."""
    return TemplateRepository(session)


TemplatesDep = Annotated[TemplateRepository, Depends(get_templates)]


def get_shelf(templates: TemplatesDep, actions: ActionsDep, audit: AuditDep) -> Shelf:
    """Everything that changing a template reads and writes."""
    return Shelf(templates, actions, audit)


def get_filter(
    q: Annotated[Line | None, Query(description="Part of a name or description.")] = None,
    folder: Annotated[Folder | None, Query(description="Only templates of this folder and those below.")] = None,
    tag: Annotated[Line | None, Query(description="Only templates with this tag.")] = None,
    sort: Annotated[Line, Query(description="name, folder, created_at or updated_at; `-` before it: backwards.")] = (
        "name"
    ),
) -> TemplateFilter:
    """Which templates to list."""
    return TemplateFilter(q, folder, tag, sort)


ShelfDep = Annotated[Shelf, Depends(get_shelf)]
FilterDep = Annotated[TemplateFilter, Depends(get_filter)]
