"""What Prefect shows of runs on the warm worker: asked over its own API, as its pages ask it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stamina

from deploy.fleet import Fleet
from opsconductor.client import PortalClient
from tests.fixtures.machine import Installation
from tests.fixtures.prefect_api import PrefectApi

pytestmark = pytest.mark.real

Json = dict[str, Any]
PRINTED = "a line that only the host knows"
SECRET = "correct horse battery"
CREDENTIAL = "shown-in-prefect"
JOB = f"""\
apiVersion: opsconductor/v1
kind: Job
name: look-around
description: Says who is there.
parameters:
  user: {{type: string, default: web, pattern: '^[a-z]+$', description: Whose home is looked at.}}
  tries: {{type: integer, default: 1, minimum: 0, maximum: 5, description: How often.}}
  token: {{type: secret, description: Opens nothing.}}
targets: {{select: "tag:prefect"}}
steps:
  - {{id: say, uses: linux/command@1, with: {{line: "echo '{PRINTED}'; test ! -e /srv/${{{{ params.user }}}}"}}}}
  - {{id: after, uses: linux/command@1, with: {{line: "cat /proc/uptime"}}}}
"""
LONG_JOB = """\
apiVersion: opsconductor/v1
kind: Job
name: wait-long
targets: {select: "tag:prefect"}
steps:
  - {id: wait, uses: linux/command@1, with: {line: "sleep 300"}}
