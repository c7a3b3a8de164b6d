"""Every run that goes on has a flow run in Prefect, for people to see."""

import structlog
from sqlmodel import col, select, update

from flows.ledger.tables import JobRun
from opsconductor.errors import OpsError
from portal.gateway import FlowRunOrder, Gateway
from portal.handover.models import RunToken
from portal.jobs.models import Job
from portal.kit.database import Sessions

_log = structlog.stdlib.get_logger("portal.upkeep")
_UNSEEN = (
    select(JobRun, Job.deployment_id, select(RunToken.run_id).where(col(RunToken.run_id) == col(JobRun.id)).exists())
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
    for run, deployment_id, stock in unseen:
        if deployment_id is not None:
            name = f"{run.job_name} {run.id.hex[-8:]}"
            order = FlowRunOrder(deployment_id, run.id, run.epoch, name, run.parameters, scheduled=stock)
            left |= not await _create(sessions, gateway, run, order)
    return left


async def _create(sessions: Sessions, gateway: Gateway, run: JobRun, order: FlowRunOrder) -> bool:
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
