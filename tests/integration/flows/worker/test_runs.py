"""Runs through the fork server, end to end."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, FlowRunFilterIdempotencyKey
from prefect.client.schemas.objects import FlowRun

from flows.deployments import idempotency_key
from flows.worker.exit_code import ExitCode
from flows.worker.handover import PrefectAddress
from opsconductor.sdk.credential import Secret

from .conftest import PASSWORD, Documents, ForkServerProcess, Port, shell_plan

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore")]  # Prefect's own warnings are not ours

Query = Callable[..., list[tuple[Any, ...]]]
Order = Callable[..., UUID]


async def until(fact: Callable[[], Any]) -> Any:
    """Wait for a fact; every test has a time limit of its own."""
    while not (value := await asyncio.to_thread(fact)):
        await asyncio.sleep(0.02)
    return value


async def shown(run_id: UUID, epoch: int = 0) -> FlowRun:
    async with get_client() as client:
        key = FlowRunFilterIdempotencyKey(any_=[idempotency_key(run_id, epoch)])
        (flow_run,) = await client.read_flow_runs(flow_run_filter=FlowRunFilter(idempotency_key=key))
        return flow_run


def state_of(query: Query, run_id: UUID) -> tuple[Any, ...]:
    return query("SELECT status, outcome, epoch FROM job_runs WHERE id = %s", run_id)[0]


def process_of(query: Query, run_id: UUID) -> int:
    """The flow process that owns a run."""
    owner = query("SELECT owner FROM job_runs WHERE id = %s", run_id)[0][0]
    return int(owner.partition("#")[0].rpartition(":")[2])


async def test_an_announced_run_is_done_and_shown(
    worker: Callable[..., Any], order: Order, port: Port, query: Query
) -> None:
    async with asyncio.timeout(60), worker() as running:
        run_id = order(shell_plan("echo hello", "echo again", name="greet"))
        _, line = await port.lines.get()
        assert line == f"ops {PASSWORD}\n"
        assert await running.ended.get() == (run_id, 0, ExitCode.ENDED)
        assert state_of(query, run_id) == ("ended", "succeeded", 0)
        flow_run = await shown(run_id)
        assert flow_run.state is not None
        assert flow_run.state.is_completed()
        assert flow_run.name == f"greet {run_id.hex[-8:]}"
        assert flow_run.parameters == {"run_id": str(run_id)}
        assert query("SELECT prefect_flow_run_id FROM job_runs WHERE id = %s", run_id) == [(flow_run.id,)]
        async with get_client() as client:
            one = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run.id]))
            tasks = await until_tasks(client, one, 2)
        assert {task.name for task in tasks} == {"s0: h0", "s1: h0"}


async def until_tasks(client: Any, one: FlowRunFilter, count: int) -> list[Any]:
    while len(tasks := await client.read_task_runs(flow_run_filter=one)) < count:
        await asyncio.sleep(0.05)
    return tasks


async def test_a_run_announced_to_nobody_is_found(worker: Callable[..., Any], order: Order, query: Query) -> None:
    run_id = order(shell_plan("true"), announce=False)
    async with asyncio.timeout(60), worker() as running:
        assert (await running.ended.get())[0] == run_id
    assert state_of(query, run_id)[:2] == ("ended", "succeeded")


async def test_a_run_goes_on_without_prefect(worker: Callable[..., Any], order: Order, query: Query) -> None:
    nowhere = PrefectAddress("http://127.0.0.1:9/api", Secret("nobody:listens"))
    async with asyncio.timeout(60), worker(prefect=nowhere) as running:
        run_id = order(shell_plan("echo one", "echo two"), targets=3)
        assert await running.ended.get() == (run_id, 0, ExitCode.NOT_SHOWN)
    assert state_of(query, run_id) == ("ended", "succeeded", 0)


async def test_a_run_outlives_its_worker(worker: Callable[..., Any], order: Order, query: Query, folder: Path) -> None:
    go_on = folder / "go-on"
    async with asyncio.timeout(60):
        async with worker():
            run_id = order(shell_plan(f"touch started; while [ ! -e {go_on} ]; do sleep 0.05; done"))
            await until((folder / "hosts" / "h0" / "started").exists)
        go_on.touch()
        await until(lambda: state_of(query, run_id)[0] == "ended")
    assert state_of(query, run_id) == ("ended", "succeeded", 0)


async def test_a_killed_flow_process_gives_its_run_back_at_once(
    worker: Callable[..., Any], order: Order, query: Query, folder: Path
) -> None:
    async with asyncio.timeout(60), worker() as running:
        run_id = order(shell_plan("touch started; exec sleep 30"))
        await until((folder / "hosts" / "h0" / "started").exists)
        pid = process_of(query, run_id)
        os.kill(pid, signal.SIGKILL)
        assert await running.ended.get() == (run_id, 0, -signal.SIGKILL)
        lease_is_over = query("SELECT lease_until <= now() FROM job_runs WHERE id = %s", run_id)
    assert lease_is_over == [(True,)]


async def test_only_one_process_does_a_run(worker: Callable[..., Any], order: Order, query: Query) -> None:
    async with asyncio.timeout(60), worker() as one, worker() as other:
        run_id = order(shell_plan("echo hello >> ran"))
        codes = {(await running.ended.get())[2] for running in (one, other)}
    assert codes == {ExitCode.ENDED, ExitCode.NOT_CLAIMED}
    assert query("SELECT count(*) FROM job_run_steps WHERE run_id = %s", run_id) == [(1,)]


async def test_a_flow_process_shows_no_secret_to_others(
    worker: Callable[..., Any],
    order: Order,
    query: Query,
    forkserver: ForkServerProcess,
    folder: Path,
    prefect_address: PrefectAddress,
) -> None:
    go_on = folder / "go-on"
    secret_address = PrefectAddress(prefect_address.api_url, Secret("opsconductor:prefect-canary-77"))
    async with asyncio.timeout(60), worker(prefect=secret_address) as running:
        run_id = order(shell_plan(f"touch started; while [ ! -e {go_on} ]; do sleep 0.05; done"))
        await until((folder / "hosts" / "h0" / "started").exists)
        pid = process_of(query, run_id)
        seen = b"".join(Path(f"/proc/{pid}/{name}").read_bytes() for name in ("environ", "cmdline"))
        core = next(line for line in Path(f"/proc/{pid}/limits").read_text().splitlines() if "core file" in line)
        session = os.getsid(pid)
        go_on.touch()
        await running.ended.get()
    assert b"OPSCONDUCTOR_RUN_DATABASE_URL" in seen, "the test looked at the wrong place"
    assert PASSWORD.encode() not in seen
    assert b"prefect-canary-77" not in seen
    assert core.split()[4:6] == ["0", "0"]
    assert session == pid
    assert PASSWORD not in forkserver.log.read_text()


async def test_a_run_gets_no_credential_but_its_own(
    worker: Callable[..., Any], order: Order, documents: Documents, query: Query, port: Port
) -> None:
    foreign = documents.add("somebody-elses-password")
    async with asyncio.timeout(60), worker() as running:
        run_id = order(shell_plan("true"), announce=False)
        query("UPDATE job_run_targets SET credential = 'foreign' WHERE run_id = %s", run_id)
        query("SELECT pg_notify('opsconductor_runs', %s)", f"{run_id} 0")
        await running.ended.get()
    assert state_of(query, run_id)[1] == "failed"
    assert foreign not in documents.read_ids
    reason = query("SELECT reason FROM job_run_targets WHERE run_id = %s", run_id)[0][0]
    assert "not handed to this run" in reason
    assert port.lines.empty()


async def test_what_cannot_be_opened_is_said(
    worker: Callable[..., Any], order: Order, documents: Documents, query: Query
) -> None:
    run_id = order(shell_plan("true"), announce=False)
    documents.kept.clear()
    async with asyncio.timeout(60), worker() as running:
        await running.ended.get()
    outcome, reason = query("SELECT outcome, reason FROM job_run_targets WHERE run_id = %s", run_id)[0]
    assert outcome == 5  # auth_failed
    assert "credential login" in reason
    assert "does not exist" in reason


async def test_a_full_worker_takes_the_next_run_when_there_is_room(
    worker: Callable[..., Any], order: Order, query: Query, folder: Path
) -> None:
    go_on = folder / "go-on"
    async with asyncio.timeout(60), worker(capacity=1) as running:
        first = order(shell_plan(f"touch started; while [ ! -e {go_on} ]; do sleep 0.05; done"))
        await until((folder / "hosts" / "h0" / "started").exists)
        second = order(shell_plan("true"))
        go_on.touch()
        assert [(await running.ended.get())[0], (await running.ended.get())[0]] == [first, second]
