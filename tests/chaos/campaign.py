"""A campaign: runs go on while parts are killed at random moments; then the targets' files give the verdict.

    python -m tests.chaos.campaign --runs 200 --kills 60 --hosts 6 --seed 1

Needs root. Exit code 0 when no promise was broken.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import psycopg

from deploy.fleet import Fleet, down, up
from opsconductor.client import PortalClient
from opsconductor.errors import OpsError
from tests.fixtures.inventory import inventory
from tests.fixtures.machine import Installation, new_installation, remove

from .checker import check
from .evidence import gather
from .parts import KILLABLE, Parts
from .report import Kill, Report

LOG = "chaos.log"
EFFECTS = {"look": "read", "keep": "idempotent", "fire": "once"}
READY_SECONDS = 120
SETTLE_SECONDS = 180
UNAUTHORIZED = 401
EXIT_SECONDS = 5
"""The supervisor lets go of its lock a moment before it has ended."""

OVERLAP = 0.2
"""How often a second part is killed before the first one is back."""


def line(step: str, pause: float) -> str:
    """The command line of a step: its mark in the target's file, then some time in which to be killed."""
    return f"echo ${{{{ run.id }}}} ${{{{ target.name }}}} {step} $(date +%s.%N) >> {LOG}; sleep {pause}"


JOB = "\n".join(
    [
        "apiVersion: opsconductor/v1",
        "kind: Job",
        "name: chaos",
        "targets: {select: tag:chaos}",
        "steps:",
        *(
            f"  - {{id: {step}, uses: linux/{action}@1, timeout_seconds: 120, with: {{line: '{line(step, pause)}'}}}}"
            for step, action, pause in (
                ("look", "command.read", 0.1),
                ("keep", "command.repeat", 0.1),
                ("fire", "command", 0.4),
            )
        ),
    ]
)


class Starter:
    """Starts runs, one after the other, whatever is away; none of them twice, none of them silently."""

    def __init__(self, installation: Installation, pause: Callable[[], float]) -> None:
        self._installation = installation
        self._pause = pause
        self._client: PortalClient | None = None
        self.accepted: list[str] = []
        self.failure: BaseException | None = None

    def start(self, runs: int, allowed: Callable[[], int]) -> threading.Thread:
        """Start so many runs in a thread, never more than `allowed` says."""
        thread = threading.Thread(target=self._start_all, args=(runs, allowed), daemon=True)
        thread.start()
        return thread

    def _start_all(self, runs: int, allowed: Callable[[], int]) -> None:
        try:
            while len(self.accepted) < runs:
                if len(self.accepted) < allowed():
                    self.accepted.append(self._start_one())
                time.sleep(self._pause())
        except BaseException as error:
            self.failure = error
            raise
        finally:
            self._sign_out()

    def _start_one(self) -> str:
        key = {"Idempotency-Key": uuid4().hex}
        give_up = time.monotonic() + READY_SECONDS
        while True:
            try:
                self._client = self._client or self._installation.client()
                return self._client.post("/runs", {"job": "chaos"}, headers=key)["id"]
            except OpsError as error:  # a part is away: the same key again cannot start a second run
                if time.monotonic() > give_up:
                    raise
                if getattr(error, "http_status", None) == UNAUTHORIZED:
                    self._sign_out()
            time.sleep(0.3)

    def _sign_out(self) -> None:
        if self._client is not None:
            self._client.__exit__(None, None, None)
            self._client = None


