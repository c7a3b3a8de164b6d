"""Our jobs as Prefect deployments, and our runs as Prefect flow runs.

Everything can be repeated: a deployment is found by the tag of its job, a flow run by `run_id:epoch`.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.states import Pending, Scheduled

WORK_POOL: Final = "opsconductor"
WORKER_TYPE: Final = "opsconductor"
TAG: Final = "opsconductor"
_PAGE: Final = 200

# No command, environment or working directory: whoever may edit a deployment must not choose what our
# worker executes.
BASE_JOB_TEMPLATE: Final[dict[str, Any]] = {
    "job_configuration": {"name": "{{ name }}"},  # Prefect wants at least one
    "variables": {
        "type": "object",
        "properties": {"name": {"type": "string", "title": "Name", "description": "Label of the flow process."}},
        "additionalProperties": False,
    },
}


def job_tag(job_id: UUID) -> str:
    """Tag of a job's deployment, the same for all its versions and names."""
    return f"j_{job_id.hex}"


def entrypoint(job_id: UUID) -> str:
    """How any Prefect worker imports the job's flow."""
    return f"flows.jobs:j_{job_id.hex}"


def idempotency_key(run_id: UUID, epoch: int) -> str:
    """Names the flow run of one epoch of one run."""
    return f"{run_id}:{epoch}"


async def ensure_work_pool(client: PrefectClient, name: str = WORK_POOL) -> None:
    """Make our work pool, or set its template right. A pool of another type is left as it is."""
    try:
        await client.create_work_pool(WorkPoolCreate(name=name, type=WORKER_TYPE, base_job_template=BASE_JOB_TEMPLATE))
    except ObjectAlreadyExists:
        pool = await client.read_work_pool(name)
        if pool.type == WORKER_TYPE and pool.base_job_template != BASE_JOB_TEMPLATE:
            await client.update_work_pool(name, WorkPoolUpdate(base_job_template=BASE_JOB_TEMPLATE))


async def deploy(
    client: PrefectClient,
    flow: Flow[Any, Any],
    job_id: UUID,
    version: int,
    *,
    description: str = "",
    work_pool: str = WORK_POOL,
) -> UUID:
    """Make the deployment of a job, or bring it to this version. People see it under the job's name.

    Args:
        client: An open client.
        flow: The job's flow, from `to_flow`.
        job_id: The job.
        version: Version of the job that the flow was made of.
        description: What people read about it.
        work_pool: Name of the work pool whose workers run it; ours is made when it is missing.

    Returns:
        Prefect's id of the deployment.
    """
    if work_pool == WORK_POOL:
        await ensure_work_pool(client, work_pool)
    flow_id, former = await asyncio.gather(client.create_flow(flow), _deployments(client, job_id))
    deployment_id = await client.create_deployment(
        flow_id=flow_id,
        name=flow.name,
        version=str(version),
        description=description,
        entrypoint=entrypoint(job_id),
        path=".",
        work_pool_name=work_pool,
        tags=[TAG, job_tag(job_id)],
        parameter_openapi_schema=flow.parameters.model_dump(exclude_unset=True),
        enforce_parameter_schema=True,
        paused=False,
    )
    for other in former:
        if other.id != deployment_id:  # of the flow that bore the job's former name
            await _delete(client, other.id)
    return deployment_id


async def find_deployment(client: PrefectClient, job_id: UUID) -> UUID | None:
    """Prefect's id of a job's deployment."""
    found = await _deployments(client, job_id)
    return found[0].id if found else None


async def set_paused(client: PrefectClient, deployment_id: UUID, *, paused: bool) -> None:
    """Stop Prefect from scheduling a deployment, or let it again."""
    change = client.pause_deployment if paused else client.resume_deployment
    await change(deployment_id)


async def withdraw(client: PrefectClient, job_id: UUID) -> None:
    """Remove the deployment of a job; one that is gone already is fine.

    It goes by the job's tag: a younger job of the same name may have taken the deployment over.
    """
    for deployment in await _deployments(client, job_id):
        await _delete(client, deployment.id)


async def _delete(client: PrefectClient, deployment_id: UUID) -> None:
    try:
        await client.delete_deployment(deployment_id)
    except ObjectNotFound:
        return


async def create_flow_run(
    client: PrefectClient,
    deployment_id: UUID,
    run_id: UUID,
    epoch: int,
    *,
    name: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    scheduled: bool = False,
) -> FlowRun:
    """The flow run of one epoch of a run; made once, found again afterwards.

    It is born Pending, so that workers which poll the pool leave it alone, unless one of them is to run it.

    Args:
        client: An open client.
        deployment_id: Deployment of the run's job.
        run_id: The run.
        epoch: Its epoch.
        name: What people see; Prefect makes one up when absent.
        parameters: The run's parameters for display; none of them is a secret.
        scheduled: Whether a worker of the deployment's pool takes it from there.
    """
    return await client.create_flow_run_from_deployment(
        deployment_id,
        parameters={**(parameters or {}), "run_id": str(run_id)},
        state=Scheduled() if scheduled else Pending(),
        name=name,
        idempotency_key=idempotency_key(run_id, epoch),
        tags=[TAG],
    )


async def settle_flow_run(client: PrefectClient, flow_run_id: UUID, state: State[Any]) -> None:
    """Give a flow run that nobody runs any more its last state; one that has one keeps it."""
    flow_run = await client.read_flow_run(flow_run_id)
    if flow_run.state is None or not flow_run.state.is_final():
        await client.set_flow_run_state(flow_run_id, state, force=True)


async def _deployments(client: PrefectClient, job_id: UUID) -> list[DeploymentResponse]:
    tagged = DeploymentFilter(tags=DeploymentFilterTags(all_=[job_tag(job_id)]))
    return await client.read_deployments(deployment_filter=tagged)


async def find_misplaced(client: PrefectClient, work_pool: str) -> list[UUID]:
    """Deployments of jobs that are in another work pool than this one."""
    ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
    found: list[DeploymentResponse] = []
    while page := await client.read_deployments(deployment_filter=ours, limit=_PAGE, offset=len(found)):
        found += page
    return [deployment.id for deployment in found if deployment.work_pool_name != work_pool]
