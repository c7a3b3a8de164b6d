"""The acceptance jobs on twenty real hosts, from the API to the record; the verdict comes from the hosts' files."""

import os
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from deploy.fleet import FleetHost
from opsconductor.sdk.job import dump_yaml, parse
from tests.doubles.mail_sink import MailSink

from . import jobs
from .site import Site, folder, own, unit_log, unit_state, write_program, write_unit

pytestmark = pytest.mark.real

DAY = 86_400
MYSQLDUMP = """\
#!/bin/sh
# Stands in for mysqldump(1): no database runs on the hosts.
[ $# -eq 1 ] || { echo "mysqldump: one database is expected" >&2; exit 2; }
printf -- '-- Dump of %s\\n' "$1"
"""


def text_of(job: str) -> str:
    return (jobs.DOCUMENTS / f"{job}.yaml").read_text()


def subjects(mail: MailSink) -> list[str]:
    return [str(message["Subject"]) for message in mail.messages]


def bodies(mail: MailSink) -> list[str]:
    return [str(message.get_content()).strip() for message in mail.messages]


def lines(body: str) -> list[str]:
    return [line.strip() for line in body.splitlines() if line.strip()]


# ── a service is restarted where it is down: YAML, and the same in Python ────────────────────────────────────────

WAYS = {
    "yaml": lambda: text_of("restart_web"),
    "python": jobs.restart_web,
    "python as yaml": lambda: dump_yaml(jobs.restart_web(), None),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_service_is_restarted_where_it_is_down_however_the_job_was_written(
    site: Site, mail: MailSink, mailing: dict[str, Any], way: str
) -> None:
    unit = "shop.service"
    down, stubborn = site.hosts[3::4], site.hosts[7]
    for host in site.hosts:
        write_unit(host, unit, "inactive" if host in down else "active", refuses=host is stubborn)
    job = site.publish(WAYS[way]())

    first = site.run(job["name"], {"unit": unit, **mailing})

    assert first.outcome == "partial"
    assert first.outcomes == {"ok": 15, "changed": 4, "failed": 1}
    assert "address already in use" in first.targets[stubborn.name]["reason"]
    for host in site.hosts:
        tries = 2 if host is stubborn else 1
        restarts = [row for row in first.attempts(host.name) if row["step"] == "restart"]
        if host in down:
            assert unit_log(host, unit) == ["restart"] * tries
            assert [row["attempt"] for row in restarts] == list(range(1, tries + 1))
        else:
            assert unit_log(host, unit) == []
            assert [row["outcome"] for row in restarts] == ["skipped"]
        assert first.outputs(host.name, "probe")["active"] is (host not in down)
        assert unit_state(host, unit) == ("failed" if host is stubborn else "active")
    assert subjects(mail) == [f"{unit} could not be restarted"]
    assert "19 of 20 targets succeeded; 1 failed: " + stubborn.name in bodies(mail)[0]
    assert first.steps() == {"tell": "changed"}

    write_unit(stubborn, unit, "failed")
    again = site.rerun(first.id)

    assert again.outcome == "succeeded"
    assert list(again.targets) == [stubborn.name]
    assert unit_log(stubborn, unit) == ["restart"]
    assert [unit_state(host, unit) for host in site.hosts] == ["active"] * 20
    assert len(mail.messages) == 1


def test_yaml_and_python_are_the_same_job(site: Site) -> None:
    first, *others = (parse(site.publish(written())["document"]) for written in WAYS.values())
    assert others == [first, first]


# ── job 2: check, branch, verify ────────────────────────────────────────────────────────────────────────────────


def test_a_service_is_cycled_where_it_runs_and_started_where_it_does_not(
    site: Site, mail: MailSink, mailing: dict[str, Any]
) -> None:
    unit = "cycle.service"
    down = site.hosts[:6]
    for host in site.hosts:
        write_unit(host, unit, "inactive" if host in down else "active")
    job = site.publish(text_of("service_check"))

    record = site.run(job["name"], {"unit": unit, "wait_seconds": 0.2, **mailing})

    assert record.outcome == "succeeded"
    assert record.outcomes == {"changed": 20}
    for host in site.hosts:
        steps = record.steps(host.name)
        if host in down:
            assert unit_log(host, unit) == ["start"]
            assert (steps["stop"], steps["rest"]) == ("skipped", "skipped")
        else:
            assert unit_log(host, unit) == ["stop", "start"]
            assert steps["stop"] == "changed"
        assert unit_state(host, unit) == "active"
        assert record.outputs(host.name, "state")["state"] == "active"
    assert subjects(mail) == ["cycle.service runs on 20 hosts"]
    assert bodies(mail) == ["20 of 20 targets succeeded"]


def test_a_service_that_does_not_come_up_is_told_with_its_hosts(
    site: Site, mail: MailSink, mailing: dict[str, Any]
) -> None:
    unit = "cycle.service"
    for host in site.hosts:
        write_unit(host, unit, "active")
    refusing, half_way = site.hosts[4], site.hosts[9]
    write_unit(refusing, unit, "active", refuses=True)
    write_unit(half_way, unit, "activating")
    job = site.publish(jobs.service_check())

    record = site.run(job["name"], {"unit": unit, "wait_seconds": 0, **mailing})

    assert record.outcome == "partial"
    assert record.outcomes == {"changed": 18, "failed": 2}
    assert "start" in record.targets[refusing.name]["reason"]
    assert "verify" not in record.steps(refusing.name)
    assert unit_log(refusing, unit) == ["stop", "start"]
    assert unit_state(refusing, unit) == "failed"
    assert record.targets[half_way.name]["reason"] == f"verify: {unit} is activating after the start"
    assert unit_log(half_way, unit) == []
    assert subjects(mail) == ["cycle.service does not run on 2 of 20 hosts"]
    assert set(bodies(mail)[0].removeprefix("Failed: ").split(", ")) == {refusing.name, half_way.name}


# ── job 3: database backup ──────────────────────────────────────────────────────────────────────────────────────


def dumps(host: FleetHost, name: str) -> dict[str, str]:
    return {file.name: file.read_text() for file in Path(host.root, "srv", name).iterdir()}


@pytest.mark.parametrize("db", ["shop", "shop; touch owned; $(id) 'quoted'"])
def test_a_database_is_dumped_into_a_dated_file_on_every_host(
    site: Site, mail: MailSink, mailing: dict[str, Any], db: str
) -> None:
    for host in site.hosts:
        folder(host, "backup")
        write_program(host, Path(host.root, "bin", "mysqldump"), MYSQLDUMP)
    job = site.publish(text_of("database_backup"))
    before = datetime.now(UTC)

    record = site.run(job["name"], {"db": db, "path": "/srv/backup", **mailing})

    dates = {before.astimezone().strftime("%Y%m%d"), datetime.now().astimezone().strftime("%Y%m%d")}
    assert record.outcome == "succeeded"
    assert record.outcomes == {"changed": 20}
    for host in site.hosts:
        ((name, text),) = dumps(host, "backup").items()
        assert name in {f"{db}_{date}.sql" for date in dates}
        assert text == f"-- Dump of {db}\n"
        assert not (host.home / "owned").exists()
    assert subjects(mail) == ["Backup done"]
    assert bodies(mail) == [f"{db}: 20 of 20 targets succeeded"]


def test_a_failed_backup_is_told_with_its_hosts(site: Site, mail: MailSink, mailing: dict[str, Any]) -> None:
    for host in site.hosts:
        folder(host, "backup")
        write_program(host, Path(host.root, "bin", "mysqldump"), MYSQLDUMP)
    without_folder, without_program = site.hosts[2], site.hosts[11]
    Path(without_folder.root, "srv", "backup").rmdir()
    Path(without_program.root, "bin", "mysqldump").unlink()
    job = site.publish(jobs.database_backup())

    record = site.run(job["name"], {"db": "shop", "path": "/srv/backup", **mailing})

    assert record.outcome == "partial"
    failed = {name for name, row in record.targets.items() if row["outcome"] == "failed"}
    assert failed == {without_folder.name, without_program.name}
    codes = {name: row["exit_code"] for name in failed for row in record.attempts(name)}
    assert codes[without_program.name] == 127
    assert codes[without_folder.name] not in (None, 0)
    assert [len(dumps(host, "backup")) for host in site.hosts if host.name not in failed] == [1] * 18
    assert subjects(mail) == ["Backup failed"]
    assert set(bodies(mail)[0].removeprefix("shop failed on ").split(", ")) == failed


# ── job 6: log cleanup ──────────────────────────────────────────────────────────────────────────────────────────


def write_logs(host: FleetHost, **ages: int) -> Path:
    logs = folder(host, "logs")
    for name, days in ages.items():
        file = logs / name.replace("_", ".")
        file.write_text(f"{name} of {host.name}\n")
        own(host, file)
        then = time.time() - days * DAY - 60
        os.utime(file, (then, then))
    return logs


def test_old_logs_are_compressed_very_old_ones_deleted_and_all_is_told(
    site: Site, mail: MailSink, mailing: dict[str, Any]
) -> None:
    busy, quiet, broken = site.hosts[:10], site.hosts[10:19], site.hosts[19]
    for host in busy:
        write_logs(host, new_log=1, old_log=10, older_log=40, oldest_log_gz=50)
    for host in quiet:
        write_logs(host, new_log=1, oldest_log_gz=50)
    write_logs(broken).rmdir()
    job = site.publish(text_of("log_cleanup"))

    record = site.run(job["name"], {"directory": "/srv/logs", **mailing})

    assert record.outcome == "partial"
    assert record.outcomes == {"changed": 19, "failed": 1}
    for host in (*busy, *quiet):
        left = sorted(file.name for file in Path(host.root, "srv", "logs").iterdir())
        assert left == (["new.log", "old.log.gz"] if host in busy else ["new.log"])
        assert record.steps(host.name)["compress"] == ("changed" if host in busy else "skipped")
        assert record.printed(host.name, "purge").strip() == ("2" if host in busy else "1")
    assert record.steps(broken.name) == {"find": "failed"}
    assert subjects(mail) == ["Log cleanup: 19 of 20 hosts"]
    told = dict(line.split(": ") for line in lines(bodies(mail)[0]))
    expected = {host.name: "2 deleted" for host in busy} | {host.name: "1 deleted" for host in quiet}
    assert {name: said for name, said in told.items() if name != broken.name} == expected


# ── job 11: rolling deployment ──────────────────────────────────────────────────────────────────────────────────

DEPLOY = """\
#!/bin/sh
echo "$(date +%s.%N) deploy $1" >> log
"""
VERIFY = """\
#!/bin/sh
echo "$(date +%s.%N) verify $1" >> log
[ ! -e broken ] || { echo "$1 does not answer" >&2; exit 1; }
"""


def write_app(host: FleetHost) -> None:
    app = folder(host, "app")
    write_program(host, app / "deploy", DEPLOY)
    write_program(host, app / "verify", VERIFY)


def deployed(host: FleetHost) -> str | None:
    current = Path(host.root, "srv", "app", "current")
    return current.read_text().strip() if current.exists() else None


def deeds(host: FleetHost) -> list[tuple[float, str]]:
    """What was done to the application, and when."""
    log = Path(host.root, "srv", "app", "log")
    lines = log.read_text().splitlines() if log.exists() else []
    return [(float(moment), deed) for moment, deed in (line.split(" ", 1) for line in lines)]


def test_a_deployment_rolls_over_the_hosts_two_by_two_and_is_rolled_back_everywhere_when_one_fails(
    site: Site, mail: MailSink, mailing: dict[str, Any]
) -> None:
    for host in site.hosts:
        write_app(host)
    # The job waits 30 s between its tries; the test does not.
    job = site.publish(text_of("rolling_deployment").replace("delay_seconds: 30", "delay_seconds: 0.1"))

    good = site.run(job["name"], {"version": "1.0", "directory": "/srv/app", **mailing})

    assert good.outcome == "succeeded"
    assert good.outcomes == {"changed": 20}
    assert [deployed(host) for host in site.hosts] == ["1.0"] * 20
    order = [site.hosts[site.names.index(name)] for name in good.targets]
    waves = [order[place : place + 2] for place in range(0, 20, 2)]
    times = [[moment for host in wave for moment, _ in deeds(host)] for wave in waves]
    assert all(max(before) < min(after) for before, after in pairwise(times))
    assert [event["data"]["first"] for event in good.events if event["kind"] == "batch.started"] == list(
        range(0, 20, 2)
    )
    assert subjects(mail) == ["Deployment of 1.0: 20 of 20"]

    broken = order[4]
    Path(broken.root, "srv", "app", "broken").touch()
    bad = site.run(job["name"], {"version": "2.0", "directory": "/srv/app", **mailing})

    met, unmet = order[:6], order[6:]
    assert [deployed(host) for host in site.hosts] == ["1.0"] * 20
    verified = [deed for _, deed in deeds(broken) if deed == "verify 2.0"]
    assert len(verified) == 3
    assert [row["outcome"] for row in bad.attempts(broken.name) if row["step"] == "verify"] == ["failed"] * 3
    for host in met:
        assert bad.steps(host.name)["roll_back"] == "changed"
        assert "deploy 2.0" in [deed for _, deed in deeds(host)]
    for host in unmet:
        assert bad.attempts(host.name) == []
        assert [deed for _, deed in deeds(host)] == ["deploy 1.0", "verify 1.0"]
        assert bad.targets[host.name]["outcome"] == "skipped"
        assert "not started" in bad.targets[host.name]["reason"]
    assert "rescued: verify" in bad.targets[broken.name]["reason"]
    assert bad.outcome == "partial"
    assert subjects(mail)[1:] == ["Deployment of 2.0: 5 of 20"]
    assert lines(bodies(mail)[0]) == ["Verified: 20", "Failed: 0 ()", "Rolled back: 0"]
    assert lines(bodies(mail)[1]) == ["Verified: 5", f"Failed: 1 ({broken.name})", "Rolled back: 6"]
