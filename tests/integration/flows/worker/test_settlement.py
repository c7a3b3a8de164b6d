"""Flow runs that were left behind, in the real Prefect server."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect import get_client
from psycopg_pool import AsyncConnectionPool

from flows.deployments import create_flow_run, deploy
from flows.prefect_flow import to_flow
from flows.worker.handover import PrefectAddress
from flows.worker.settlement import settle

from .conftest import shell_plan
from .test_runs import Order, Query, shown

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore")]  # Prefect's own warnings are not ours


async def state_of(run_id: UUID, epoch: int) -> tuple[str, str, str]:
    state = (await shown(run_id, epoch)).state
    assert state is not None
    return state.type.value, state.name or "", state.message or ""


async def test_what_nobody_runs_any_more_gets_its_last_state(
    order: Order, publish: Any, query: Query, pool: AsyncConnectionPool[Any], prefect_address: PrefectAddress
) -> None:
    plan = shell_plan("true", name="left behind")
    job_id = publish(plan)
    (ended, fresh, going), lost = (order(plan, announce=False) for _ in range(3)), uuid4()
    ago = "finished_at = now() - %s::interval WHERE id = %s"
    age = f"UPDATE job_runs SET status = 'ended', outcome = 'partial', summary = '1 of 2', {ago}"
    query(age, "40 seconds", ended)
    query(age, "1 second", fresh)
    query("UPDATE job_runs SET epoch = 1 WHERE id = %s", going)
    async with get_client() as client:
        deployment = await deploy(client, to_flow(plan, job_id), job_id, 1)
        for run_id, epoch in ((ended, 0), (fresh, 0), (going, 0), (going, 1), (lost, 0)):
            await create_flow_run(client, deployment, run_id, epoch)
        assert await settle(client, pool) >= 3
    assert await state_of(ended, 0) == ("FAILED", "Partial", "1 of 2")
    assert (await state_of(fresh, 0))[0] == "PENDING", "its own process may still be about to tell"
    assert (await state_of(going, 0))[:2] == ("CRASHED", "TakenOver")
    assert (await state_of(going, 1))[0] == "PENDING"
    assert (await state_of(lost, 0))[0] == "CRASHED"
