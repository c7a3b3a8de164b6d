"""The gateway against a real Prefect server."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentUpdate, WorkPoolCreate
from prefect.exceptions import ObjectNotFound
from prefect.settings import get_current_settings
from prefect.testing.utilities import prefect_test_harness

from blocks.documents import open_document
from blocks.keyring import Keyring
from flows.compiler import compile_job
from flows.maintenance_plan import MAINTENANCE
from opsconductor.errors import UnavailableError
from opsconductor.sdk.credential import Secret
from opsconductor.sdk.job import parse_yaml
from portal.credentials.sealing import Sealer
from portal.gateway import FlowRunOrder
from portal.prefect_gateway import PrefectGateway
from steplib.loader import load

from .world import JOB

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def prefect_api_url() -> Iterator[str]:
    with prefect_test_harness(server_startup_timeout=120):
        url = get_current_settings().api.url
        assert url is not None
        yield url


@pytest.fixture
async def prefect(prefect_api_url: str) -> AsyncIterator[PrefectGateway]:
    gateway = PrefectGateway(prefect_api_url, "opsconductor")
    yield gateway
    await gateway.close()


async def test_a_job_becomes_a_deployment_and_a_run_a_flow_run(prefect: PrefectGateway):
    job_id, run_id = uuid4(), uuid4()
    plan = compile_job(parse_yaml(JOB), load())
    deployment_id = await prefect.deploy(job_id, 1, plan)
    assert await prefect.deploy(job_id, 2, plan) == deployment_id, "the next version is the same deployment"
    order = FlowRunOrder(deployment_id, run_id, 1, "look 1234", {"unit": "sshd.service"})
    flow_run_id = await prefect.create_flow_run(order)
    assert await prefect.create_flow_run(order) == flow_run_id, "asked twice, made once"
    async with get_client() as client:
        deployment = await client.read_deployment(deployment_id)
        flow_run = await client.read_flow_run(flow_run_id)
    assert (deployment.name, deployment.version, deployment.entrypoint) == (
        plan.name,
        "2",
        f"flows.jobs:j_{job_id.hex}",
    )
    assert flow_run.parameters == {"unit": "sshd.service", "run_id": str(run_id)}
    assert flow_run.state is not None
    assert flow_run.state.is_pending(), "no polling worker takes it"
    await prefect.withdraw(job_id)
    await prefect.withdraw(job_id)


async def test_a_younger_job_of_the_same_name_keeps_its_deployment(prefect: PrefectGateway):
    plan, deleted, younger = compile_job(parse_yaml(JOB), load()), uuid4(), uuid4()
    await prefect.deploy(deleted, 1, plan)
    deployment_id = await prefect.deploy(younger, 1, plan)
    await prefect.withdraw(deleted)
    async with get_client() as client:
        assert (await client.read_deployment(deployment_id)).entrypoint == f"flows.jobs:j_{younger.hex}"
    await prefect.withdraw(younger)
    async with get_client() as client:
        with pytest.raises(ObjectNotFound):
            await client.read_deployment(deployment_id)


async def test_a_run_for_a_stock_worker_is_scheduled_in_its_pool(prefect_api_url: str):
    job_id, plan = uuid4(), compile_job(parse_yaml(JOB), load())
    async with get_client() as client:
        await client.create_work_pool(WorkPoolCreate(name="elsewhere", type="process"))
        stock = PrefectGateway(prefect_api_url, "elsewhere")
        deployment_id = await stock.deploy(job_id, 1, plan)
        flow_run_id = await stock.create_flow_run(FlowRunOrder(deployment_id, uuid4(), 1, "x", {}, scheduled=True))
        flow_run = await client.read_flow_run(flow_run_id)
    assert flow_run.state is not None
    assert (flow_run.state.type.value, flow_run.work_pool_name) == ("SCHEDULED", "elsewhere")
    ours = PrefectGateway(prefect_api_url, "opsconductor")
    assert (list(await stock.find_misplaced()), list(await ours.find_misplaced())) == ([], [deployment_id])
    await stock.close()
    await ours.close()


async def test_missing_maintenance_is_deployed_and_the_rest_is_left_alone(prefect: PrefectGateway):
    names = [one.full_name for one in MAINTENANCE]
    assert list(await prefect.deploy_maintenance()) == names
    async with get_client() as client:
        kept = await client.read_deployment_by_name("opsconductor retention/daily")
        await client.update_deployment(kept.id, DeploymentUpdate(parameters={"output_days": 7}, paused=True))
        gone = await client.read_deployment_by_name("opsconductor target health/every-minute")
        await client.delete_deployment(gone.id)
        assert list(await prefect.deploy_maintenance()) == ["opsconductor target health/every-minute"]
        assert list(await prefect.deploy_maintenance()) == []
        after = await client.read_deployment(kept.id)
        made = [await client.read_deployment_by_name(name) for name in names]
    assert (after.parameters["output_days"], after.paused) == (7, True)
    assert [len(one.schedules) for one in made] == [1, 1, 1]
    assert {one.work_pool_name for one in made} == {"opsconductor"}


async def test_a_sealed_credential_lies_in_a_block(prefect: PrefectGateway, tmp_path: Path):
    keyring = Keyring.create(tmp_path / "keyring.json")
    order = (await Sealer(tmp_path / "keyring.json").seal("secret_text", {"text": "s3cret"}, uuid4(), 1)).order
    key = await prefect.save_block(order)
    assert await prefect.save_block(order) == key, "a transaction that failed leaves no second one"
    async with get_client() as client:
        document = await client.read_block_document(key, include_secrets=True)
    assert "s3cret" not in document.model_dump_json()
    assert open_document(order.block_type, document.data, keyring) == Secret("s3cret")
    await prefect.delete_block(key)
    await prefect.delete_block(key)


async def test_a_prefect_that_is_away_is_unavailable():
    gateway = PrefectGateway("http://127.0.0.1:9/api", "opsconductor")
    assert await gateway.healthy() is False
    with pytest.raises(UnavailableError):
        await gateway.withdraw(uuid4())
    await gateway.close()
