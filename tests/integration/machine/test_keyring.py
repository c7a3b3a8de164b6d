"""`opsconductor admin rotate-keyring` on a running installation: killed at every document, and nothing is lost."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from blocks.keyring import Keyring
from deploy.fleet import Fleet
from opsconductor.client import PortalClient
from tests.fixtures.machine import Installation

pytestmark = pytest.mark.real

JOB = """\
apiVersion: opsconductor/v1
kind: Job
name: sign-in
targets: {select: "tag:rotated"}
steps:
  - {id: look, uses: linux/command@1, with: {line: "true"}}
"""
COUNT = 3


@pytest.fixture(scope="module")
def client(machine: Installation, fleet: Fleet) -> Iterator[PortalClient]:
    """Sealed texts, and a target with a password."""
    host = fleet.hosts[3]
    with machine.client() as client:
        for number in range(COUNT):
            secret = {"kind": "secret_text", "text": f"word-{number}"}
            client.post("/credentials", {"name": f"rotated-{number}", "secret": secret})
        login = {"kind": "ssh_password", "username": host.username, "password": host.password}
        client.post("/credentials", {"name": "rotated-login", "secret": login})
        client.post("/targets", {
            "name": "rotated", "address": host.address, "port": host.port, "tags": ["rotated"],
            "credential": "rotated-login", "host_keys": [host.host_key],
        })  # fmt: skip
        client.post("/jobs", {"yaml": JOB})
        yield client


def outcome(client: PortalClient) -> str:
    run = client.post("/runs", {"job": "sign-in"})
    list(client.events(run["id"]))
    return client.get(f"/runs/{run['id']}")["outcome"]


def words(client: PortalClient) -> list[str]:
    found = sorted(client.pages("/credentials", q="rotated-", kind="secret_text"), key=lambda row: row["name"])
    reveal = {"reason": "is it still there"}
    return [client.post(f"/credentials/{row['id']}/reveal", reveal)["fields"]["text"] for row in found]


def rotate_until(machine: Installation, place: int) -> bool:
    """Rotate, and kill it after so many documents; says whether it came so far."""
    portal = machine.pid("portal")
    said = Path(f"/proc/{portal}/environ").read_text().split("\0")
    environment = dict(item.split("=", 1) for item in said if "=" in item)
    command = [sys.executable, "-m", "portal.admin", "rotate-keyring"]
    with subprocess.Popen(
        command, env=environment, cwd=machine.home / "prefect", stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if json.loads(line).get("done") == place:
                os.kill(running.pid, signal.SIGKILL)
                return True
    assert running.returncode == 0
    return False


def test_killed_at_every_document_it_goes_on_and_nobody_is_restarted(
    machine: Installation, client: PortalClient, fleet: Fleet
) -> None:
    parts = [machine.pid(part) for part in ("portal", "flows.worker")]
    expected = [f"word-{number}" for number in range(COUNT)]
    assert outcome(client) == "succeeded"
    first = Keyring.load(machine.home / "keyring.json").key_ids
    place = 1
    while rotate_until(machine, place):
        assert len(Keyring.load(machine.home / "keyring.json").key_ids) == 2
        place += 1
    assert place > COUNT + 1
    assert set(first).isdisjoint(Keyring.load(machine.home / "keyring.json").key_ids)
    assert words(client) == expected
    assert outcome(client) == "succeeded"
    said = machine.run("admin", "rotate-keyring").stdout
    assert "seals now" in said
    assert "1 retired" in said
    assert outcome(client) == "succeeded"
    assert words(client) == expected
    assert [machine.pid(part) for part in ("portal", "flows.worker")] == parts
    found = json.loads(machine.run("doctor", "--json", check=False).stdout)
    assert any("one key" in finding["what"] for finding in found)
