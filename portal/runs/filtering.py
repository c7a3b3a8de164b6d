"""Which runs a list shows, as conditions that the indexes of `job_runs` serve."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from sqlalchemy import ColumnElement, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, func, or_, select

from flows.ledger.tables import JobRun, JobRunTarget
from flows.maintenance_plan import TEST_JOB_ID
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import in_folders, in_groups
from portal.jobs.models import Job
from portal.kit.ids import id_at
from portal.kit.text import Line
from portal.kit.times import Moment
from portal.targets.models import Target

from .schemas import RunOutcomeName, Status

# A loose index scan: as many looks at the index as there are different values, however many runs there are.
_DISTINCT = """
WITH RECURSIVE found AS (
  (SELECT {column} AS value FROM job_runs ORDER BY {column} LIMIT 1)
  UNION ALL
  SELECT (SELECT {column} FROM job_runs WHERE {column} > found.value ORDER BY {column} LIMIT 1)
  FROM found WHERE found.value IS NOT NULL
)
SELECT value FROM found WHERE strpos(lower(value), :wanted) > 0
"""
_JOB_NAMES = text(_DISTINCT.format(column="job_name"))
_PEOPLE = text(_DISTINCT.format(column="requested_by"))


_NEIGHBOURHOOD = timedelta(hours=1)
Time = Annotated[Moment | None, Query(description="With its zone, such as 2026-11-24T10:00:00Z.")]


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs to list: the query of the request."""

    status: Annotated[Status | None, Query(description="Only runs of this status.")] = None
    outcome: Annotated[RunOutcomeName | None, Query(description="Only runs that ended so.")] = None
    job_id: Annotated[UUID | None, Query(description="Only runs of this job.")] = None
    job: Annotated[Line | None, Query(description="Only runs of the job that had this name.")] = None
    folder: Annotated[Line | None, Query(description="Only runs of the jobs in this folder and below it.")] = None
    by: Annotated[Line | None, Query(description="Only runs that this user started.")] = None
    trigger: Annotated[Line | None, Query(description="Only runs that began so: manual, rerun, schedule …")] = None
    target: Annotated[Line | None, Query(description="Only runs on this target: its name or id.")] = None
    of_jobs: Annotated[
        bool | None, Query(description="Only runs of jobs, or only connection tests and health checks.")
    ] = None
    pinned: Annotated[bool | None, Query(description="Only runs that are pinned, or that are not.")] = None
    rerun_of: Annotated[UUID | None, Query(description="Only reruns of this run.")] = None
    created_after: Time = None
    created_before: Time = None
    started_after: Time = None
    started_before: Time = None
    finished_after: Time = None
    finished_before: Time = None
    q: Annotated[Line | None, Query(description="Part of the job's name, or of who started it.")] = None
    sort: Annotated[Line, Query(description="created_at or job; `-` before it: backwards.")] = "-created_at"


async def conditions(session: AsyncSession, actor: Actor, wanted: RunFilter) -> list[ColumnElement[bool]]:
    """What every listed run fulfils."""
    found = [*_facts(wanted), *_times(wanted)]
    if wanted.job:
        names = (await session.scalars(_JOB_NAMES, {"wanted": wanted.job.lower()})).all()
        found.append(col(JobRun.job_name).in_([name for name in names if name.lower() == wanted.job.lower()]))
    if wanted.folder is not None:
        found.append(col(JobRun.job_id).in_(select(Job.id).where(_below(wanted.folder))))
    if wanted.target is not None:
        found.append(await _ran_on(session, actor, wanted.target))
    if wanted.q:
        found.append(await _mentions(session, wanted.q))
    return found


def _facts(wanted: RunFilter) -> list[ColumnElement[bool]]:
    equal: dict[str, Any] = {
        "status": wanted.status,
        "outcome": wanted.outcome,
        "job_id": wanted.job_id,
        "requested_by": wanted.by,
        "trigger": wanted.trigger,
        "rerun_of": wanted.rerun_of,
    }
    found = [col(getattr(JobRun, name)) == value for name, value in equal.items() if value is not None]
    if wanted.of_jobs is not None:
        job_id = col(JobRun.job_id)
        found.append(job_id != TEST_JOB_ID if wanted.of_jobs else job_id == TEST_JOB_ID)
    if wanted.pinned is not None:
        pinned_at = col(JobRun.pinned_at)
        found.append(pinned_at.is_not(None) if wanted.pinned else pinned_at.is_(None))
    return found


def _times(wanted: RunFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    # Keys are UUIDv7, made a moment before the time that is kept: the primary key finds the neighbourhood.
    if wanted.created_after:
        found.append(col(JobRun.id) >= id_at(wanted.created_after, -_NEIGHBOURHOOD))
    if wanted.created_before:
        found.append(col(JobRun.id) < id_at(wanted.created_before, _NEIGHBOURHOOD))
    for column, after, before in (
        (col(JobRun.created_at), wanted.created_after, wanted.created_before),
        (col(JobRun.started_at), wanted.started_after, wanted.started_before),
        (col(JobRun.finished_at), wanted.finished_after, wanted.finished_before),
    ):
        if after:
            found.append(column >= after)
        if before:
            found.append(column < before)
    return found


def _below(folder: str) -> ColumnElement[bool]:
    inside = col(Job.folder).startswith(f"{folder}/", autoescape=True) if folder else col(Job.folder).is_not(None)
    return or_(col(Job.folder) == folder, inside)


async def _ran_on(session: AsyncSession, actor: Actor, target: str) -> ColumnElement[bool]:
    """Runs on a target in sight; a key also finds the runs of a target that is gone."""
    keys = await _target_keys(session, actor, target)
    return col(JobRun.id).in_(select(JobRunTarget.run_id).where(col(JobRunTarget.target_id).in_(keys)))


async def _target_keys(session: AsyncSession, actor: Actor, target: str) -> Sequence[str]:
    scope = actor.scope(Permission.TARGETS_VIEW)
    query = select(Target.id).where(in_groups(scope, Target.groups))
    try:
        key = UUID(target)
    except ValueError:
        query = query.where(func.lower(Target.name) == target.lower())
    else:
        if scope.everywhere:
            return [str(key)]
        query = query.where(col(Target.id) == key)
    return [str(found) for found in await session.scalars(query)]


async def _mentions(session: AsyncSession, q: str) -> ColumnElement[bool]:
    values = {"wanted": q.lower()}
    jobs = (await session.scalars(_JOB_NAMES, values)).all()
    people = (await session.scalars(_PEOPLE, values)).all()
    return or_(col(JobRun.job_name).in_(jobs), col(JobRun.requested_by).in_(people))


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Runs of the jobs whose folder the actor may look into."""
    scope = actor.scope(Permission.JOBS_VIEW)
    return col(JobRun.job_id).in_(select(Job.id).where(in_folders(scope, Job.folder)))
