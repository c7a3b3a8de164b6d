"""What retention takes out of Prefect: a real Prefect server and a real record."""

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import stamina
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import ArtifactCreate, LogCreate
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed, Running
from psycopg import AsyncConnection

from flows.deployments import TAG
from flows.flow_run_retention import Past, delete_flow_runs
from flows.maintenance import health, keep_runs
from flows.maintenance_plan import MAINTENANCE_TAG

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore")]  # Prefect's own warnings are not ours

Query = Callable[..., list[tuple[Any, ...]]]
Make = Callable[..., Awaitable[UUID]]
TAGS = (TAG, MAINTENANCE_TAG)


@pytest.fixture
def make(client: PrefectClient) -> Make:
    """A flow run with one of everything that hangs on it."""

    async def one(run_id: UUID | None, state: State[Any], *, tag: str = TAG) -> UUID:
        parameters = {"run_id": str(run_id)} if run_id else {}
        made = await client.create_flow_run(health, parameters=parameters, state=state, tags=[tag])
        await client.create_task_run(keep_runs, made.id, dynamic_key="0", state=Completed())
        line = {"name": "n", "level": logging.INFO, "message": "said", "timestamp": datetime.now(UTC)}
        await client.create_logs([LogCreate.model_validate({**line, "flow_run_id": made.id})])
        await client.create_artifact(ArtifactCreate(key="result", type="markdown", data="r", flow_run_id=made.id))
        return made.id

    return one


async def round_of(record: str, client: PrefectClient, past: Past, *, seconds: float = 60, at_once: int = 50) -> int:
    async with await AsyncConnection.connect(record, autocommit=True) as connection:
        return await delete_flow_runs(connection, client, uuid4(), past, seconds=seconds, at_once=at_once)


def until_now(*tags: str) -> Past:
    return Past(tags or TAGS, datetime.now(UTC))


async def left(client: PrefectClient) -> set[UUID]:
    return {flow_run.id for flow_run in await client.read_flow_runs()}


async def test_only_ended_flow_runs_of_runs_that_are_over_go(
    record: str, query: Query, client: PrefectClient, start: Callable[..., UUID], make: Make
) -> None:
    ended, going, pinned, unended = (start(uuid4(), 1) for _ in range(4))
    over = "UPDATE job_runs SET status = 'ended', outcome = 'succeeded', finished_at = now() WHERE id = ANY(%s)"
    query(over, [ended, pinned, unended])
    query("UPDATE job_runs SET pinned_at = now() WHERE id = %s", pinned)
    gone = {
        await make(ended, Completed()),
        await make(uuid4(), Failed()),
        await make(None, Failed(), tag=MAINTENANCE_TAG),
    }
    kept = {
        await make(going, Failed()),
        await make(pinned, Completed()),
        await make(unended, Running()),
        await make(None, Completed(), tag="of somebody else"),
    }
    past = until_now()
    kept.add(await make(None, Completed(), tag=MAINTENANCE_TAG))
    linked = next(iter(gone))
    query("UPDATE job_runs SET prefect_flow_run_id = %s WHERE id = %s", linked, ended)

    assert await round_of(record, client, past) == 3
    assert await left(client) >= kept
    assert not await left(client) & gone
    assert query("SELECT flow_runs FROM retention_reports") == [(3,)]
    assert query("SELECT prefect_flow_run_id FROM job_runs WHERE id = %s", ended) == [(None,)], "no link to nothing"
    assert await round_of(record, client, past) == 0
    await everything_is_of(client, await left(client))


async def test_what_somebody_holds_or_takes_up_again_waits(
    record: str, query: Query, client: PrefectClient, start: Callable[..., UUID], make: Make
) -> None:
    held, free = start(uuid4(), 1), start(uuid4(), 1)
    query("UPDATE job_runs SET status = 'ended', outcome = 'failed', finished_at = now()")
    waiting, gone = await make(held, Failed()), await make(free, Failed())
    past = until_now(TAG)
    async with await AsyncConnection.connect(record) as other, other.transaction():
        await other.execute("SELECT FROM job_runs WHERE id = %s FOR UPDATE", (held,))
        await round_of(record, client, past)
    assert waiting in await left(client)
    assert gone not in await left(client)
    assert await round_of(record, client, past) >= 1
    assert waiting not in await left(client)


async def test_a_round_is_bounded_and_the_next_one_goes_on(record: str, client: PrefectClient, make: Make) -> None:
    tag = f"bounded-{uuid4().hex}"
    made = {await make(None, Completed(), tag=tag) for _ in range(5)}
    past = until_now(tag)
    assert await round_of(record, client, past, seconds=0, at_once=2) == 2
    assert len(made & await left(client)) == 3
    assert await round_of(record, client, past, at_once=2) == 3
    assert not made & await left(client)


async def everything_is_of(client: PrefectClient, flow_runs: set[UUID]) -> None:
    """Nothing is left in Prefect of other flow runs than these."""
    tasks = await client.read_task_runs()
    assert {task.flow_run_id for task in tasks} <= flow_runs
    artifacts = await client.read_artifacts()
    assert {artifact.flow_run_id for artifact in artifacts} <= flow_runs

    @stamina.retry(on=AssertionError, attempts=200, timeout=20, wait_max=0.1)
    async def no_logs() -> None:
        logs = await client.read_logs()
        assert {log.flow_run_id for log in logs} <= flow_runs

    await no_logs()
