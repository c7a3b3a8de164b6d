"""Maintenance is deployed where it is missing; what somebody changed, paused or deployed by hand is left as it is."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.exceptions import ObjectNotFound

from .deployments import WORK_POOL, ensure_work_pool
from .maintenance import FLOWS
from .maintenance_plan import MAINTENANCE, MAINTENANCE_TAG, Maintenance

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""From where intervals are counted: the same for whoever deploys."""


async def deploy_missing(client: PrefectClient) -> Sequence[str]:
    """Deploy the maintenance flows that Prefect does not know; gives the names of those.

    They go to the pool of the warm worker, wherever jobs go: it does the maintenance.
    """
    made: list[str] = []
    for wanted in MAINTENANCE:
        try:
            await client.read_deployment_by_name(wanted.full_name)
        except ObjectNotFound:
            if not made:
                await ensure_work_pool(client)
            await _deploy(client, wanted)
            made.append(wanted.full_name)
    return made


async def _deploy(client: PrefectClient, wanted: Maintenance) -> None:
    flow = FLOWS[wanted.entrypoint]
    await client.create_deployment(
        flow_id=await client.create_flow(flow),
        name=wanted.name,
        description=wanted.description,
        entrypoint=wanted.entrypoint,
        path=".",
        work_pool_name=WORK_POOL,
        tags=[MAINTENANCE_TAG],
        parameters=dict(wanted.parameters),
        parameter_openapi_schema=flow.parameters.model_dump(exclude_unset=True),
        enforce_parameter_schema=True,
        schedules=[DeploymentScheduleCreate(schedule=_schedule(wanted), active=True)],
        paused=False,
    )


def _schedule(wanted: Maintenance) -> CronSchedule | IntervalSchedule:
    if wanted.cron is not None:
        return CronSchedule(cron=wanted.cron, timezone="UTC")
    return IntervalSchedule(interval=timedelta(seconds=wanted.interval_seconds or 0), anchor_date=_EPOCH)
