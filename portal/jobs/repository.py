"""Queries over jobs. Every one starts from what the actor may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi_pagination.cursor import CursorPage
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from flows.ledger.tables import PublishedJob
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import in_folders
from portal.kit.pages import PageParams, order, paginate

from .models import Job, JobVersion


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs to list."""

    q: str | None = None
    folder: str | None = None
    tag: str | None = None
    sort: str = "name"


class JobRepository:
    """Jobs, their versions, and what flow processes read of them."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_page(self, actor: Actor, wanted: JobFilter, page: PageParams) -> CursorPage[Job]:
        """One page of the jobs that pass the filter."""
        query = _visible_to(actor)
        if wanted.q:
            query = query.where(func.strpos(func.lower(Job.name), wanted.q.lower()) > 0)
        if wanted.folder is not None:
            query = query.where(col(Job.folder) == wanted.folder)
        if wanted.tag:
            query = query.where(col(Job.tags).contains([wanted.tag]))
        columns = {
            "name": func.lower(Job.name),
            "created_at": col(Job.created_at),
            "updated_at": col(Job.updated_at),
        }
        return await paginate(self._session, query.order_by(*order(wanted.sort, columns, col(Job.id))), page)

    async def find(self, actor: Actor, job_id: UUID, *, lock: bool = False) -> Job | None:
        """The job, or None when it is absent, deleted, or out of the actor's sight."""
        query = _visible_to(actor).where(col(Job.id) == job_id)
        return (await self._session.scalars(query.with_for_update() if lock else query)).one_or_none()

    async def find_by_name(self, actor: Actor, name: str) -> Job | None:
        """The job of that name, in any case of letters."""
        query = _visible_to(actor).where(func.lower(Job.name) == name.lower())
        return (await self._session.scalars(query)).one_or_none()

    async def find_version(self, job: Job, version: int) -> JobVersion | None:
        """One version of a job."""
        return await self._session.get(JobVersion, (job.id, version))

    async def find_published(self, job_id: UUID, version: int) -> PublishedJob | None:
        """The compiled form of a version."""
        return await self._session.get(PublishedJob, (job_id, version))

    async def list_versions(self, job: Job) -> Sequence[JobVersion]:
        """All versions, the newest first, without their documents."""
        query = (
            select(JobVersion.version, JobVersion.created_by, JobVersion.created_at)
            .where(col(JobVersion.job_id) == job.id)
            .order_by(col(JobVersion.version).desc())
        )
        return (await self._session.execute(query)).all()  # pyright: ignore[reportReturnType] (rows with the fields)

    def add(self, *rows: Job | JobVersion | PublishedJob) -> None:
        """Keep new rows."""
        self._session.add_all(rows)

    async def flush(self) -> None:
        """Send changes now, so that the database can refuse them here."""
        await self._session.flush()


def _visible_to(actor: Actor) -> SelectOfScalar[Job]:
    visible = in_folders(actor.scope(Permission.JOBS_VIEW), Job.folder)
    return select(Job).where(col(Job.deleted_at).is_(None), visible)