"""


@pytest.fixture(scope="module")
def client(machine: Installation, fleet: Fleet) -> Iterator[PortalClient]:
    """The API of an installation with three hosts, one of which has a `/srv/web`."""
    first = fleet.hosts[0]
    with machine.client() as client:
        key = {"kind": "ssh_key", "username": first.username, "private_key": first.private_key}
        client.post("/credentials", {"name": CREDENTIAL, "secret": key})
        client.post("/credentials", {"name": "shown-token", "secret": {"kind": "secret_text", "text": SECRET}})
        for place, host in enumerate(fleet.hosts[:3]):
            client.post("/targets", {
                "name": f"shown{place}", "address": host.address, "port": host.port, "tags": ["prefect"],
                "credential": CREDENTIAL, "host_keys": [host.host_key],
            })  # fmt: skip
        yield client


@pytest.fixture(scope="module")
def job(client: PortalClient) -> str:
    return client.post("/jobs", {"yaml": JOB})["name"]


def run(client: PortalClient, job: str, user: str) -> Json:
    """A run of the job, at its end."""
    parameters = {"user": user, "token": "shown-token"}
    started = client.post("/runs", {"job": job, "parameters": parameters})
    list(client.events(started["id"]))
    return client.get(f"/runs/{started['id']}")


def put(fleet: Fleet, name: str, hosts: slice) -> None:
    """Make the step `say` fail on these hosts for a user of this name."""
    for host in fleet.hosts[hosts]:
        Path(host.root, "srv", name).mkdir(exist_ok=True)


def test_a_partial_run_names_its_failed_hosts_and_why(
    client: PortalClient, job: str, prefect: PrefectApi, fleet: Fleet
) -> None:
    put(fleet, "partly", slice(1, 2))
    ran = run(client, job, "partly")
    assert ran["outcome"] == "partial"
    flow_run, tasks = prefect.shown(ran["id"], 5)

    assert (flow_run["state_type"], flow_run["state_name"]) == ("FAILED", "Partial")
    message = flow_run["state"]["message"]
    assert "2 of 3 targets succeeded" in message
    assert "shown1 (say: " in message
    assert "exit code 1" in message
    assert flow_run["name"] == f"look-around {ran['id'].replace('-', '')[-8:]}"
    assert flow_run["parameters"] == {"user": "partly", "tries": 1, "run_id": ran["id"]}

    states = {task["name"]: task["state_name"] for task in tasks}
    good = {f"{step}: shown{place}": "Completed" for step in ("say", "after") for place in (0, 2)}
    assert states == {**good, "say: shown1": "Failed"}
    failed = next(task for task in tasks if task["name"] == "say: shown1")
    assert failed["state"]["message"].startswith("1 failed: shown1: ")
    assert ran["prefect_flow_run_id"] == flow_run["id"]

    artifacts = prefect.post("/artifacts/filter", {"flow_runs": {"id": {"any_": [flow_run["id"]]}}})
    assert [artifact["key"] for artifact in artifacts] == ["result"]
    assert "| shown1 | say: " in artifacts[0]["data"]


def test_a_deployment_shows_the_job_and_its_parameters(
    client: PortalClient, job: str, prefect: PrefectApi, fleet: Fleet
) -> None:
    ran = run(client, job, "nobody")
    flow_run, _ = prefect.shown(ran["id"], 6)
    assert (flow_run["state_type"], flow_run["state_name"]) == ("COMPLETED", "Completed")
    assert flow_run["state"]["message"] == "succeeded: 3 of 3 targets succeeded"
    assert prefect.get(f"/flows/{flow_run['flow_id']}")["name"] == "look-around"
    deployment = prefect.get(f"/deployments/{flow_run['deployment_id']}")
    assert (deployment["name"], deployment["work_pool_name"]) == ("look-around", "opsconductor")
    assert deployment["entrypoint"] == f"flows.jobs:j_{ran['job_id'].replace('-', '')}"
    assert deployment["description"] == "Says who is there."
    schema = deployment["parameter_openapi_schema"]
    user, tries, token = (schema["properties"][name] for name in ("user", "tries", "token"))
    assert (user["pattern"], user["default"], user["description"]) == ("^[a-z]+$", "web", "Whose home is looked at.")
    assert (tries["type"], tries["minimum"], tries["maximum"]) == ("integer", 0, 5)
    assert (token["format"], token["description"]) == ("opsconductor-credential", "Opens nothing.")


def test_a_run_that_failed_everywhere_failed(client: PortalClient, job: str, prefect: PrefectApi, fleet: Fleet) -> None:
    put(fleet, "nowhere", slice(0, 3))
    flow_run, _ = prefect.shown(run(client, job, "nowhere")["id"], 3)
    assert (flow_run["state_type"], flow_run["state_name"]) == ("FAILED", "Failed")
    assert all(f"shown{place} (say: " in flow_run["state"]["message"] for place in range(3))


def test_a_cancelled_run_is_cancelled(client: PortalClient, prefect: PrefectApi) -> None:
    client.post("/jobs", {"yaml": LONG_JOB})
    started = client.post("/runs", {"job": "wait-long"})
    for event in client.events(started["id"]):
        if event["kind"] == "pairs":
            break
    client.post(f"/runs/{started['id']}/cancel")
    list(client.events(started["id"]))
    assert client.get(f"/runs/{started['id']}")["outcome"] == "cancelled"
    flow_run, _ = prefect.shown(started["id"], 3)
    assert (flow_run["state_type"], flow_run["state_name"]) == ("CANCELLED", "Cancelled")


@stamina.retry(on=AssertionError, attempts=200, timeout=40, wait_max=0.2)
def test_the_pool_is_online_and_its_worker_beats(prefect: PrefectApi) -> None:
    pool = prefect.get("/work_pools/opsconductor")
    assert (pool["type"], pool["status"], pool["is_paused"]) == ("opsconductor", "READY", False)
    (worker,) = prefect.post("/work_pools/opsconductor/workers/filter", {})
    assert worker["status"] == "ONLINE"
    assert worker["last_heartbeat_time"]


def test_prefect_holds_no_secret_and_no_output(
    client: PortalClient, job: str, prefect: PrefectApi, fleet: Fleet
) -> None:
    ran = run(client, job, "output")
    flow_run, tasks = prefect.shown(ran["id"], 6)
    one = {"flow_runs": {"id": {"any_": [flow_run["id"]]}}}
    logs = prefect.post("/logs/filter", {"logs": {"flow_run_id": {"any_": [flow_run["id"]]}}})
    everything = [
        flow_run,
        tasks,
        logs,
        prefect.post("/artifacts/filter", one),
        prefect.get(f"/flow_run_states/?flow_run_id={flow_run['id']}"),
        [prefect.get(f"/task_run_states/?task_run_id={task['id']}") for task in tasks],
        prefect.post("/events/filter", {"filter": {"related": {"id": [f"prefect.flow-run.{flow_run['id']}"]}}}),
        prefect.post("/block_documents/filter", {"include_secrets": True}),
    ]
    text = json.dumps(everything)
    key = fleet.hosts[0].private_key.splitlines()[1]
    assert [word for word in (SECRET, key, PRINTED) if word in text] == []
    assert "say: shown0" in text, "what is looked at is the run"
