"""Every run that goes on has a flow run in Prefect, for people to see."""

from uuid import UUID

import structlog
from sqlmodel import col, select, update

from flows.ledger.tables import JobRun
from opsconductor.errors import OpsError
from portal.gateway import FlowRunOrder, Gateway
from portal.jobs.models import Job
from portal.kit.database import Sessions

_log = structlog.stdlib.get_logger("portal.upkeep")
_UNSEEN = (
    select(JobRun, Job.deployment_id)
    .join(Job, col(Job.id) == col(JobRun.job_id))
    .where(col(JobRun.status) != "ended", col(JobRun.prefect_flow_run_id).is_(None))
    .where(col(Job.deployment_id).is_not(None))
    .order_by(col(JobRun.id))
    .limit(100)
)


async def create_flow_runs(sessions: Sessions, gateway: Gateway) -> bool:
    """Make the flow runs that are missing; says whether some are left."""
    async with sessions() as session:
        unseen = (await session.execute(_UNSEEN)).all()
    left = False
    for run, deployment_id in unseen:
        if deployment_id is not None:
            left |= not await _create(sessions, gateway, run, deployment_id)
    return left


async def _create(sessions: Sessions, gateway: Gateway, run: JobRun, deployment_id: UUID) -> bool:
    order = FlowRunOrder(deployment_id, run.id, run.epoch, f"{run.job_name} {run.id.hex[-8:]}", run.parameters)
    try:
        flow_run_id = await gateway.create_flow_run(order)
    except OpsError as error:
        _log.warning("run.not_shown", run_id=str(run.id), error=str(error))
        return False
    async with sessions() as session, session.begin():
        await session.execute(
            update(JobRun)
            .where(col(JobRun.id) == run.id, col(JobRun.epoch) == run.epoch)
            .where(col(JobRun.prefect_flow_run_id).is_(None))
            .values(prefect_flow_run_id=flow_run_id)
        )
    return True
