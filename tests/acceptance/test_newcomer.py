"""A newcomer's whole way with the program alone: from a fresh `up` to the audit log, on twenty real OpenSSH hosts."""

import json
import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import stamina

from deploy.fleet import Fleet, FleetHost
from tests.fixtures.machine import PASSWORD, Installation, new_installation, remove

from .site import own

pytestmark = pytest.mark.real

PATIENCE_SECONDS = 60
FORGOTTEN = 6
"""Place of the host on which somebody forgot something, so that the job fails there."""
ONE_TIME = re.compile(r"[Oo]ne-time password[^:]*: (\S+)")
GUESTS = "seven copper kettles in the attic"
ANNAS = "quiet lighthouse over amber fields"
JOB_LINE = '"echo ${{ params.greeting }} from $(hostname)"'


@dataclass
class Person:
    """Somebody with a folder and a sign-in of their own, who knows nothing but the program."""

    machine: Installation
    name: str
    folder: Path

    def says(self, *arguments: str, code: int = 0) -> str:
        """What `opsconductor …` prints for them, on both streams, and that it ends with this code."""
        environment = {**self.machine.environment, "OPSCONDUCTOR_TOKEN_FILE": str(self.folder / "session.json")}
        somebody = Installation(self.machine.home, self.machine.port, self.machine.prefect_port, "", environment)
        done = somebody.run(*arguments, check=False)
        assert done.returncode == code, f"{' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def reads(self, *arguments: str) -> list[dict[str, object]]:
        return json.loads(self.says(*arguments, "--json"))

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text)
        return str(path)

    def login(self, *answers: str) -> str:
        """Sign in at a terminal, and answer each question in turn; gives all that was on the screen."""
        variables = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "OPSCONDUCTOR_HOME": str(self.machine.home),
            "OPSCONDUCTOR_TOKEN_FILE": str(self.folder / "session.json"), "TERM": "xterm",
        }  # fmt: skip
        screen, keyboard = pty.openpty()
        program = [sys.executable, "-m", "opsconductor", "login", "--username", self.name]
        with subprocess.Popen(
            program, stdin=keyboard, stdout=keyboard, stderr=keyboard, env=variables, cwd="/", start_new_session=True
        ) as process:
            os.close(keyboard)
            shown = _converse(process, screen, list(answers))
        assert process.returncode == 0, shown
        return shown


def _converse(process: "subprocess.Popen[bytes]", screen: int, answers: list[str]) -> str:
    shown = unanswered = ""
    while piece := _read(process, screen):
        shown += piece
        unanswered += piece
        if answers and unanswered.endswith(": "):
            os.write(screen, f"{answers.pop(0)}\n".encode())
            unanswered = ""
    os.close(screen)
    return shown


def _read(process: "subprocess.Popen[bytes]", screen: int) -> str:
    if not select.select([screen], [], [], PATIENCE_SECONDS)[0]:
        process.kill()  # it asks something that has no answer here
    try:
        return os.read(screen, 4096).decode()
    except OSError:  # nobody is at the terminal any more
        return ""


@pytest.fixture
def fresh() -> Iterator[Installation]:
    installation = new_installation()
    try:
        yield installation
    finally:
        remove(installation)


def inventory(fleet: Fleet) -> str:
    """The fleet as Ansible users have it."""
    lines = [f"{host.name} ansible_host={host.address} ansible_port={host.port}" for host in fleet.hosts]
    web, db = lines[:12], lines[12:]
    return "\n".join(["[web]", *web, "", "[db]", *db, "", "[prod:children]", "web", "db", ""])


def prepare(host: FleetHost) -> None:
    """What the job looks for on a host."""
    file = host.home / "newcomer"
    file.write_text("here\n")
    own(host, file)


def test_from_a_fresh_up_to_the_audit_log(fresh: Installation, fleet: Fleet, tmp_path: Path) -> None:
    greeting = fresh.up()
    password = re.search(r"user admin, one-time password (\S+)", greeting)
    assert password
    assert fresh.url in greeting
    admin, anna, guest = (Person(fresh, name, tmp_path / name) for name in ("admin", "anna", "guest"))
    for person in (admin, anna, guest):
        person.folder.mkdir()
    hosts = fleet.hosts[:20]
    failing = hosts[FORGOTTEN]
    for host in hosts:
        (host.home / "newcomer").unlink(missing_ok=True)
        if host is not failing:
            prepare(host)

    the_admin_prepares(admin, anna, fleet, password.group(1))
    the_operator_runs(anna, failing)
    a_guest_of_one_group_runs_there_alone(admin, guest)
    the_admin_reads_the_log(admin)


