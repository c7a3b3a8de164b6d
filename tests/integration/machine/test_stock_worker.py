"""An installation whose jobs go to a pool of Prefect's own process workers; and what `prefect deploy` does with it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from deploy.fleet import Fleet
from tests.fixtures.machine import Installation, new_installation, remove
from tests.fixtures.prefect_api import PrefectApi

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[3]
POOL = "processes"
FLOW_USER = "opsconductor-run"
JOB = """\
apiVersion: opsconductor/v1
kind: Job
name: elsewhere
targets: {select: "all"}
steps:
  - {id: who, uses: linux/command@1, with: {line: "id -un"}}
"""


@pytest.fixture(scope="module")
def own() -> Iterator[Installation]:
    """An installation that was started with a work pool of the type `process`."""
    installation = new_installation()
    installation.environment["OPSCONDUCTOR_WORK_POOL"] = POOL
    try:
        installation.up()
        installation.login()
        yield installation
    finally:
        remove(installation)


@pytest.fixture(scope="module")
def prefect(own: Installation) -> Iterator[PrefectApi]:
    with PrefectApi(own) as api:
        yield api


@pytest.fixture
def worker(own: Installation, prefect: PrefectApi, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Prefect's own worker, as the OS user of flow processes, set up as docs/how-to/use-a-stock-worker.md says."""
    folder = own.home.parent / "stock"
    folder.mkdir()
    (folder / "prefect.toml").write_text(f'[api]\nurl = "{prefect.url}"\nauth_string = "{prefect.auth}"\n')
    user: dict[str, object] = {}
    if os.geteuid() == 0:
        for path in (folder, folder / "prefect.toml"):
            shutil.chown(path, FLOW_USER, FLOW_USER)
        user = {"user": FLOW_USER, "group": FLOW_USER, "extra_groups": []}
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PREFECT_HOME": str(folder),
        "OPSCONDUCTOR_RUN_DATABASE_URL": f"postgresql://opsconductor_run@/opsconductor?host={own.home / 'run'}",
        "OPSCONDUCTOR_PORTAL_URL": own.url,
    }
    command = [sys.executable, "-m", "prefect", "worker", "start", "--type", "process", "--pool", POOL]
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, **user)  # type: ignore[call-overload]
        yield process
        process.kill()  # told to stop while a flow process ends, it waits for ever (Prefect 3.8.8)
        process.wait()


def test_a_stock_worker_runs_a_job_with_credentials_from_the_portal(
    own: Installation, prefect: PrefectApi, worker: subprocess.Popen[bytes], fleet: Fleet
) -> None:
    with own.client() as client:
        first = fleet.hosts[0]
        key = {"kind": "ssh_key", "username": first.username, "private_key": first.private_key}
        client.post("/credentials", {"name": "fleet", "secret": key})
        for host in fleet.hosts[:2]:
            client.post("/targets", {
                "name": host.name, "address": host.address, "port": host.port, "credential": "fleet",
                "host_keys": [host.host_key],
            })  # fmt: skip
        client.post("/jobs", {"yaml": JOB})
        run_id = client.post("/runs", {"job": "elsewhere"})["id"]
        events = list(client.events(run_id))
        run = client.get(f"/runs/{run_id}")
        assert (run["outcome"], run["summary"]) == ("succeeded", "succeeded: 2 of 2 targets succeeded")
        claims = [event for event in events if event["kind"] == "run.claimed"]
        assert [claim["data"]["epoch"] for claim in claims] == [1], "nobody took it from the stock worker"
        steps = [client.get(f"/runs/{run_id}/targets/{place}/steps")[0] for place in range(2)]
        assert [step["outcome"] for step in steps] == ["changed", "changed"]
        audit = client.get("/audit", size=50)["items"]
    flow_run, tasks = prefect.shown(run_id, 2)
    assert flow_run["infrastructure_pid"], "the worker of the pool started it"
    assert (flow_run["work_pool_name"], flow_run["state_name"]) == (POOL, "Completed")
    assert len(tasks) == 2
    assert [entry["event"] for entry in audit].count("run.credentials_handed_over") == 1
    logged = "".join(file.read_text(errors="replace") for file in (own.home / "logs").glob("*.log"))
    assert first.private_key.splitlines()[1] not in logged


def test_maintenance_is_deployed_and_done(own: Installation, prefect: PrefectApi) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(own.home.parent),
        "PREFECT_HOME": str(own.home.parent / "deploying"),
        "PREFECT_API_URL": prefect.url,
        "PREFECT_API_AUTH_STRING": prefect.auth,
    }
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("opsconductor retention/daily", "opsconductor health/every-ten-minutes"):
        deployment = prefect.get(f"/deployments/name/{name}")
        assert deployment["work_pool_name"] == "opsconductor"
        assert len(deployment["schedules"]) == 1
        ordered = prefect.post(f"/deployments/{deployment['id']}/create_flow_run", {})
        assert ended(prefect, ordered["id"]) == "Completed"
        assert planned(prefect, deployment["id"])


@stamina.retry(on=AssertionError, attempts=500, timeout=90, wait_max=0.3)
def ended(prefect: PrefectApi, flow_run_id: str) -> str:
    state = prefect.get(f"/flow_runs/{flow_run_id}")["state"]
    assert state["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
    return state["name"]


@stamina.retry(on=AssertionError, attempts=500, timeout=60, wait_max=0.3)
def planned(prefect: PrefectApi, deployment_id: str) -> list[object]:
    """Flow runs that Prefect's scheduler made for later; its service must live with the locked libraries."""
    wanted = {
        "deployments": {"id": {"any_": [deployment_id]}},
        "flow_runs": {"state": {"name": {"any_": ["Scheduled"]}}},
    }
    found = [run for run in prefect.post("/flow_runs/filter", wanted) if run["auto_scheduled"]]
    assert found
    return found
