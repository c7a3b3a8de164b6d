"""What the jobs endpoints depend on."""

from typing import Annotated

from fastapi import Depends, Path, Query

from portal.audit.log import AuditDep
from portal.authz.actor import Actor
from portal.authz.guard import require
from portal.authz.permissions import Permission
from portal.kit.database import SessionDep
from portal.kit.text import Line
from portal.kit.wakeup import WakeupDep
from portal.templates.repository import TemplateRepository

from .actions import ActionsDep
from .desk import Desk
from .folder import Folder
from .repository import JobFilter, JobRepository
from .schemas import LastOutcome
from .surroundings import SurroundingsRepository

_SORTS = "name, folder, created_at, updated_at or last_run_at; `-` before it: backwards."


async def get_jobs(session: SessionDep) -> JobRepository:
    """Jobs."""
    return JobRepository(session)


def get_filter(
    q: Annotated[Line | None, Query(description="Part of a name or description.")] = None,
    folder: Annotated[Folder | None, Query(description="Only jobs of this folder and those below.")] = None,
    below: Annotated[bool, Query(description="Whether folders below belong to `folder`.")] = True,
    tag: Annotated[Line | None, Query(description="Only jobs with this tag.")] = None,
    active: Annotated[bool | None, Query(description="Only jobs that may, or may not, be started.")] = None,
    last_outcome: Annotated[LastOutcome | None, Query(description="Only jobs whose last run ended so.")] = None,
    sort: Annotated[Line, Query(description=_SORTS)] = "name",
) -> JobFilter:
    """Which jobs to list."""
    return JobFilter(q, folder, below, tag, active, last_outcome, sort)


JobsDep = Annotated[JobRepository, Depends(get_jobs)]


def get_desk(session: SessionDep, jobs: JobsDep, actions: ActionsDep, audit: AuditDep, wakeup: WakeupDep) -> Desk:
    """Everything that changing a job reads and writes."""
    return Desk(jobs, TemplateRepository(session), SurroundingsRepository(session), actions, audit, wakeup)


DeskDep = Annotated[Desk, Depends(get_desk)]
FilterDep = Annotated[JobFilter, Depends(get_filter)]
VersionNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]
VersionQuery = Annotated[int, Query(ge=1, le=2**31 - 1)]
MayView = Annotated[Actor, Depends(require(Permission.JOBS_VIEW))]
MayCreate = Annotated[Actor, Depends(require(Permission.JOBS_CREATE))]
MayEdit = Annotated[Actor, Depends(require(Permission.JOBS_EDIT))]
MayDelete = Annotated[Actor, Depends(require(Permission.JOBS_DELETE))]
