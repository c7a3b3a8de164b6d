"""Hosts that cannot be logged in to: each is told apart, the others go on, and what was mended runs again."""

from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest
import stamina

from deploy.fleet import FleetHost
from opsconductor.sdk import Job

from .site import Json, Site, folder

pytestmark = pytest.mark.real


def log_of(host: FleetHost) -> str:
    """What sshd of a host wrote down."""
    return Path(host.root, "sshd.log").read_text()


def fingerprint(host: FleetHost) -> str:
    return asyncssh.import_public_key(host.host_key).get_fingerprint()


def password(host: FleetHost, text: str) -> Json:
    return {"kind": "ssh_password", "username": host.username, "password": text}


@pytest.fixture
def strays(site: Site) -> Iterator[dict[str, Json]]:
    """Three more targets: its host key is not the recorded one; its password is wrong; nobody listens there."""
    rekeyed, refused, silent = site.hosts[12:15]
    client = site.client
    right = client.post("/credentials", {"name": "by-password", "secret": password(rekeyed, rekeyed.password)})
    wrong = client.post("/credentials", {"name": "by-wrong-password", "secret": password(refused, "mistaken")})
    wanted = [
        {"name": "rekeyed", "address": rekeyed.address, "credential": "by-password",
         "host_keys": [site.hosts[0].host_key]},
        {"name": "refused", "address": refused.address, "credential": "by-wrong-password",
         "host_keys": [refused.host_key]},
        {"name": "silent", "address": silent.address, "port": 2, "credential": "by-password"},
    ]  # fmt: skip
    made = [client.post("/targets", {**target, "tags": ["stray"]}) for target in wanted]
    yield {**{target["name"]: target for target in made}, "wrong": wrong}
    for target in made:
        client.delete(f"/targets/{target['id']}")
    for credential in (right, wrong):
        client.delete(f"/credentials/{credential['id']}")


def test_logins_that_fail_are_told_apart_and_mended_one_by_one(site: Site, strays: dict[str, Json]) -> None:
    rekeyed, refused = site.hosts[12:14]
    well = site.hosts[11]
    job = Job("greet", targets="tag:web or tag:stray")
    job.step("greet", "linux/command@1", line="echo hello >> /srv/greet/log")
    site.publish(job.document())
    for host in site.hosts:
        folder(host, "greet")
    before = {host.name: log_of(host) for host in (rekeyed, refused)}

    first = site.run("greet", {}, select=f"tag:stray or host:{well.name}")

    outcomes = {name: row["outcome"] for name, row in first.targets.items()}
    assert outcomes == {
        "rekeyed": "unreachable", "refused": "auth_failed", "silent": "unreachable", well.name: "changed",
    }  # fmt: skip
    assert first.outcome == "partial"
    reasons = {name: row["reason"] for name, row in first.targets.items()}
    assert "host key changed" in reasons["rekeyed"]
    assert fingerprint(rekeyed) in reasons["rekeyed"]
    assert fingerprint(site.hosts[0]) in reasons["rekeyed"]
    assert "the password of 'ops' was refused" in reasons["refused"]
    assert "mistaken" not in str([reasons, first.events, first.facts])
    said = log_of(rekeyed).removeprefix(before[rekeyed.name])
    assert "password" not in said
    assert "Accepted" not in said
    assert log_of(refused).removeprefix(before[refused.name]).count("Failed password") == 1
    assert {host.name for host in site.hosts if Path(host.root, "srv", "greet", "log").exists()} == {well.name}

    site.machine.run("target", "accept-key", "rekeyed", "--host-key", rekeyed.host_key)
    mended = {"secret": password(refused, refused.password)}
    site.client.post(f"/credentials/{strays['wrong']['id']}/rotate", mended)
    second = site.rerun(first.id)

    assert {name: row["outcome"] for name, row in second.targets.items()} == {
        "rekeyed": "changed", "refused": "changed", "silent": "unreachable",
    }  # fmt: skip
    greeted = {host.name for host in site.hosts if Path(host.root, "srv", "greet", "log").exists()}
    assert greeted == {well.name, rekeyed.name, refused.name}
    assert Path(well.root, "srv", "greet", "log").read_text() == "hello\n"


@stamina.retry(on=AssertionError, attempts=300, timeout=30, wait_max=0.1)
def keys_of(site: Site, target: Json) -> list[str]:
    """The host keys of a target; the portal keeps a new one right after it read of it in the run's events."""
    kept = site.client.get(f"/targets/{target['id']}")["host_keys"]
    assert kept
    return [" ".join(key.split()[:2]) for key in kept]


def test_a_first_host_key_is_kept_and_a_later_other_one_refused(site: Site) -> None:
    host, other = site.hosts[15:17]
    job = Job("look", targets="tag:first-seen")
    job.step("look", "linux/uptime@1")
    site.publish(job.document())
    target = site.client.post(
        "/targets", {"name": "first-seen", "address": host.address, "credential": "fleet", "tags": ["first-seen"]}
    )
    try:
        assert site.run("look", {}).outcomes == {"ok": 1}
        assert keys_of(site, target) == [host.host_key]
        site.client.patch(f"/targets/{target['id']}", {"address": other.address})
        assert site.run("look", {}).outcomes == {"unreachable": 1}
    finally:
        site.client.delete(f"/targets/{target['id']}")
