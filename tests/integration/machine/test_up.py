"""`up` and its companions, as a tired operator meets them."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stamina

from tests.fixtures.machine import Installation, new_installation, remove

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def own() -> Iterator[Installation]:
    installation = new_installation()
    try:
        installation.up()
        yield installation
    finally:
        remove(installation)


@stamina.retry(on=(AssertionError, LookupError), attempts=300, timeout=40, wait_max=0.2)
def wait_until_works(installation: Installation, killed: int, module: str) -> None:
    assert installation.pid(module) != killed
    assert installation.run("status", check=False).returncode == 0


def recorded(installation: Installation, event: str) -> list[dict[str, Any]]:
    with installation.client() as client:
        return client.get("/audit", event=event)["items"]


def test_the_first_start_prints_a_one_time_password_once(own: Installation) -> None:
    assert len(own.one_time_password) >= 16
    assert own.one_time_password not in "".join(file.read_text() for file in (own.home / "logs").glob("*.log"))


def test_status_names_every_part(own: Installation) -> None:
    said = json.loads(own.run("status", "--json").stdout)
    assert said["parts"] == {"portal": True, "prefect": True, "flows": True, "worker": True}


def test_a_second_up_says_who_is_there(own: Installation) -> None:
    second = own.run("up", check=False)
    assert second.returncode == 2
    assert "already running" in second.stderr
    assert "opsconductor down" in second.stderr


def test_a_taken_port_is_named_and_nothing_is_made() -> None:
    other = new_installation()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", other.port))
        holder.listen()
        refused = other.run("up", "--port", str(other.port), "--prefect-port", str(other.prefect_port), check=False)
    assert refused.returncode == 2
    assert f"port {other.port}" in refused.stderr
    assert "--port" in refused.stderr
    assert not (other.home / "keyring.json").exists()
    remove(other)


@pytest.mark.parametrize(
    "module", ["portal", "flows.worker", "flows.worker.forkserver", "flows.prefect_server", "database"]
)
def test_a_killed_part_comes_back(own: Installation, module: str) -> None:
    killed = own.pid(module)
    os.kill(killed, signal.SIGKILL)
    wait_until_works(own, killed, module)


def test_no_part_has_a_secret_in_its_environment(own: Installation) -> None:
    auth = (own.home / "prefect" / "auth").read_text().strip()
    key = (own.home / "prefect" / "encryption.key").read_text().strip()
    for module in ("portal", "flows.worker", "flows.worker.forkserver", "flows.prefect_server"):
        environment = Path(f"/proc/{own.pid(module)}/environ").read_text(errors="replace")
        assert auth not in environment
        assert key not in environment


def test_doctor_finds_nothing_bad(own: Installation) -> None:
    found = json.loads(own.run("doctor", "--json").stdout)
    assert [finding for finding in found if finding["state"] == "bad"] == []


def test_a_new_signing_key_takes_no_restart_and_signs_nobody_out(own: Installation) -> None:
    own.login()
    portal, kept = own.pid("portal"), own.home / "portal-keys.json"
    before = kept.read_text()
    assert "new key" in own.run("admin", "rotate-token-keys").stdout
    assert kept.read_text() != before
    assert kept.stat().st_mode & 0o777 == 0o600
    own.run("whoami")
    own.login()
    own.run("whoami")
    assert own.pid("portal") == portal


def test_a_backup_comes_back_in_another_home(own: Installation, tmp_path: Path) -> None:
    passphrase = own.secret_file("correct horse battery staple")
    own.run("backup", str(tmp_path / "b.opsc"), "--passphrase-file", passphrase)
    made = recorded(own, "backup.made")
    assert [(entry["subject_id"], entry["facts"]["bytes"]) for entry in made] == [
        (str(tmp_path / "b.opsc"), (tmp_path / "b.opsc").stat().st_size)
    ]
    assert b"PGDMP" not in (tmp_path / "b.opsc").read_bytes()
    other = new_installation()
    try:
        other.run("restore", str(tmp_path / "b.opsc"), "--passphrase-file", passphrase)
        assert (other.home / "keyring.json").read_bytes() == (own.home / "keyring.json").read_bytes()
        other.up()
        assert other.one_time_password == ""  # the admin of the backup is there
        other.login()
        assert [entry["facts"]["runs_ended"] for entry in recorded(other, "backup.restored")] == [0]
        assert "Intact" in other.run("audit", "verify").stdout
    finally:
        remove(other)


def test_down_stops_everything_and_the_next_up_is_warm(own: Installation) -> None:
    own.down()
    assert own.run("status", check=False).returncode == 1
    with pytest.raises(LookupError):
        own.pid("portal")
    own.up()
    assert own.run("status", check=False).returncode == 0
