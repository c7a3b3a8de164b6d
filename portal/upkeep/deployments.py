"""Prefect's deployments follow our jobs."""

from uuid import UUID

import structlog
from sqlmodel import col, or_, select, update

from flows.ledger.tables import PublishedJob
from flows.plan import Plan
from opsconductor.errors import OpsError
from portal.gateway import Gateway
from portal.jobs.models import Job
from portal.kit.database import Sessions
from portal.kit.wakeup import UPKEEP_CHANNEL, notify

_log = structlog.stdlib.get_logger("portal.upkeep")
_BEHIND = select(Job.id).where(
    or_(
        col(Job.deleted_at).is_(None) & col(Job.deployed_version).is_distinct_from(col(Job.version)),
        col(Job.deleted_at).is_not(None) & col(Job.deployment_id).is_not(None),
    )
)


async def move_deployments(sessions: Sessions, gateway: Gateway) -> bool:
    """Have jobs deployed again that are in another work pool than they should be, as after a change of settings."""
    misplaced = await gateway.find_misplaced()
    if misplaced:
        async with sessions() as session, session.begin():
            moved = update(Job).where(col(Job.deployment_id).in_(misplaced)).values(deployed_version=None)
            await session.execute(moved)
            await notify(session, UPKEEP_CHANNEL)
    return False


async def deploy_jobs(sessions: Sessions, gateway: Gateway) -> bool:
    """Tell Prefect of every job it does not know as it is now; says whether some are left."""
    async with sessions() as session:
        behind = (await session.scalars(_BEHIND)).all()
    left = False
    for job_id in behind:
        left |= not await _deploy(sessions, gateway, job_id)
    return left


async def _deploy(sessions: Sessions, gateway: Gateway, job_id: UUID) -> bool:
    async with sessions() as session, session.begin():
        # Of several portals, one does it: the others pass over a locked row.
        query = _BEHIND.with_only_columns(Job).where(col(Job.id) == job_id).with_for_update(skip_locked=True)
        job = (await session.scalars(query)).one_or_none()
        if job is None:
            return True
        try:
            if job.deleted_at is not None and job.deployment_id is not None:
                await gateway.withdraw(job.id)
                job.deployment_id = job.deployed_version = None
            else:
                published = await session.get_one(PublishedJob, (job.id, job.version))
                job.deployment_id = await gateway.deploy(job.id, job.version, Plan.model_validate(published.plan))
                job.deployed_version = job.version
            job.deployment_error = ""
        except OpsError as error:
            _log.warning("job.not_deployed", job=job.name, error=str(error))
            job.deployment_error = str(error)
            return False
    return True
