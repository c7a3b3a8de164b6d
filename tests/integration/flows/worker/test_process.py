"""`python -m flows.worker` as a process, with credentials as the portal seals them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect import get_client
from prefect.client.schemas.actions import BlockDocumentCreate
from prefect.client.schemas.filters import WorkerFilter
from prefect.states import Scheduled

from blocks.documents import seal_document
from blocks.keyring import Keyring
from flows.deployments import deploy
from flows.prefect_flow import to_flow
from flows.worker.handover import PrefectAddress

from .conftest import PASSWORD, ROOT, ForkServerProcess, Port, shell_plan
from .test_runs import Order, Query, state_of, until

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore")]  # Prefect's own warnings are not ours


@pytest.fixture
def keyring(folder: Path) -> Keyring:
    path = folder / "keyring.json"
    path.unlink(missing_ok=True)
    return Keyring.create(path)


@pytest.fixture
async def process(
    record: str, folder: Path, keyring: Keyring, forkserver: ForkServerProcess, prefect_address: PrefectAddress
) -> AsyncIterator[subprocess.Popen[bytes]]:
    """The worker; it ends by TERM."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PREFECT_HOME": str(folder / "worker-prefect"),
        "OPSCONDUCTOR_HOME": str(folder),
        "OPSCONDUCTOR_DATABASE_URL": record,
        "OPSCONDUCTOR_PREFECT_API_URL": prefect_address.api_url,
        "OPSCONDUCTOR_FORKSERVER_SOCKET": str(forkserver.socket),
        "OPSCONDUCTOR_KEYRING": str(keyring.path),
    }
    log = folder / "worker.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.worker"], cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        await until(lambda: (folder / "run" / "worker.ready").exists() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 20)
        sys.stderr.write(log.read_text())


@pytest.fixture
def stored(order: Order, query: Query, keyring: Keyring, prefect_address: PrefectAddress) -> Callable[..., Any]:
    """Order a run whose credential lies sealed in Prefect."""

    async def write(password: str = PASSWORD, *, swap: bool = False, **options: Any) -> UUID:
        from blocks.collection import SSHPasswordCredential

        mine, claimed = str(uuid4()), str(uuid4())
        fields = {"username": "ops", "password": password}
        data = seal_document("ssh_password", fields, keyring, credential_id=mine, version=1)
        async with get_client() as client:
            await SSHPasswordCredential.aregister_type_and_schema(client=client)
            kind = await client.read_block_type_by_slug(SSHPasswordCredential.get_block_type_slug())
            schema = await client.read_block_schema_by_checksum(SSHPasswordCredential._calculate_schema_checksum())
            document = await client.create_block_document(
                BlockDocumentCreate(name=f"c-{mine}", data=data, block_type_id=kind.id, block_schema_id=schema.id)
            )
        run_id = order(shell_plan("true"), announce=False, **options)
        frozen = {"login": {"credential_id": claimed if swap else mine, "block_document_id": str(document.id)}}
        frozen["login"]["version"] = 1
        query("UPDATE job_runs SET credentials = %s WHERE id = %s", json.dumps(frozen), run_id)
        query("SELECT pg_notify('opsconductor_runs', %s)", f"{run_id} 0")
        return run_id

    return write


async def test_a_sealed_credential_reaches_its_run(
    process: subprocess.Popen[bytes], stored: Any, port: Port, query: Query, folder: Path
) -> None:
    async with asyncio.timeout(60):
        run_id = await stored()
        assert (await port.lines.get())[1] == f"ops {PASSWORD}\n"
        await until(lambda: state_of(query, run_id)[0] == "ended")
        assert state_of(query, run_id)[1] == "succeeded"
        seen = b"".join(Path(f"/proc/{process.pid}/{name}").read_bytes() for name in ("environ", "cmdline"))
    assert PASSWORD.encode() not in seen
    assert PASSWORD not in (folder / "worker.log").read_text()


async def test_a_swapped_block_document_is_refused(
    process: subprocess.Popen[bytes], stored: Any, port: Port, query: Query
) -> None:
    async with asyncio.timeout(60):
        run_id = await stored(swap=True)
        await until(lambda: state_of(query, run_id)[0] == "ended")
    assert "holds credential" in query("SELECT reason FROM job_run_targets WHERE run_id = %s", run_id)[0][0]
    assert port.lines.empty()


async def test_the_worker_is_online_and_refuses_what_prefect_started(
    process: subprocess.Popen[bytes], publish: Any, prefect_address: PrefectAddress
) -> None:
    plan = shell_plan("true", name="from prefect")
    job_id = publish(plan)
    async with asyncio.timeout(60), get_client() as client:
        deployment = await deploy(client, to_flow(plan, job_id), job_id, 1)
        flow_run = await client.create_flow_run_from_deployment(deployment, state=Scheduled())
        while not (state := (await client.read_flow_run(flow_run.id)).state) or not state.is_final():
            await asyncio.sleep(0.1)
        pool = await client.read_work_pool("opsconductor")
        online = await client.read_workers_for_work_pool("opsconductor", worker_filter=WorkerFilter())
    assert state.is_cancelled()
    assert "started in OpsConductor" in (state.message or "")
    assert (pool.type, [worker.status for worker in online][:1]) == ("opsconductor", ["ONLINE"])
    assert not {"command", "env", "working_dir"} & pool.base_job_template["variables"]["properties"].keys()


async def test_maintenance_is_deployed_by_prefect_and_done_by_the_worker(
    process: subprocess.Popen[bytes], order: Order, query: Query, folder: Path, prefect_address: PrefectAddress
) -> None:
    run_id = order(shell_plan("true"), announce=False)
    query("UPDATE job_runs SET status = 'ended', finished_at = now() - interval '40 days' WHERE id = %s", run_id)
    query("INSERT INTO job_run_outputs VALUES (%s, 0, 0, 1, 1, 1, false, '', '')", run_id)
    query("INSERT INTO job_run_events (run_id, seq, kind, data) VALUES (%s, 1, 'run.ended', '{}')", run_id)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PREFECT_HOME": str(folder / "deploying-prefect"),
        "PREFECT_API_URL": prefect_address.api_url,
    }
    deploying = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    done = await asyncio.to_thread(
        subprocess.run, deploying, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    async with asyncio.timeout(60), get_client() as client:
        deployment = await client.read_deployment_by_name("opsconductor retention/daily")
        flow_run = await client.create_flow_run_from_deployment(deployment.id, state=Scheduled())
        while not (state := (await client.read_flow_run(flow_run.id)).state) or not state.is_final():
            await asyncio.sleep(0.1)
        assert await client.read_deployment_by_name("opsconductor health/every-ten-minutes")
    assert state.is_completed(), state.message
    assert query("SELECT count(*) FROM job_run_outputs WHERE run_id = %s", run_id) == [(0,)]
    assert query("SELECT count(*) FROM job_run_events WHERE run_id = %s", run_id) == [(1,)]


async def test_term_ends_the_worker(process: subprocess.Popen[bytes], folder: Path) -> None:
    assert (folder / "run" / "worker.ready").exists()
    process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(process.wait, 20) == 0
    assert not (folder / "run" / "worker.ready").exists()
