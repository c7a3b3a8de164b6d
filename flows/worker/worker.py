"""The Prefect worker of type `opsconductor`, as its work pool sees it.

Runs do not come this way: the dispatcher hears of them from our own record. What the pool is polled for are
flow runs that somebody started in Prefect itself.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar
from uuid import UUID

from anyio.abc import TaskStatus
from prefect import Flow
from prefect.client.schemas.objects import FlowRun
from prefect.flow_engine import run_flow_async
from prefect.states import Cancelled
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult

from flows.deployments import BASE_JOB_TEMPLATE, WORKER_TYPE

_log = logging.getLogger(__name__)

Adopt = Callable[[UUID], Awaitable[bool]]

REFUSAL = (
    "Jobs are started in OpsConductor, which freezes the targets and checks who may start them; a run that was "
    "started in Prefect has neither. Start this job from the portal or with `opsconductor run start`."
)


class OpsConductorWorkerResult(BaseWorkerResult):
    """What became of a flow run that the pool had scheduled."""


class OpsConductorWorker(BaseWorker[BaseJobConfiguration, BaseVariables, OpsConductorWorkerResult]):
    """Runs OpsConductor jobs in processes forked from a warm interpreter.

    Start it with `python -m flows.worker`: the record of runs, the broker of credentials and the fork server
    belong to it.
    """

    type: ClassVar[str] = WORKER_TYPE  # pyright: ignore[reportIncompatibleVariableOverride]
    job_configuration = BaseJobConfiguration
    adopt: Adopt | None = None

    _documentation_url = "https://opsconductor.readthedocs.io/worker/"
    _description = "Run OpsConductor jobs in processes forked from a warm interpreter."

    @classmethod
    def get_default_base_job_template(cls) -> dict[str, Any]:
        """Our template, which has no command, environment or working directory."""
        return BASE_JOB_TEMPLATE

    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration,
        task_status: TaskStatus[int] | None = None,
    ) -> OpsConductorWorkerResult:
        """Do maintenance, give a flow run of our record to the dispatcher, refuse any other with the reason."""
        if task_status is not None:
            task_status.started(0)
        maintenance = await self._maintenance(flow_run)
        if maintenance is not None:
            await asyncio.to_thread(_maintain, maintenance, flow_run)
        elif not await self._adopted(flow_run):
            _log.warning("flow run %s was started in Prefect and is refused", flow_run.id)
            await self.client.set_flow_run_state(flow_run.id, Cancelled(message=REFUSAL), force=True)
        return OpsConductorWorkerResult(identifier=str(flow_run.id), status_code=0)

    async def _maintenance(self, flow_run: FlowRun) -> Flow[..., Any] | None:
        """The flow, when the deployment names one of ours; its code comes from this installation only."""
        if flow_run.deployment_id is None:
            return None
        from flows.maintenance import FLOWS

        deployment = await self.client.read_deployment(flow_run.deployment_id)
        return FLOWS.get(deployment.entrypoint or "")

    async def _adopted(self, flow_run: FlowRun) -> bool:
        try:
            run_id = UUID(str(flow_run.parameters.get("run_id")))
        except ValueError:
            return False
        return self.adopt is not None and await self.adopt(run_id)


def _maintain(flow: Flow[..., Any], flow_run: FlowRun) -> None:
    """Run a maintenance flow, in a thread with an event loop of its own; Prefect shows how it went."""
    asyncio.run(run_flow_async(flow, flow_run=flow_run, parameters=flow_run.parameters, return_type="state"))
