"""Maintenance after a plain `up`: Prefect has it, on its schedules, and the worker does it."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import stamina

from deploy.fleet import Fleet
from flows.maintenance_plan import MAINTENANCE
from opsconductor.client import PortalClient, PortalProblemError
from tests.fixtures.machine import Installation
from tests.fixtures.prefect_api import PrefectApi

pytestmark = pytest.mark.real

Json = dict[str, Any]
TARGET = "maintained"
JOB = """\
apiVersion: opsconductor/v1
kind: Job
name: print-once
targets: {select: "name:maintained"}
steps:
  - {id: say, uses: linux/command@1, with: {line: "echo long ago"}}
"""


@pytest.fixture(scope="module")
def client(machine: Installation, fleet: Fleet) -> Iterator[PortalClient]:
    host = fleet.hosts[0]
    with machine.client() as client:
        key = {"kind": "ssh_key", "username": host.username, "private_key": host.private_key}
        client.post("/credentials", {"name": TARGET, "secret": key})
        client.post("/targets", {
            "name": TARGET, "address": host.address, "credential": TARGET, "host_keys": [host.host_key],
        })  # fmt: skip
        client.post("/jobs", {"yaml": JOB})
        yield client


def test_it_is_deployed_planned_and_asked_for_by_nobody(machine: Installation, prefect: PrefectApi) -> None:
    for wanted in MAINTENANCE:
        assert planned(prefect, deployed(prefect, wanted.full_name)["id"])
    assert json.loads(machine.run("status", "--json").stdout)["maintenance_missing"] == []
    assert "maintenance is deployed" in machine.run("doctor").stdout


def test_what_is_paused_in_prefect_is_told(machine: Installation, prefect: PrefectApi) -> None:
    daily = deployed(prefect, "opsconductor retention/daily")
    prefect.patch(f"/deployments/{daily['id']}", {"paused": True})
    try:
        assert "opsconductor retention/daily" in machine.run("status").stdout
        found = json.loads(machine.run("doctor", "--json").stdout)
        told = [finding for finding in found if "opsconductor retention/daily" in finding["what"]]
        assert [finding["state"] for finding in told] == ["warning"]
    finally:
        prefect.patch(f"/deployments/{daily['id']}", {"paused": False})


def test_the_worker_looks_at_targets_and_takes_old_output_away(
    machine: Installation, prefect: PrefectApi, client: PortalClient
) -> None:
    run = client.post("/runs", {"job": "print-once"})
    list(client.events(run["id"]))
    output = f"/runs/{run['id']}/targets/0/steps/0/attempts/1/output"
    assert client.get(output)["stdout"] == "long ago\n"
    with psycopg.connect(f"postgresql://postgres@/opsconductor?host={machine.home / 'run'}", autocommit=True) as record:
        record.execute("UPDATE job_runs SET finished_at = now() - interval '40 days' WHERE id = %s", (run["id"],))
    machine.run("target", "health", TARGET, "--check", "tcp", "--every", "60")

    began = {
        name: prefect.post(f"/deployments/{deployed(prefect, name)['id']}/create_flow_run", {})["id"]
        for name in ("opsconductor target health/every-minute", "opsconductor retention/daily")
    }
    assert {name: ended(prefect, key) for name, key in began.items()} == dict.fromkeys(began, "Completed")

    found = json.loads(machine.run("target", "health", TARGET, "--json").stdout)
    assert found["status"] == "up"
    assert found["history"][0]["mode"] == "tcp"
    with pytest.raises(PortalProblemError) as refused:
        client.get(output)
    assert refused.value.http_status == 404
    assert client.get(f"/runs/{run['id']}")["outcome"] == "succeeded"


def test_old_flow_runs_go_out_of_prefect_and_the_runs_stay(
    machine: Installation, prefect: PrefectApi, client: PortalClient
) -> None:
    old, new = (client.post("/runs", {"job": "print-once"})["id"] for _ in range(2))
    shown = {run: prefect.shown(run, 1)[0]["id"] for run in (old, new)}
    with psycopg.connect(f"postgresql://postgres@/prefect?host={machine.home / 'run'}", autocommit=True) as database:
        database.execute("UPDATE flow_run SET end_time = now() - interval '31 days' WHERE id = %s", (shown[old],))
    daily = deployed(prefect, "opsconductor retention/daily")
    assert ended(prefect, prefect.post(f"/deployments/{daily['id']}/create_flow_run", {})["id"]) == "Completed"

    found = prefect.post("/flow_runs/filter", {"flow_runs": {"id": {"any_": list(shown.values())}}})
    assert [flow_run["id"] for flow_run in found] == [shown[new]]
    left = prefect.post("/artifacts/filter", {"artifacts": {"key": {"any_": ["result"]}}})
    assert shown[new] in {artifact["flow_run_id"] for artifact in left}
    assert shown[old] not in {artifact["flow_run_id"] for artifact in left}
    assert client.get(f"/runs/{new}")["prefect_flow_run_id"] == shown[new]
    run = client.get(f"/runs/{old}")
    assert (run["outcome"], run["prefect_flow_run_id"]) == ("succeeded", None)
    assert "succeeded" in machine.run("run", "show", old).stdout


def test_prefect_clears_away_what_flow_runs_leave_behind(prefect: PrefectApi) -> None:
    services = prefect.get("/admin/settings")["server"]["services"]
    assert set(services["db_vacuum"]["enabled"]) == {"events", "orphans"}


@stamina.retry(on=LookupError, attempts=500, timeout=60, wait_max=0.3)
def deployed(prefect: PrefectApi, name: str) -> Json:
    """A deployment, once the portal has made it."""
    flow, _, deployment = name.partition("/")
    found = prefect.post("/deployments/filter", {
        "flows": {"name": {"any_": [flow]}}, "deployments": {"name": {"any_": [deployment]}},
    })  # fmt: skip
    if not found:
        raise LookupError(name)
    return found[0]


@stamina.retry(on=AssertionError, attempts=500, timeout=90, wait_max=0.3)
def ended(prefect: PrefectApi, flow_run_id: str) -> str:
    state = prefect.get(f"/flow_runs/{flow_run_id}")["state"]
    assert state["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
    return state["name"]


@stamina.retry(on=AssertionError, attempts=500, timeout=60, wait_max=0.3)
def planned(prefect: PrefectApi, deployment_id: str) -> list[Json]:
    """Flow runs that Prefect's scheduler made, for now or later."""
    wanted = {"deployments": {"id": {"any_": [deployment_id]}}}
    found = [run for run in prefect.post("/flow_runs/filter", wanted) if run["auto_scheduled"]]
    assert found
    return found
