"""The whole product as a user has it: one installation, twenty registered hosts, and what they say about a run."""

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.fleet import USERS, FleetHost
from opsconductor.client import PortalClient
from opsconductor.sdk.job import JobDocument
from tests.fixtures.machine import Installation

Json = dict[str, Any]
RUN = -1
"""Place of the run-scoped steps, where others have a target's."""


@dataclass(frozen=True)
class Record:
    """A run that has ended, as the API tells of it."""

    client: PortalClient
    facts: Json
    events: list[Json]
    targets: dict[str, Json]

    @property
    def id(self) -> str:
        return self.facts["id"]

    @property
    def outcome(self) -> str:
        return self.facts["outcome"]

    @property
    def outcomes(self) -> Counter[str]:
        """How many targets ended how."""
        return Counter(row["outcome"] for row in self.targets.values())

    def attempts(self, target: str | None = None) -> list[Json]:
        """Every attempt on a target, or of the run-scoped steps."""
        ord_ = RUN if target is None else self.targets[target]["ord"]
        return self.client.get(f"/runs/{self.id}/targets/{ord_}/steps")

    def steps(self, target: str | None = None) -> dict[str, str]:
        """How each step ended, in its last attempt."""
        return {row["step"]: row["outcome"] for row in self.attempts(target)}

    def outputs(self, target: str, step: str) -> Json:
        """What a step gave, in its last attempt."""
        return [row["outputs"] for row in self.attempts(target) if row["step"] == step][-1]

    def printed(self, target: str, step: str) -> str:
        """What a step wrote to its standard output, in its last attempt."""
        row = [row for row in self.attempts(target) if row["step"] == step][-1]
        place = f"{self.targets[target]['ord']}/steps/{row['step_ord']}/attempts/{row['attempt']}"
        return self.client.get(f"/runs/{self.id}/targets/{place}/output")["stdout"]


@dataclass(frozen=True)
class Site:
    """An installation whose targets are the hosts of the fleet."""

    machine: Installation
    client: PortalClient
    hosts: tuple[FleetHost, ...]

    @property
    def names(self) -> list[str]:
        return [host.name for host in self.hosts]

    def publish(self, document: JobDocument | str) -> Json:
        """Publish YAML text, or a document as JSON: a new job, or the next version of it."""
        if isinstance(document, str):
            body: Json = {"yaml": document}
        else:
            body = {"document": document.to_data()}
        name = self.client.post("/jobs/validate", body)["name"]
        known = [job for job in self.client.pages("/jobs", q=name) if job["name"] == name]
        if known:
            return self.client.patch(f"/jobs/{known[0]['id']}", body)
        return self.client.post("/jobs", body)

    def start(
        self,
        job: str,
        parameters: Mapping[str, Any],
        *,
        select: str | None = None,
        check_only: bool = False,
        key: str | None = None,
    ) -> Json:
        """Start a run; how it goes on is not waited for."""
        body: Json = {"job": job, "parameters": parameters, "check_only": check_only}
        if select is not None:
            body["targets"] = {"select": select}
        return self.client.post("/runs", body, headers={"Idempotency-Key": key} if key else None)

    def run(self, job: str, parameters: Mapping[str, Any], **how: Any) -> Record:
        """Start a run and see it to its end."""
        return self.ended(self.start(job, parameters, **how)["id"])

    def rerun(self, run_id: str) -> Record:
        """Run the same again on the targets that did not end well."""
        return self.ended(self.client.post(f"/runs/{run_id}/rerun", {"targets": "failed"})["id"])

    def ended(self, run_id: str) -> Record:
        """Watch a run until it has ended."""
        events = list(self.client.events(run_id))
        targets = {row["name"]: row for row in self.client.pages(f"/runs/{run_id}/targets", size=500)}
        return Record(self.client, self.client.get(f"/runs/{run_id}"), events, targets)


def folder(host: FleetHost, name: str) -> Path:
    """A new folder `/srv/NAME` on a host, of its ordinary user; as seen from outside."""
    path = Path(host.root, "srv", name)
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    own(host, path)
    return path


def own(host: FleetHost, *paths: Path) -> None:
    """Give files to the host's ordinary user."""
    for path in paths:
        shutil.chown(path, USERS[host.username], USERS[host.username])


def write_program(host: FleetHost, path: Path, text: str) -> None:
    """Put a program on a host."""
    path.write_text(text)
    path.chmod(0o755)
    own(host, path)


def write_unit(host: FleetHost, unit: str, state: str, *, refuses: bool = False) -> None:
    """Give a host a unit, where its stand-in of systemctl looks for it."""
    units = host.home / ".units"
    units.mkdir(exist_ok=True)
    file, refusal, log = (units / f"{unit}{ending}" for ending in ("", ".refuses", ".log"))
    file.write_text(f"{state}\n")
    log.write_text("")
    refusal.unlink(missing_ok=True)
    if refuses:
        refusal.write_text(f"{unit}: address already in use\n")
    own(host, units, file, log)


def unit_state(host: FleetHost, unit: str) -> str:
    """State of a unit, from the host's own file."""
    return (host.home / ".units" / unit).read_text().strip()


def unit_log(host: FleetHost, unit: str) -> list[str]:
    """What was done to a unit, from the host's own file."""
    return (host.home / ".units" / f"{unit}.log").read_text().split()