class Campaign:
    """One installation and one fleet under fire."""

    def __init__(self, installation: Installation, fleet: Fleet, seed: int) -> None:
        self._installation = installation
        self._fleet = fleet
        self._random = random.Random(seed)
        self._parts = Parts(installation)
        self._starter = Starter(installation, lambda: 0.3)
        self._kills: list[Kill] = []
        self._done = 0
        self._ready: list[float] = []

    def prepare(self) -> None:
        """A credential, the targets and the job."""
        host = self._fleet.hosts[0]
        with self._installation.client() as client:
            secret = {"kind": "ssh_key", "username": host.username, "private_key": host.private_key}
            client.post("/credentials", {"name": "chaos", "secret": secret})
            targets = [
                {"name": h.name, "address": h.address, "port": h.port, "tags": ["chaos"], "credential": "chaos"}
                for h in self._fleet.hosts
            ]
            client.post("/inventory/import", inventory(targets))
            client.post("/jobs", {"yaml": JOB})

    def run(self, runs: int, kills: int) -> Report:
        """Start the runs and kill the parts side by side; wait until every run has ended; judge."""
        began = time.monotonic()
        victims = self._choose(kills)
        share = runs / (len(victims) + 1)
        thread = self._starter.start(runs, lambda: int(share * (self._done + 2)) + 1)
        for number, part in enumerate(victims, 1):
            self._await(lambda number=number: len(self._starter.accepted) >= int(share * number), "no run is accepted")
            time.sleep(self._random.uniform(0, 1.5))
            self._strike(part)
            self._done = number
        thread.join()
        if self._starter.failure:
            raise self._starter.failure
        self._settle()
        history = gather(self._parts.dsn(), self._fleet, LOG, self._starter.accepted, EFFECTS)
        report = Report(check(history), self._kills, self._ready, seconds=time.monotonic() - began)
        report.measure(self._parts.dsn())
        return report

    def _choose(self, kills: int) -> list[str]:
        """Every part in turn, in an order of chance."""
        victims: list[str] = []
        while len(victims) < kills:
            victims += self._random.sample(KILLABLE, len(KILLABLE))
        return victims[:kills]

    def _strike(self, part: str) -> None:
        since = time.monotonic()
        self._kill(part, overlapping=False)
        if self._random.random() < OVERLAP:
            time.sleep(self._random.uniform(0, 1))
            self._kill(self._random.choice([other for other in KILLABLE if other != part]), overlapping=True)
        if any(kill.part != "flow" for kill in self._kills[-2:]):
            self._await(lambda: not self._parts.missing(), "the installation does not recover")
            self._ready.append(time.monotonic() - since)

    def _kill(self, part: str, *, overlapping: bool) -> None:
        """Kill one process of the part; a flow process is waited for, what is down already is left."""
        give_up = time.monotonic() + (1 if overlapping else READY_SECONDS)
        while time.monotonic() < give_up:
            pids = self._parts.pids(part)
            if pids and self._parts.kill(part, pid := self._random.choice(pids)):
                self._kills.append(Kill(part, pid, time.time(), overlapping))
                return
            time.sleep(0.02)
        if not overlapping:
            raise TimeoutError(f"there was no {part} to kill in {READY_SECONDS} s")

    def _await(self, holds: Callable[[], bool], otherwise: str) -> None:
        give_up = time.monotonic() + READY_SECONDS
        while not holds():
            if self._starter.failure:
                raise self._starter.failure
            if time.monotonic() > give_up:
                raise TimeoutError(f"{otherwise} in {READY_SECONDS} s; not ready: {self._parts.missing()}")
            time.sleep(0.1)

    def _settle(self) -> None:
        """Wait until every run has ended; the checker names those that do not."""
        self._await(lambda: not self._parts.missing(), "the installation does not recover")
        give_up = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < give_up:
            with psycopg.connect(self._parts.dsn()) as connection:
                row = connection.execute("SELECT count(*) FROM job_runs WHERE status <> 'ended'").fetchone()
            if row is not None and row[0] == 0:
                return
            time.sleep(0.5)

    def end(self, report: Report) -> None:
        """The installation says that it works, stops, and leaves no process behind."""
        if self._installation.run("status", check=False).returncode != 0:
            report.verdict.faults.append("status says that something does not work")
        self._installation.down()
        give_up = time.monotonic() + EXIT_SECONDS
        while self._parts.everything() and time.monotonic() < give_up:
            time.sleep(0.1)
        for pid, command in self._parts.everything().items():
            report.verdict.faults.append(f"left behind after down: process {pid} {command}")
            self._parts.kill("orphan", pid)


def fly(runs: int, kills: int, hosts: int, seed: int, logs: Path | None = None) -> Report:
    """A whole campaign on an installation and a fleet of its own.

    Args:
        runs: How many are started.
        kills: How many parts are killed, besides those that overlap.
        hosts: How many targets each run has.
        seed: Of what is killed, and when.
        logs: Folder that takes the logs of the parts.
    """
    folder = Path(tempfile.mkdtemp(prefix="opsc-chaos-", dir="/tmp"))
    fleet = up(hosts, folder / "hosts", bound=True)
    installation = new_installation()
    try:
        installation.up()
        installation.login()
        campaign = Campaign(installation, fleet, seed)
        campaign.prepare()
        report = campaign.run(runs, kills)
        campaign.end(report)
        return report
    finally:
        if logs is not None:
            shutil.copytree(installation.home / "logs", logs, dirs_exist_ok=True)
        remove(installation)
        down(fleet)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """The campaign as a command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--hosts", type=int, default=6)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--logs", type=Path, help="folder for the logs of the parts")
    options = parser.parse_args()
    sys.stdout.write(f"seed {options.seed}\n")
    sys.stdout.flush()
    report = fly(options.runs, options.kills, options.hosts, options.seed, options.logs)
    sys.stdout.write(report.text() + "\n")
    if options.json:
        options.json.write_text(json.dumps(report.data(), indent=1))
    return 1 if report.verdict.faults else 0


if __name__ == "__main__":
    sys.exit(main())
