"""A campaign: runs go on while parts are killed at random moments; then the targets' files give the verdict.

    python -m tests.chaos.campaign --runs 200 --kills 60 --hosts 6 --seed 1

Needs root. Exit code 0 when no promise was broken.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg.rows import dict_row

from deploy.fleet import Fleet, down, up
from opsconductor.errors import OpsError
from opsconductor.sdk.outcome import Outcome
from tests.fixtures.machine import Installation, new_installation, remove

from .checker import Attempt, History, Run, Verdict, check, parse_lines

LOG = "chaos.log"
EFFECTS = {"look": "read", "keep": "idempotent", "fire": "once"}
PARTS = ("flow", "flow", "flows.worker", "flows.worker.forkserver", "portal", "flows.prefect_server", "database")
"""What is killed, by weight: flow processes twice as often as the others."""


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


@dataclass
class Report:
    """What a campaign came to."""

    verdict: Verdict
    kills: Counter[str] = field(default_factory=Counter)
    recoveries: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def text(self) -> str:
        ordered = sorted(self.recoveries)
        middle = f"{ordered[len(ordered) // 2]:.1f} s, worst {ordered[-1]:.1f} s" if ordered else "none"
        return "\n".join(
            [
                f"{sum(self.kills.values())} kills in {self.seconds:.0f} s: {dict(self.kills)}",
                f"recovery to everything ready: median {middle}",
                f"counts: {dict(sorted(self.verdict.counts.items()))}",
                f"faults: {len(self.verdict.faults)}",
                *(f"  {fault}" for fault in self.verdict.faults[:50]),
            ]
        )


class Campaign:
    """One installation and one fleet under fire."""

    def __init__(self, installation: Installation, fleet: Fleet, seed: int) -> None:
        self._installation = installation
        self._fleet = fleet
        self._random = random.Random(seed)
        self._accepted: list[str] = []
        self._kills: Counter[str] = Counter()
        self._recoveries: list[float] = []

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
            client.post("/targets/import", {"targets": targets})
            client.post("/jobs", {"yaml": JOB})

    def run(self, runs: int, kills: int, *, between: tuple[float, float]) -> Report:
        """Start the runs and kill the parts side by side; wait until every run has ended; judge."""
        began = time.monotonic()
        starter = threading.Thread(target=self._start_all, args=(runs,), daemon=True)
        starter.start()
        for _ in range(kills):
            time.sleep(self._random.uniform(*between))
            self._kill_one()
        starter.join()
        self._settle()
        report = Report(check(self._history()), self._kills, self._recoveries)
        report.seconds = time.monotonic() - began
        return report

    def _start_all(self, runs: int) -> None:
        for _ in range(runs):
            self._start_one()
            time.sleep(0.3)

    def _start_one(self) -> None:
        key = uuid4().hex
        while True:
            try:
                with self._installation.client() as client:
                    run = client.post("/runs", {"job": "chaos"}, headers={"Idempotency-Key": key})
            except OpsError:
                time.sleep(0.5)  # a part is away: the same key again cannot start a second run
            else:
                self._accepted.append(run["id"])
                return

    def _kill_one(self) -> None:
        part = self._random.choice(PARTS)
        try:
            pids = self._installation.flow_pids() if part == "flow" else [self._installation.pid(part)]
        except LookupError:
            pids = []
        if not pids:
            return
        try:
            os.kill(self._random.choice(pids), signal.SIGKILL)
        except ProcessLookupError:
            return
        self._kills[part] += 1
        if part != "flow":
            self._await_ready(time.monotonic())

    def _await_ready(self, since: float) -> None:
        while self._installation.run("status", check=False).returncode != 0:
            if time.monotonic() - since > 120:
                raise TimeoutError("the installation did not recover in 120 s")
            time.sleep(0.1)
        self._recoveries.append(time.monotonic() - since)

    def _settle(self) -> None:
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            with self._connect() as connection:
                row = connection.execute("SELECT count(*) AS n FROM job_runs WHERE status <> 'ended'").fetchone()
            if row is not None and row["n"] == 0:
                return
            time.sleep(0.5)

    def _connect(self) -> psycopg.Connection[dict[str, object]]:
        dsn = f"postgresql://opsconductor@/opsconductor?host={self._installation.home / 'run'}"
        while True:
            try:
                return psycopg.connect(dsn, row_factory=dict_row)
            except psycopg.OperationalError:
                time.sleep(0.5)

    def _history(self) -> History:
        with self._connect() as connection:
            runs = [Run(str(row["id"]), str(row["status"]), row["outcome"] and str(row["outcome"]))
                    for row in connection.execute("SELECT id, status, outcome FROM job_runs")]  # fmt: skip
            rows = connection.execute(
                "SELECT s.run_id, t.name, s.step_ord, s.attempt, s.state, s.outcome,"
                " extract(epoch FROM s.done_at)::float AS done_at FROM job_run_steps s"
                " JOIN job_run_targets t ON t.run_id = s.run_id AND t.ord = s.target_ord"
            ).fetchall()
            steps = connection.execute("SELECT plan FROM published_jobs LIMIT 1").fetchone()
        names = {node["ord"]: node["id"] for node in (steps or {})["plan"]["nodes"]}  # type: ignore[index, call-overload]
        attempts = [
            Attempt(
                str(row["run_id"]), row["name"], names[row["step_ord"]], row["attempt"], row["state"] == 2,
                None if row["outcome"] is None else Outcome(row["outcome"]).label, row["done_at"],
            )
            for row in rows
        ]  # fmt: skip
        lines = [
            mark
            for host in self._fleet.hosts
            if (host.home / LOG).exists()
            for mark in parse_lines((host.home / LOG).read_text())
        ]
        return History(self._accepted, [h.name for h in self._fleet.hosts], EFFECTS, runs, attempts, lines)


def fly(runs: int, kills: int, hosts: int, seed: int, between: tuple[float, float]) -> Report:
    """A whole campaign on an installation and a fleet of its own."""
    folder = Path(tempfile.mkdtemp(prefix="opsc-chaos-", dir="/tmp"))
    fleet = up(hosts, folder / "hosts", bound=True)
    installation = new_installation()
    try:
        installation.up()
        installation.login()
        campaign = Campaign(installation, fleet, seed)
        campaign.prepare()
        return campaign.run(runs, kills, between=between)
    finally:
        remove(installation)
        down(fleet)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--hosts", type=int, default=6)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    report = fly(options.runs, options.kills, options.hosts, options.seed, (0.5, 3.0))
    print(report.text())
    if options.json:
        options.json.write_text(json.dumps({"kills": report.kills, "counts": report.verdict.counts,
                                            "faults": report.verdict.faults, "seed": options.seed}))  # fmt: skip
    return 1 if report.verdict.faults else 0


if __name__ == "__main__":
    sys.exit(main())
