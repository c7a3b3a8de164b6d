"""What a user does with runs on twenty real hosts: dry run, cancel, batches, repeated requests, the live view."""

import hashlib
import os
import select
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.fleet import Fleet, FleetHost
from opsconductor.errors import ConflictError, InvalidInputError
from opsconductor.sdk import Job
from tests.doubles.mail_sink import MailSink

from . import jobs
from .site import Site, folder, write_unit

pytestmark = pytest.mark.real

HOSTILE = (
    "; touch owned",
    "$(touch owned)",
    "`touch owned`",
    "&& touch owned || touch owned #",
    "line one\nline two\n",
    "it's \"quoted\" 'twice' \\ and \\\\",
    "ünïcödé 漢字 \U0001f511 \u202e",
    "${{ 1 + 1 }} ${HOME} $HOME %s",
    "-n",
    "*",
    " lead\tand trail ",
)


def files_of(host: FleetHost) -> dict[str, str]:
    """Everything in a host's homes and /srv, with its content and time of change."""
    found: dict[str, str] = {}
    for top in ("home", "root", "srv"):
        for path in sorted(Path(host.root, top).rglob("*")):
            content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
            found[str(path)] = f"{path.lstat().st_mtime_ns} {content}"
    return found


# ── dry run ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_dry_run_says_what_would_change_and_changes_nothing(site: Site, mail: MailSink) -> None:
    unit = "dry.service"
    down = site.hosts[:5]
    for host in site.hosts:
        write_unit(host, unit, "inactive" if host in down else "active")
    site.publish(jobs.restart_web())
    before = {host.name: files_of(host) for host in site.hosts}
    parameters = (f"unit={unit}", "mail_host=127.0.0.1", f"mail_port={mail.port}", "mail_to=ops@example.org")

    options = [word for parameter in parameters for word in ("--param", parameter)]
    done = site.machine.run("run", "start", "restart-web", "--check", "--watch", *options)

    record = site.ended(site.client.get("/runs", size=1)["items"][0]["id"])
    assert record.facts["check_only"]
    assert "succeeded" in done.stdout
    assert record.outcomes == {"changed": 5, "ok": 15}
    summaries = {row["summary"] for host in down for row in record.attempts(host.name) if row["step"] == "restart"}
    assert summaries == {f"would restart {unit}"}
    assert {host.name: files_of(host) for host in site.hosts} == before
    assert mail.messages == []


# ── parameters arrive as they are ───────────────────────────────────────────────────────────────────────────────


def test_hostile_parameters_arrive_byte_for_byte_and_never_as_code(site: Site) -> None:
    job = Job("hostile-words", targets="tag:web")
    given = [job.parameter(f"text_{place}", str) for place in range(len(HOSTILE))]
    for place, text in enumerate(given):
        job.step(f"line_{place}", "linux/command@1", line=f"printf %s {text} > /srv/words/line_{place}")
        script = f'printf %s "$1" > /srv/words/script_{place}'
        job.step(f"script_{place}", "linux/script@1", text=script, arguments=[text])
        job.step(f"file_{place}", "linux/file.write@1", path=f"/srv/words/file_{place}", content=text)
    site.publish(job.document())
    hosts = site.hosts[:4]
    for host in hosts:
        folder(host, "words")

    parameters = {f"text_{place}": text for place, text in enumerate(HOSTILE)}
    record = site.run("hostile-words", parameters, select=" or ".join(f"host:{host.name}" for host in hosts))

    assert record.outcomes == {"changed": 4}
    for host in hosts:
        words = Path(host.root, "srv", "words")
        for place, text in enumerate(HOSTILE):
            for way in ("line", "script", "file"):
                assert (words / f"{way}_{place}").read_bytes() == text.encode(), (way, text)
        assert len(list(words.iterdir())) == 3 * len(HOSTILE)
        assert not (host.home / "owned").exists()
    assert record.facts["parameters"] == parameters


def test_a_parameter_with_a_nul_is_refused_before_anything_runs(site: Site) -> None:
    job = Job("nul-word", targets="tag:web")
    text = job.parameter("text", str)
    job.step("say", "linux/command@1", line=f"echo {text}")
    site.publish(job.document())
    runs = site.client.get("/runs", size=1)["items"]
    with pytest.raises(InvalidInputError):
        site.start("nul-word", {"text": "a\0b"})
    assert site.client.get("/runs", size=1)["items"] == runs


# ── cancel ──────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def bells(hosts: Sequence[FleetHost], name: str) -> Generator[dict[int, FleetHost]]:
    """A named pipe on each host: what is written there wakes the test."""
    open_: dict[int, FleetHost] = {}
    try:
        for host in hosts:
            path = folder(host, name) / "bell"
            os.mkfifo(path)
            path.chmod(0o666)
            open_[os.open(path, os.O_RDWR | os.O_NONBLOCK)] = host
        yield open_
    finally:
        for descriptor in open_:
            os.close(descriptor)


def wait_for_all(open_: dict[int, FleetHost]) -> None:
    left = set(open_)
    while left:
        rung, _, _ = select.select(list(left), [], [], 60)
        assert rung, f"nothing began on {[open_[descriptor].name for descriptor in left]}"
        left -= set(rung)


