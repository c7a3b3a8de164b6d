"""What the jobs endpoints depend on."""

from typing import Annotated

from fastapi import Depends, Query
from fastapi.requests import HTTPConnection

from flows.compiler import ActionCatalogue
from portal.authz.actor import Actor
from portal.authz.guard import require
from portal.authz.permissions import Permission
from portal.kit.database import SessionDep
from portal.kit.text import Line

from .repository import JobFilter, JobRepository


def get_jobs(session: SessionDep) -> JobRepository:
    """Jobs."""
    return JobRepository(session)


def get_actions(connection: HTTPConnection) -> ActionCatalogue:
    """The actions that are installed here."""
    return connection.app.state.actions


def get_filter(
    q: Annotated[Line | None, Query(description="Part of a name.")] = None,
    folder: Annotated[Line | None, Query(description="Only jobs of this folder.")] = None,
    tag: Annotated[Line | None, Query(description="Only jobs with this tag.")] = None,
    sort: Annotated[Line, Query(description="name, created_at or updated_at; `-` before it: backwards.")] = "name",
) -> JobFilter:
    """Which jobs to list."""
    return JobFilter(q, folder, tag, sort)


JobsDep = Annotated[JobRepository, Depends(get_jobs)]
ActionsDep = Annotated[ActionCatalogue, Depends(get_actions)]
FilterDep = Annotated[JobFilter, Depends(get_filter)]
MayView = Annotated[Actor, Depends(require(Permission.JOBS_VIEW))]
MayCreate = Annotated[Actor, Depends(require(Permission.JOBS_CREATE))]
MayEdit = Annotated[Actor, Depends(require(Permission.JOBS_EDIT))]
MayDelete = Annotated[Actor, Depends(require(Permission.JOBS_DELETE))]
