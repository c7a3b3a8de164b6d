"""Jobs written in YAML, done by the engine over real OpenSSH; the verdict comes from the hosts' own files."""

import asyncio
from typing import Any

import pytest

from deploy.fleet import Fleet
from flows.compiler import compile_job
from flows.engine import execute
from flows.engine.testing import MemoryRecord, run_record
from opsconductor.sdk.credential import Secret, SSHLogin
from opsconductor.sdk.job import parse_yaml
from opsconductor.sdk.outcome import RunOutcome
from opsconductor.sdk.transport import Target
from steplib.loader import load
from steplib.transports.ssh import SSHConnector

pytestmark = pytest.mark.real

ROLLING = """
apiVersion: opsconductor/v1
kind: Job
name: rolling-deployment
parameters:
  version: {type: string, default: "2; touch owned"}
strategy: {batches: [2]}
steps:
  - id: deployment
    scope: run
    block:
      steps:
        - {id: deploy, uses: linux/command@1, with: {line: 'echo "deployed "${{ params.version }} >> log'}}
        - {id: verify, uses: linux/command@1, with: {line: "echo verified >> log; test ! -e broken"}}
      rescue:
        - {id: undo, uses: linux/command@1, with: {line: "echo undone >> log"}}
      always:
        - {id: tidy, uses: linux/command@1, with: {line: "echo tidied >> log"}}
"""


def record_of(text: str, fleet: Fleet, hosts: int, **facts: Any) -> MemoryRecord:
    plan = compile_job(parse_yaml(text), load())
    targets = [
        Target(place, host.name, host.name, host.address, host.port, host_keys=(host.host_key,), credential="login")
        for place, host in enumerate(fleet.hosts[:hosts])
    ]
    parameters = {each.name: each.default for each in plan.parameters}
    return MemoryRecord(run_record(plan, targets, parameters=parameters, **facts))


def login(fleet: Fleet) -> dict[str, SSHLogin | Secret]:
    host = fleet.hosts[0]
    return {"login": SSHLogin(host.username, private_key=Secret(host.private_key))}


async def test_a_rolling_deployment_rolls_back_on_real_hosts(fleet: Fleet) -> None:
    hosts = fleet.hosts[:5]
    for host in hosts:
        (host.home / "log").unlink(missing_ok=True)
    (hosts[3].home / "broken").touch()
    try:
        record = record_of(ROLLING, fleet, 5)
        assert await execute(record, SSHConnector(), login(fleet), load()) is RunOutcome.PARTIAL
    finally:
        (hosts[3].home / "broken").unlink()
    for host in hosts[:4]:
        lines = (host.home / "log").read_text().splitlines()
        assert lines == ["deployed 2; touch owned", "verified", "undone", "tidied"]
        assert not (host.home / "owned").exists()
    assert not (hosts[4].home / "log").exists()


async def test_a_cancel_ends_what_runs_on_real_hosts(fleet: Fleet) -> None:
    text = """
apiVersion: opsconductor/v1
kind: Job
name: endless
steps:
  - {id: wait, uses: linux/command@1, with: {line: "echo begun > begun; sleep 600; echo never > never"}}
"""
    hosts = fleet.hosts[:2]
    for host in hosts:
        (host.home / "begun").unlink(missing_ok=True)
    record = record_of(text, fleet, 2)
    going = asyncio.create_task(execute(record, SSHConnector(), login(fleet), load()))
    while not all((host.home / "begun").exists() for host in hosts):
        assert not going.done()
        await asyncio.sleep(0.01)
    record.cancelled.set()
    async with asyncio.timeout(30):
        assert await going is RunOutcome.CANCELLED
    assert not any((host.home / "never").exists() for host in hosts)
