"""What the runs endpoints depend on."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Query

from portal.audit.log import AuditDep
from portal.authz.actor import Actor
from portal.authz.guard import require
from portal.authz.permissions import Permission
from portal.credentials.deps import CredentialsDep
from portal.handover.deps import RunTokensDep
from portal.identity.deps import SettingsDep
from portal.jobs.deps import JobsDep
from portal.kit.database import SessionDep
from portal.kit.text import Line
from portal.kit.wakeup import WakeupDep
from portal.targets.deps import TargetsDep

from .repository import RunFilter, RunRepository
from .schemas import IdempotencyKey, RunOutcomeName, Status
from .starting import Books


def get_runs(session: SessionDep) -> RunRepository:
    """Runs."""
    return RunRepository(session)


RunsDep = Annotated[RunRepository, Depends(get_runs)]


def get_books(
    runs: RunsDep,
    jobs: JobsDep,
    targets: TargetsDep,
    credentials: CredentialsDep,
    audit: AuditDep,
    wakeup: WakeupDep,
    run_tokens: RunTokensDep,
    settings: SettingsDep,
) -> Books:
    """Everything that starting a run reads and writes."""
    return Books(runs, jobs, targets, credentials, audit, wakeup, run_tokens if settings.stock_worker else None)


def get_filter(
    status: Annotated[Status | None, Query(description="Only runs of this status.")] = None,
    outcome: Annotated[RunOutcomeName | None, Query(description="Only runs that ended so.")] = None,
    job_id: Annotated[UUID | None, Query(description="Only runs of this job.")] = None,
    sort: Annotated[Line, Query(description="created_at or -created_at.")] = "-created_at",
) -> RunFilter:
    """Which runs to list."""
    return RunFilter(status, outcome, job_id, sort)


BooksDep = Annotated[Books, Depends(get_books)]
FilterDep = Annotated[RunFilter, Depends(get_filter)]
KeyDep = Annotated[
    IdempotencyKey | None,
    Header(alias="Idempotency-Key", description="The same request with the same key again finds the same run."),
]
MayView = Annotated[Actor, Depends(require(Permission.JOBS_VIEW))]
MayRun = Annotated[Actor, Depends(require(Permission.JOBS_RUN))]
MayCancel = Annotated[Actor, Depends(require(Permission.JOBS_CANCEL))]
MayDecide = Annotated[Actor, Depends(require(Permission.APPROVALS_DECIDE))]