@stamina.retry(on=AssertionError, attempts=100, timeout=20, wait_max=0.3)
def host_keys_are_kept(admin: Person, fleet: Fleet) -> None:
    """A moment after the test: upkeep keeps them."""
    kept = {str(target["name"]): target["host_keys"] for target in admin.reads("target", "list")}
    assert kept == {host.name: [host.host_key] for host in fleet.hosts}


def the_admin_prepares(admin: Person, anna: Person, fleet: Fleet, one_time_password: str) -> None:
    shown = admin.login(one_time_password, PASSWORD, PASSWORD)
    assert "Signed in" in shown
    assert PASSWORD not in shown
    added = admin.says("user", "create", "anna", "--role", "operator")
    assert f"opsconductor login --url {admin.machine.url} -u anna" in added
    first = ONE_TIME.search(added)
    assert first

    key = admin.file("key", fleet.hosts[0].private_key)
    admin.says("group", "create", "web", "--description", "Web servers")
    admin.says("credential", "create", "ops", "--username", fleet.hosts[0].username, "--key-file", key)
    file = admin.file("inventory.ini", inventory(fleet))
    assert "Would add 20" in admin.says("target", "import", file, "--credential", "ops", "--dry-run")
    assert "No targets yet" in admin.says("target", "list")
    assert "Added 20" in admin.says("target", "import", file, "--credential", "ops")
    assert [(group["name"], group["target_count"]) for group in admin.reads("group", "list")] == [
        ("db", 8), ("prod", 20), ("web", 12),
    ]  # fmt: skip

    tested = admin.says("target", "test", "--select", "group:prod")
    assert "20 connected." in tested
    host_keys_are_kept(admin, fleet)

    shown = anna.login(first.group(1), ANNAS, ANNAS)
    assert "Signed in" in shown


def the_operator_runs(anna: Person, failing: FleetHost) -> None:
    assert "anna (operator)" in anna.says("whoami")
    job = anna.folder / "hello.yaml"
    anna.says("job", "new", str(job), "--select", "group:prod")
    starter = job.read_text()
    assert JOB_LINE in starter
    job.write_text(starter.replace(JOB_LINE, '"cat ~/newcomer && uname -n"'))
    anna.says("job", "validate", str(job))
    assert "version 1" in anna.says("job", "create", str(job), "--folder", "web/demo")

    assert "Would run on 20 targets." in anna.says("run", "start", "hello", "--preview")
    assert "Watch it" in anna.says("run", "start", "hello")
    watched = anna.says("run", "watch", "last", code=3)
    assert "partial: 19 of 20 targets succeeded; 1 failed" in watched
    assert f"greet on {failing.name}: failed" in watched
    assert "opsconductor run rerun" in watched
    assert "No such file or directory" in anna.says("run", "output", "last", failing.name)
    assert [run["outcome"] for run in anna.reads("run", "list")] == ["partial"]

    prepare(failing)
    mended = anna.says("run", "rerun", "last", "--failed", "--watch")
    assert "succeeded: 1 of 1 targets succeeded" in mended
    assert failing.name in mended
    assert [run["target_count"] for run in anna.reads("run", "list")] == [1, 20]
    assert "audit:view" in anna.says("audit", "list", code=2)


def a_guest_of_one_group_runs_there_alone(admin: Person, guest: Person) -> None:
    first = ONE_TIME.search(admin.says("user", "create", "guest", "--role", "viewer"))
    assert first
    for place in (["--group", "db"], ["--folder", "web/demo"], ["--credential", "ops"]):
        admin.says("role", "grant", "guest", "operator", *place)
    assert len(admin.reads("role", "grants")) == 3
    guest.login(first.group(1), GUESTS, GUESTS)
    assert "web001" in guest.says("run", "start", "hello", code=2)
    assert "8 of 8 targets succeeded" in guest.says("run", "start", "hello", "--select", "group:db", "--watch")


def the_admin_reads_the_log(admin: Person) -> None:
    told = [(entry["event"], entry["actor_name"]) for entry in reversed(admin.reads("audit", "list", "--last", "200"))]
    way = [
        ("session.opened", "admin"), ("user.created", "admin"), ("group.created", "admin"),
        ("credential.created", "admin"), ("inventory.imported", "admin"), ("connection.tested", "admin"),
        ("session.opened", "anna"), ("job.created", "anna"), ("run.started", "anna"), ("run.started", "anna"),
        ("permission.denied", "anna"), ("grant.created", "admin"), ("permission.denied", "guest"),
        ("run.started", "guest"),
    ]  # fmt: skip
    rest = iter(told)
    assert all(step in rest for step in way), told
    assert [event for event, _ in told].count("target.host_key_pinned") == 20
    listed = admin.says("audit", "list", "--actor", "anna", "--event", "run.started")
    assert len(re.findall(r"run\.started +anna +run [0-9a-f]{8} ", listed)) == 2
    assert "Intact" in admin.says("audit", "verify")
    assert "works" in admin.says("status")
