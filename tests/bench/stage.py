"""Where the end-to-end benches play: an installation, a fleet, and the peers' tools."""

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import asyncssh

from deploy.fleet import Fleet, FleetHost, down, up
from opsconductor.client import PortalClient
from tests.fixtures.inventory import inventory
from tests.fixtures.machine import Installation, new_installation, remove

FORKS = 50
"""Targets at a time, for us and for every peer."""


@dataclass
class Stage:
    """Everything set up.

    Attributes:
        installation: OpsConductor, up and signed in.
        fleet: The hosts; all of them are targets tagged `bench`.
        folder: For files of the peers.
    """

    installation: Installation
    fleet: Fleet
    folder: Path

    def client(self) -> PortalClient:
        """The portal, as the admin."""
        return self.installation.client()

    def publish(self, yaml: str) -> None:
        """Publish a job, and wait until Prefect knows it: that is not what is measured."""
        with self.client() as client:
            job = client.post("/jobs", {"yaml": yaml})
            while client.get(f"/jobs/{job['id']}")["deployed_version"] is None:
                time.sleep(0.1)

    def run_job(self, client: PortalClient, name: str) -> float:
        """Start a run and wait for its end; seconds from the call to the last event."""
        began = time.perf_counter()
        run = client.post("/runs", {"job": name})
        last: dict[str, Any] = {}
        for event in client.events(run["id"]):
            last = event
        spent = time.perf_counter() - began
        if last.get("data", {}).get("outcome") != "succeeded":
            raise RuntimeError(f"the run did not succeed: {last}")
        return spent

    def hosts(self, count: int) -> list[FleetHost]:
        """The first hosts of the fleet."""
        return list(self.fleet.hosts[:count])

    def raw_asyncssh(self, hosts: list[FleetHost], command: str, times: int) -> float:
        """The bare library: one connection a host, `times` commands one after another; seconds."""
        key = asyncssh.import_private_key(hosts[0].private_key)
        began = time.perf_counter()
        asyncio.run(_bare(hosts, key, command, times))
        return time.perf_counter() - began

    def ansible(self, *arguments: str, hosts: list[FleetHost]) -> float:
        """A command of ansible's on the hosts; seconds."""
        program, *rest = arguments
        inventory, known = self.folder / "inventory.ini", self.folder / "known_hosts"
        host = hosts[0]
        inventory.write_text("[all]\n" + "".join(f"{h.name} ansible_host={h.address}\n" for h in hosts))
        known.write_text("".join(f"{h.address} {h.host_key}\n" for h in hosts))
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8",
            "ANSIBLE_SSH_ARGS": f"-C -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile={known}",
            "ANSIBLE_FORKS": str(FORKS), "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
        }  # fmt: skip
        login = ["-u", host.username, "--private-key", host.private_key_path, "-i", str(inventory)]
        peers = Path(os.environ["OPSCONDUCTOR_BENCH_PEERS"]) / "bin" / program
        began = time.perf_counter()
        done = subprocess.run([str(peers), *rest, *login], env=environment, capture_output=True, text=True, check=False)
        spent = time.perf_counter() - began
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stdout[-500:]} {done.stderr[-500:]}")
        return spent


async def _bare(hosts: list[FleetHost], key: asyncssh.SSHKey, command: str, times: int) -> None:
    slots = asyncio.Semaphore(FORKS)

    async def one(host: FleetHost) -> None:
        async with slots:
            known = asyncssh.import_known_hosts(f"{host.address} {host.host_key}\n")
            async with asyncssh.connect(
                host.address, host.port, username=host.username, client_keys=[key], known_hosts=known, config=None
            ) as connection:
                for _ in range(times):
                    await connection.run(command, check=True)

    await asyncio.gather(*(one(host) for host in hosts))


def middle(measure: Callable[[], float], times: int = 3) -> float:
    """Median of some measurements."""
    return median(measure() for _ in range(times))


@contextmanager
def stage(hosts: int) -> Iterator[Stage]:
    """An installation and a fleet of their own."""
    with tempfile.TemporaryDirectory(prefix="opsc-bench-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        fleet = up(hosts, folder / "hosts", bound=True)
        installation = new_installation()
        try:
            installation.up()
            installation.login()
            made = Stage(installation, fleet, folder)
            _register(made)
            yield made
        finally:
            remove(installation)
            down(fleet)


def _register(made: Stage) -> None:
    host = made.fleet.hosts[0]
    secret = {"kind": "ssh_key", "username": host.username, "private_key": host.private_key}
    targets = [
        {
            "name": h.name, "address": h.address, "port": h.port, "tags": ["bench"], "credential": "bench",
            "host_keys": [h.host_key], "variables": {"number": number},
        }
        for number, h in enumerate(made.fleet.hosts)
    ]  # fmt: skip
    with made.client() as client:
        client.post("/credentials", {"name": "bench", "secret": secret})
        client.post("/inventory/import", inventory(targets))
