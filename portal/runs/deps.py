"""What the runs endpoints depend on."""

from typing import Annotated

from fastapi import Depends, Header

from portal.audit.log import AuditDep
from portal.authz.actor import Actor
from portal.authz.guard import require
from portal.authz.permissions import Permission
from portal.credentials.deps import CredentialsDep
from portal.handover.deps import RunTokensDep
from portal.identity.deps import SettingsDep
from portal.jobs.deps import JobsDep
from portal.kit.database import SessionDep
from portal.kit.wakeup import WakeupDep
from portal.targets.deps import TargetsDep

from .filtering import RunFilter
from .repository import RunRepository
from .schemas import IdempotencyKey
from .starting import Books


async def get_runs(session: SessionDep) -> RunRepository:
    """Runs."""
    return RunRepository(session)


RunsDep = Annotated[RunRepository, Depends(get_runs)]


async def get_books(
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


BooksDep = Annotated[Books, Depends(get_books)]
FilterDep = Annotated[RunFilter, Depends()]
KeyDep = Annotated[
    IdempotencyKey | None,
    Header(alias="Idempotency-Key", description="The same request with the same key again finds the same run."),
]
MayView = Annotated[Actor, Depends(require(Permission.JOBS_VIEW))]
MayRun = Annotated[Actor, Depends(require(Permission.JOBS_RUN))]
MayCancel = Annotated[Actor, Depends(require(Permission.JOBS_CANCEL))]
MayDecide = Annotated[Actor, Depends(require(Permission.APPROVALS_DECIDE))]
