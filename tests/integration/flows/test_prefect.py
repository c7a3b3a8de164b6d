"""Jobs as Prefect shows them: a real Prefect server, a real record, fake machines."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect import Flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun, State, TaskRun
from prefect.settings import temporary_settings

from flows.engine.session import prepare
from flows.plan import Plan, PlannedParameter
from flows.prefect_flow import to_flow
from opsconductor.sdk.outcome import RunOutcome
from opsconductor.sdk.transport import CommandOutput
from tests.doubles.fake_connector import FakeConnector
from tests.unit.flows.engine.stage import FAIL, LOGIN, Author

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore")]  # Prefect's own warnings are not ours
SECRET = LOGIN.password.reveal() if LOGIN.password else ""


def plan(a: Author, name: str = "restart web") -> Plan:
    nodes = (a.step("probe"), a.step("restart", "probe"), a.tell("mail", ("restart", "always")))
    return Plan(
        name=name,
        description="Restarts the web server.",
        nodes=nodes,
        parameters=(
            PlannedParameter(
                name="unit",
                type="string",
                json_schema={"type": "string", "pattern": r"^[\w@.-]+\.service$"},
                required=False,
                default="nginx.service",
                description="Unit to restart.",
            ),
            PlannedParameter(
                name="tries", type="integer", json_schema={"type": "integer", "minimum": 0, "maximum": 5}, required=True
            ),
            PlannedParameter(name="token", type="secret", json_schema={}, required=True),
        ),
    )


class Shown:
    """What Prefect knows of one flow run."""

    def __init__(self, flow_run: FlowRun, tasks: list[TaskRun], artifacts: list[Any]) -> None:
        self.flow_run = flow_run
        self.tasks = {task.name: task for task in tasks}
        self.artifacts = artifacts

    @property
    def state(self) -> State[Any]:
        assert self.flow_run.state is not None
        return self.flow_run.state


async def shown(client: PrefectClient, flow_run_id: UUID, tasks: int) -> Shown:
    """Everything Prefect shows of a run, once its task runs have arrived there as events."""
    one = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id]))
    async with asyncio.timeout(30):
        while True:
            found = await client.read_task_runs(flow_run_filter=one)
            if len(found) >= tasks and all(task.state and task.state.is_final() for task in found):
                break
            await asyncio.sleep(0.05)
    answer = await client._client.post("/artifacts/filter", json={"flow_runs": {"id": {"any_": [str(flow_run_id)]}}})
    return Shown(await client.read_flow_run(flow_run_id), found, answer.json())


async def run_flow(flow: Flow[..., Any], client: PrefectClient, **parameters: Any) -> UUID:
    """Run a flow as a worker does: the flow run exists first."""
    from prefect.flow_engine import run_flow_async

    flow_run = await client.create_flow_run(flow, parameters=parameters)
    await run_flow_async(flow, flow_run=flow_run, parameters=parameters, return_type="state")
    return flow_run.id


@pytest.fixture
def go(client: PrefectClient, publish: Any, start: Any, session: Any) -> Callable[..., Any]:
    """Run a job to its end under Prefect; what Prefect shows of it."""

    async def run(job: Plan, connector: FakeConnector, targets: int, tasks: int) -> Shown:
        job_id = publish(job)
        run_id = start(job_id, targets)
        prepare(run_id, session(run_id, connector))
        flow_run_id = await run_flow(to_flow(job, job_id), client, tries=1, run_id=str(run_id))
        return await shown(client, flow_run_id, tasks)

    return run


async def test_prefect_shows_every_host_and_why_one_failed(go: Callable[..., Any]) -> None:
    connector = FakeConnector()
    connector.machine("h1").answers["do restart"] = CommandOutput(exit_code=3, stderr=f"no {SECRET} here")
    seen = await go(plan(Author()), connector, 3, 7)
    assert (seen.state.type.value, seen.state.name) == ("FAILED", "Partial")
    assert "2 of 3 targets succeeded" in seen.state.message
    assert "h1 (restart: `do` ended with exit code 3: no [redacted] here)" in seen.state.message
    names = {f"{step}: h{place}" for step in ("probe", "restart") for place in range(3)} | {"mail: run"}
    assert seen.tasks.keys() == names
    failed = seen.tasks["restart: h1"].state
    assert failed is not None
    assert failed.is_failed()
    assert failed.message == "1 failed: h1: `do` ended with exit code 3: no [redacted] here"
    assert all(task.state and task.state.is_completed() for name, task in seen.tasks.items() if name != "restart: h1")
    assert [artifact["key"] for artifact in seen.artifacts] == ["result"]
    assert "| h1 | restart: " in seen.artifacts[0]["data"]
    everything = json.dumps([seen.artifacts, seen.flow_run.model_dump(mode="json")], default=str) + "".join(
        task.model_dump_json() for task in seen.tasks.values()
    )
    assert SECRET not in everything


async def test_prefect_shows_chunks_of_a_large_fleet(go: Callable[..., Any]) -> None:
    connector = FakeConnector()
    connector.machine("h17").answers["do probe"] = FAIL
    seen = await go(plan(Author(), "large"), connector, 500, 5)
    assert len(seen.tasks) == 5
    assert "probe: h0 … h249 (250)" in seen.tasks
    failed = seen.tasks["probe: h0 … h249 (250)"].state
    assert failed is not None
    assert failed.message == "249 changed, 1 failed: h17: `do` ended with exit code 1: it broke"


async def test_final_states_tell_how_the_run_ended(go: Callable[..., Any]) -> None:
    good = await go(plan(Author(), "good"), FakeConnector(), 1, 3)
    assert (good.state.name, good.state.message) == ("Completed", "succeeded: 1 of 1 targets succeeded")
    connector = FakeConnector()
    connector.machine("h0").answers["do probe"] = FAIL
    bad = await go(plan(Author(), "bad"), connector, 1, 2)
    assert (bad.state.type.value, bad.state.name) == ("FAILED", "Failed")
    nobody = await go(plan(Author(), "nobody"), FakeConnector(), 0, 0)
    assert (nobody.state.name, nobody.state.message) == ("Completed", "no_targets: nothing was done")


async def test_a_cancelled_run_is_cancelled_in_prefect(
    client: PrefectClient, publish: Any, start: Any, session: Any, query: Any
) -> None:
    job = plan(Author(), "cancelled")
    job_id = publish(job)
    run_id = start(job_id, 2)
    query("UPDATE job_runs SET cancel_requested_at = now(), cancel_requested_by = 'ada' WHERE id = %s", run_id)
    prepare(run_id, session(run_id, FakeConnector()))
    seen = await shown(client, await run_flow(to_flow(job, job_id), client, tries=1, run_id=str(run_id)), 0)
    assert (seen.state.type.value, seen.state.name) == ("CANCELLED", "Cancelled")
    assert seen.tasks == {}


async def test_a_flow_run_without_a_run_says_what_to_do(client: PrefectClient) -> None:
    seen = await shown(client, await run_flow(to_flow(plan(Author(), "alone"), uuid4()), client, tries=1), 0)
    assert seen.state.is_failed()
    assert "start the job in OpsConductor" in seen.state.message


async def test_a_run_that_has_ended_is_not_done_again(
    client: PrefectClient, publish: Any, start: Any, session: Any, query: Any
) -> None:
    job = plan(Author(), "ended")
    job_id = publish(job)
    run_id = start(job_id, 1)
    query("UPDATE job_runs SET status = 'ended', outcome = 'succeeded' WHERE id = %s", run_id)
    prepare(run_id, session(run_id, FakeConnector()))
    seen = await shown(client, await run_flow(to_flow(job, job_id), client, tries=1, run_id=str(run_id)), 0)
    assert (seen.state.type.value, seen.state.name) == ("CANCELLED", "NotClaimed")
    assert "has ended: succeeded" in seen.state.message


async def test_parameters_arrive_with_their_schema() -> None:
    schema = to_flow(plan(Author()), uuid4()).parameters.model_dump()
    assert schema["properties"]["unit"]["pattern"] == r"^[\w@.-]+\.service$"
    assert schema["properties"]["unit"]["default"] == "nginx.service"
    assert schema["properties"]["unit"]["description"] == "Unit to restart."
    assert schema["properties"]["tries"]["maximum"] == 5
    assert schema["properties"]["token"]["format"] == "opsconductor-credential"
    assert schema["required"] == ["tries"]
    assert "run_id" in schema["properties"]


async def test_every_published_job_can_be_imported(record: str, publish: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.flows import load_flow_from_entrypoint

    import flows.jobs

    monkeypatch.setenv("OPSCONDUCTOR_RUN_DATABASE_URL", record)
    job_id = publish(plan(Author(), "a/b job"))
    with temporary_settings():
        flow = await asyncio.to_thread(load_flow_from_entrypoint, flows.jobs.entrypoint(job_id))
    assert flow.name == "a-b job"
    with pytest.raises(AttributeError, match="never published"):
        getattr(flows.jobs, f"j_{uuid4().hex}")
    with pytest.raises(AttributeError, match="has no"):
        _ = flows.jobs.something


def test_every_outcome_has_a_state() -> None:
    from flows.engine import Conclusion
    from flows.prefect_flow import final_state

    states = {outcome: final_state(Conclusion(outcome, "why")) for outcome in RunOutcome}
    assert {outcome.value: (state.type.value, state.name) for outcome, state in states.items()} == {
        "succeeded": ("COMPLETED", "Completed"),
        "partial": ("FAILED", "Partial"),
        "failed": ("FAILED", "Failed"),
        "cancelled": ("CANCELLED", "Cancelled"),
        "no_targets": ("COMPLETED", "Completed"),
        "unknown": ("FAILED", "Unknown"),
    }


async def test_a_stock_process_worker_runs_a_published_job(
    client: PrefectClient, record: str, publish: Any, start: Any, query: Any
) -> None:
    """What Prefect's own worker starts: a fresh interpreter, the deployment's entrypoint, and nothing prepared."""
    from prefect.settings import get_current_settings

    from flows.plan import Binding, PlannedStep

    step = PlannedStep(
        ord=0,
        id="say",
        scope="target",
        uses="core/log@1",
        library_version="1.0.0",
        effect="read",
        arguments={"message": Binding(value="hello ${{ target.name }}")},
    )
    job = Plan(name="stock", nodes=(step,))
    job_id = publish(job)
    run_id = start(job_id, 2)
    query("UPDATE job_runs SET credentials = '{}' WHERE id = %s", run_id)
    flow_id = await client.create_flow(to_flow(job, job_id))
    deployment = await client.create_deployment(flow_id, name="stock", entrypoint=f"flows.jobs:j_{job_id.hex}")
    flow_run = await client.create_flow_run_from_deployment(
        deployment, parameters={"run_id": str(run_id)}, idempotency_key=f"{run_id}:0"
    )
    environment = {
        **os.environ,
        **get_current_settings().to_environment_variables(exclude_unset=True),
        "PREFECT__FLOW_RUN_ID": str(flow_run.id),
        "OPSCONDUCTOR_RUN_DATABASE_URL": record,
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "prefect.engine", env=environment)
    async with asyncio.timeout(60):
        assert await process.wait() == 0
    seen = await shown(client, flow_run.id, 2)
    assert (seen.state.name, seen.state.message) == ("Completed", "succeeded: 2 of 2 targets succeeded")
    assert query("SELECT outcome, prefect_flow_run_id FROM job_runs WHERE id = %s", run_id) == [
        ("succeeded", flow_run.id)
    ]
    assert query("SELECT summary FROM job_run_steps WHERE run_id = %s ORDER BY 1", run_id) == [
        ("hello h0",),
        ("hello h1",),
    ]
