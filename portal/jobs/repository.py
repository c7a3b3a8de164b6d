"""Queries over jobs. Every one starts from what the actor may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi_pagination.cursor import CursorPage
from sqlalchemy import ColumnElement, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer
from sqlmodel import col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from flows.ledger.tables import JobRun, PublishedJob
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import in_folders
from portal.kit.ids import id_at
from portal.kit.pages import PageParams, order, paginate

from .models import Job, JobVersion

NEVER_RAN = "never"
RUNNING = "running"
_LARGE: tuple[Any, ...] = (JobVersion.document, JobVersion.source)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Dry runs say nothing about how a job does.
_STATISTICS = text("""
SELECT count(*) AS runs, count(*) FILTER (WHERE status <> 'ended') AS running,
  count(*) FILTER (WHERE outcome = 'succeeded') AS succeeded, count(*) FILTER (WHERE outcome = 'partial') AS partial,
  count(*) FILTER (WHERE outcome = 'failed') AS failed, count(*) FILTER (WHERE outcome = 'unknown') AS unknown,
  count(*) FILTER (WHERE outcome = 'cancelled') AS cancelled,
  count(*) FILTER (WHERE outcome = 'no_targets') AS no_targets,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - started_at)) AS median_seconds,
  percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - started_at)) AS p95_seconds
FROM job_runs WHERE job_id = :job_id AND id >= :since AND NOT check_only
""")


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs to list.

    Attributes:
        below: Whether jobs in folders below `folder` belong to it.
        last_outcome: How the last run ended; `running` and `never` are two more.
    """

    q: str | None = None
    folder: str | None = None
    below: bool = True
    tag: str | None = None
    active: bool | None = None
    last_outcome: str | None = None
    sort: str = "name"


class JobRepository:
    """Jobs, their versions, and what flow processes read of them."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_page(self, actor: Actor, wanted: JobFilter, page: PageParams) -> CursorPage[Job]:
        """One page of the jobs that pass the filter."""
        query = _visible_to(actor).where(*_conditions(wanted))
        columns = {
            "name": func.lower(Job.name),
            "folder": col(Job.folder),
            "created_at": col(Job.created_at),
            "updated_at": col(Job.updated_at),
            "last_run_at": func.coalesce(_last_run(JobRun.created_at), _EPOCH),
        }
        return await paginate(self._session, query.order_by(*order(wanted.sort, columns, col(Job.id))), page)

    async def find_last_runs(self, job_ids: Sequence[UUID]) -> Mapping[UUID, JobRun]:
        """Job → its last run that was no dry run; jobs without one are left out."""
        if not job_ids:
            return {}
        last = select(_last_run(JobRun.id)).where(col(Job.id).in_(job_ids))
        query = select(JobRun).where(col(JobRun.id).in_(last))
        return {run.job_id: run for run in await self._session.scalars(query)}

    async def statistics(self, job: Job, since: datetime) -> Mapping[str, Any]:
        """Counts of a job's runs by outcome and how long they took."""
        result = await self._session.execute(_STATISTICS, {"job_id": job.id, "since": id_at(since)})
        return dict(zip(result.keys(), result.one(), strict=True))

    async def find(self, actor: Actor, job_id: UUID, *, lock: bool = False) -> Job | None:
        """The job, or None when it is absent, deleted, or out of the actor's sight."""
        query = _visible_to(actor).where(col(Job.id) == job_id)
        return (await self._session.scalars(query.with_for_update() if lock else query)).one_or_none()

    async def find_by_name(self, actor: Actor, name: str, *, lock: bool = False) -> Job | None:
        """The job of that name, in any case of letters."""
        query = _visible_to(actor).where(func.lower(Job.name) == name.lower())
        return (await self._session.scalars(query.with_for_update() if lock else query)).one_or_none()

    async def list_in_folder(self, actor: Actor, folder: str, limit: int) -> Sequence[Job]:
        """The first jobs, by name, of a folder and those below."""
        query = _visible_to(actor).where(_in_folder(folder, below=True)).order_by(func.lower(Job.name)).limit(limit)
        return (await self._session.scalars(query)).all()

    async def find_version(self, job: Job, version: int) -> JobVersion | None:
        """One version of a job."""
        return await self._session.get(JobVersion, (job.id, version))

    async def find_published(self, job_id: UUID, version: int) -> PublishedJob | None:
        """The compiled form of a version."""
        return await self._session.get(PublishedJob, (job_id, version))

    async def list_versions_page(self, job: Job, page: PageParams) -> CursorPage[JobVersion]:
        """One page of a job's versions, the newest first, without their documents."""
        query = (
            select(JobVersion)
            .where(col(JobVersion.job_id) == job.id)
            .options(*(defer(column, raiseload=True) for column in _LARGE))
            .order_by(col(JobVersion.version).desc())
        )
        return await paginate(self._session, query, page)

    def add(self, *rows: Job | JobVersion | PublishedJob) -> None:
        """Keep new rows."""
        self._session.add_all(rows)

    async def flush(self) -> None:
        """Send changes now, so that the database can refuse them here."""
        await self._session.flush()


def _conditions(wanted: JobFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.q:
        needle = wanted.q.lower()
        found.append(
            or_(func.strpos(func.lower(Job.name), needle) > 0, func.strpos(func.lower(Job.description), needle) > 0)
        )
    if wanted.folder is not None:
        found.append(_in_folder(wanted.folder, below=wanted.below))
    if wanted.tag:
        found.append(col(Job.tags).contains([wanted.tag]))
    if wanted.active is not None:
        found.append(col(Job.active).is_(wanted.active))
    if wanted.last_outcome is not None:
        found.append(_ended_last(wanted.last_outcome))
    return found


def _in_folder(folder: str, *, below: bool) -> ColumnElement[bool]:
    here = col(Job.folder) == folder
    if not below:
        return here
    return or_(here, col(Job.folder).startswith(f"{folder}/" if folder else "", autoescape=True))


def _ended_last(outcome: str) -> ColumnElement[bool]:
    if outcome == NEVER_RAN:
        return _last_run(JobRun.id).is_(None)
    if outcome == RUNNING:
        return _last_run(JobRun.status) != "ended"
    return _last_run(JobRun.outcome) == outcome


def _last_run(column: Any) -> Any:
    """A column of a job's last run that was no dry run."""
    return (
        select(column)
        .where(col(JobRun.job_id) == col(Job.id), col(JobRun.check_only).is_(False))
        .order_by(col(JobRun.id).desc())
        .limit(1)
        .correlate(Job)
        .scalar_subquery()
    )


def _visible_to(actor: Actor) -> SelectOfScalar[Job]:
    visible = in_folders(actor.scope(Permission.JOBS_VIEW), Job.folder)
    return select(Job).where(col(Job.deleted_at).is_(None), visible)