def commands_in(fleet: Fleet) -> list[str]:
    """Command lines of everything that runs on the hosts."""
    found: list[str] = []
    listed = subprocess.run(["ip", "netns", "pids", fleet.namespace], capture_output=True, text=True, check=True)
    for pid in listed.stdout.split():
        try:
            found.append(Path("/proc", pid, "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def test_a_cancelled_run_leaves_nothing_running_on_the_hosts(site: Site, fleet: Fleet) -> None:
    job = Job("endless", targets="tag:web")
    # Both the shell's own child and one that left for a session of its own.
    never = "echo never > /srv/endless/never"
    line = f"setsid sh -c 'sleep 86397; {never}' & (sleep 86397; {never}) & echo > /srv/endless/bell; wait"
    job.step("wait", "linux/command@1", line=line)
    job.step("after", "linux/command@1", line="echo never > /srv/endless/after")
    site.publish(job.document())

    with bells(site.hosts, "endless") as open_:
        started = site.start("endless", {})
        wait_for_all(open_)
        assert sum("86397" in command for command in commands_in(fleet)) >= 2 * len(site.hosts)
        cancelled = site.machine.run("run", "cancel", started["id"], "--watch", check=False)
    record = site.ended(started["id"])

    assert cancelled.returncode == 4
    assert record.outcome == "cancelled"
    assert record.facts["cancel_requested_by"] == "admin"
    assert record.outcomes == {"cancelled": 20}
    assert not [command for command in commands_in(fleet) if "86397" in command]
    for host in site.hosts:
        assert record.steps(host.name) == {"wait": "cancelled"}
        assert [path.name for path in Path(host.root, "srv", "endless").iterdir()] == ["bell"]


# ── batches ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_run_that_fails_too_often_does_not_begin_on_further_hosts(site: Site) -> None:
    job = Job("careful", targets="tag:web", batches=[2, "25%"], max_failures=2)
    job.step("work", "linux/command@1", line="echo met >> /srv/careful/log; test ! -e /srv/careful/broken")
    site.publish(job.document())
    for host in site.hosts:
        folder(host, "careful")
    for place in (1, 3, 5):
        Path(site.hosts[place].root, "srv", "careful", "broken").touch()

    first = site.run("careful", {})

    order = [site.hosts[site.names.index(name)] for name in first.targets]
    met = [host for host in order if Path(host.root, "srv", "careful", "log").exists()]
    assert met == order[:7]
    assert first.outcome == "partial"
    assert first.outcomes == {"changed": 4, "failed": 3, "skipped": 13}
    assert {row["reason"] for row in first.targets.values() if row["outcome"] == "skipped"} == {
        "not started: too much went wrong before"
    }
    assert "13 not started" in first.facts["summary"]

    for host in site.hosts:
        Path(host.root, "srv", "careful", "broken").unlink(missing_ok=True)
    again = site.rerun(first.id)

    assert again.outcome == "succeeded"
    assert set(again.targets) == {name for name, row in first.targets.items() if row["outcome"] != "changed"}
    assert again.facts["rerun_of"] == first.id
    for host in site.hosts:
        lines = Path(host.root, "srv", "careful", "log").read_text().splitlines()
        assert len(lines) == (2 if first.targets[host.name]["outcome"] == "failed" else 1)


# ── the same request twice ──────────────────────────────────────────────────────────────────────────────────────


def test_the_same_key_finds_the_same_run_and_the_hosts_see_it_once(site: Site) -> None:
    job = Job("counted", targets="tag:web")
    job.parameter("why", str, default="")
    job.step("count", "linux/command@1", line="echo ran >> /srv/counted/log")
    site.publish(job.document())
    for host in site.hosts:
        folder(host, "counted")
    key = uuid4().hex

    first = site.start("counted", {}, key=key)
    assert site.start("counted", {}, key=key)["id"] == first["id"]
    record = site.ended(first["id"])
    assert site.start("counted", {}, key=key)["id"] == first["id"]
    with pytest.raises(ConflictError):
        site.start("counted", {"why": "something else"}, key=key)

    assert record.outcomes == {"changed": 20}
    assert {Path(host.root, "srv", "counted", "log").read_text() for host in site.hosts} == {"ran\n"}


# ── the live view ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("broken", "code", "outcome"), [(0, 0, "succeeded"), (20, 1, "failed"), (3, 3, "partial")])
def test_watching_a_run_shows_its_hosts_and_ends_with_its_outcome(
    site: Site, broken: int, code: int, outcome: str
) -> None:
    job = Job("watched", targets="tag:web")
    job.step("work", "linux/command@1", line="test ! -e /srv/watched/broken")
    site.publish(job.document())
    for place, host in enumerate(site.hosts):
        path = folder(host, "watched")
        if place < broken:
            (path / "broken").touch()

    live = site.machine.run("run", "start", "watched", "--watch", check=False)
    later = site.machine.run("run", "watch", "last", check=False)

    assert (live.returncode, later.returncode) == (code, code)
    for shown in (live.stdout, later.stdout):
        assert f"\n{outcome}: " in shown
        assert f"{20 - broken} of 20 targets succeeded" in shown
        for place, host in enumerate(site.hosts):
            assert (f"work on {host.name}: failed" in shown) == (place < broken)
            assert host.name in shown
    assert [line for line in lines_of(live.stdout) if line == "running"]


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def test_one_host_after_the_other_is_told_live(site: Site) -> None:
    """Events tell of a host's end while others still run: they are no summary at the end."""
    job = Job("stepwise", targets="tag:web", batches=[10])
    job.step("work", "linux/command@1", line="echo done > /srv/stepwise/done")
    site.publish(job.document())
    for host in site.hosts:
        folder(host, "stepwise")
    started = site.start("stepwise", {})
    seen_before_the_end = 0
    for event in site.client.events(started["id"]):
        if event["kind"] == "batch.started" and event["data"]["first"] == 10:
            seen_before_the_end = sum(Path(host.root, "srv", "stepwise", "done").exists() for host in site.hosts)
    assert seen_before_the_end >= 10
