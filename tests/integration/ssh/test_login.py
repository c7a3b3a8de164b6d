"""Logging in on real hosts: whom we trust, what we offer, what a refusal says."""

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from deploy.fleet import Fleet, FleetHost, down, up
from opsconductor.errors import (
    ConnectionLostError,
    HostKeyError,
    HostUnreachableError,
    InvalidInputError,
    LoginRefusedError,
)
from opsconductor.sdk.credential import Secret, SSHLogin
from opsconductor.sdk.transport import Target
from steplib.transports.ssh import SSHConnector

from .conftest import Connect, operation, started, target_of

pytestmark = pytest.mark.real


def login_of(host: FleetHost) -> SSHLogin:
    return SSHLogin(host.username, private_key=Secret(host.private_key))


async def try_login(target: Target, login: SSHLogin, seconds: float = 20) -> None:
    connection = await SSHConnector().connect(target, login, timeout_seconds=seconds)
    await connection.close()


def log_of(host: FleetHost) -> str:
    return Path(host.root, "sshd.log").read_text()


async def test_a_first_key_is_trusted_and_told(fleet: Fleet) -> None:
    host = fleet.hosts[13]
    connection = await SSHConnector().connect(target_of(host, host_keys=()), login_of(host), timeout_seconds=20)
    assert connection.first_seen_key == host.host_key
    await connection.close()


async def test_a_known_key_is_not_told_again(connect: Connect) -> None:
    assert (await connect(13)).first_seen_key is None


async def test_hosts_have_keys_of_their_own(fleet: Fleet) -> None:
    assert len({host.host_key for host in fleet.hosts}) == len(fleet.hosts)


async def test_a_changed_key_is_refused_and_nothing_is_offered(fleet: Fleet) -> None:
    host, stranger = fleet.hosts[14], fleet.hosts[15]
    before = log_of(host)
    login = SSHLogin(host.username, Secret(host.password), Secret(host.private_key))
    with pytest.raises(HostKeyError) as refused:
        await try_login(target_of(host, host_keys=(stranger.host_key,)), login)
    assert refused.value.expected == asyncssh.import_public_key(stranger.host_key).get_fingerprint()
    assert refused.value.offered == asyncssh.import_public_key(host.host_key).get_fingerprint()
    assert refused.value.offered.startswith("SHA256:")
    assert not refused.value.retryable
    said = log_of(host).removeprefix(before)
    assert "Accepted" not in said
    assert "Failed" not in said


async def test_a_host_that_offers_another_kind_of_key_is_refused_with_its_fingerprint(fleet: Fleet) -> None:
    host = fleet.hosts[14]
    recorded = asyncssh.generate_private_key("ecdsa-sha2-nistp256").export_public_key().decode()
    with pytest.raises(HostKeyError) as refused:
        await try_login(target_of(host, host_keys=(recorded,)), login_of(host))
    assert refused.value.offered == asyncssh.import_public_key(host.host_key).get_fingerprint()


async def test_one_of_several_recorded_keys_is_enough(fleet: Fleet) -> None:
    host, other = fleet.hosts[14], fleet.hosts[15]
    await try_login(target_of(host, host_keys=(other.host_key, host.host_key)), login_of(host))


async def test_a_recorded_key_that_is_none_is_refused(fleet: Fleet) -> None:
    with pytest.raises(InvalidInputError, match="no public key"):
        await try_login(target_of(fleet.hosts[14], host_keys=("ssh-ed25519 rubbish",)), login_of(fleet.hosts[14]))


async def test_a_key_with_a_passphrase_logs_in(fleet: Fleet, tmp_path: Path) -> None:
    host = fleet.hosts[14]
    file = tmp_path / "key"
    file.write_text(host.private_key)
    file.chmod(0o600)
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "ünlock me", "-f", str(file)], check=True)
    sealed = Secret(file.read_text())
    await try_login(target_of(host), SSHLogin("ops", private_key=sealed, passphrase=Secret("ünlock me")))
    for passphrase in (None, Secret("wrong")):
        with pytest.raises(LoginRefusedError, match="the private key cannot be read"):
            await try_login(target_of(host), SSHLogin("ops", private_key=sealed, passphrase=passphrase))


async def test_refusals_say_what_was_tried(fleet: Fleet) -> None:
    host = fleet.hosts[14]
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    with pytest.raises(LoginRefusedError, match="the password of 'ops' was refused"):
        await try_login(target_of(host), SSHLogin("ops", Secret("wrong")))
    with pytest.raises(LoginRefusedError, match="the key of 'ops' was refused; the host takes publickey, password"):
        await try_login(target_of(host), SSHLogin("ops", private_key=Secret(stranger)))
    with pytest.raises(LoginRefusedError, match="the key and the password of 'nobody-here' was refused"):
        await try_login(target_of(host), SSHLogin("nobody-here", Secret("x"), Secret(stranger)))
    with pytest.raises(LoginRefusedError, match="neither key nor password"):
        await try_login(target_of(host), SSHLogin("ops"))


async def test_a_wrong_password_is_offered_once(fleet: Fleet) -> None:
    host = fleet.hosts[15]
    before = log_of(host)
    with pytest.raises(LoginRefusedError):
        await try_login(target_of(host), SSHLogin("ops", Secret("wrong")))
    assert log_of(host).removeprefix(before).count("Failed password") == 1


@pytest.mark.parametrize("password", ["a'b\"c #\\ $x", "p" * 500, "пароль \U0001f511", " lead and trail "])
async def test_odd_passwords_log_in(fleet: Fleet, connect: Connect, password: str) -> None:
    host = fleet.hosts[16]
    root = await connect(16, "root")
    digest = "perl -e 'print crypt(<STDIN>, q($6$rounds=1000$abcdefgh$))'"
    made = await root.host(operation()).shell(digest, stdin=password.encode())
    shadow = Path(host.root, "etc", "shadow")
    before = shadow.read_text()
    line = next(line for line in before.splitlines() if line.startswith("ops:"))
    shadow.write_text(before.replace(line.split(":")[1], made.stdout, 2))
    try:
        await try_login(target_of(host), SSHLogin("ops", Secret(password)))
    finally:
        shadow.write_text(before)


async def test_neither_agent_nor_configuration_of_this_user_counts(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's key would be let in, the user's configuration would lead elsewhere."""
    host = fleet.hosts[15]
    folder = tmp_path / ".ssh"
    folder.mkdir(mode=0o700)
    (folder / "id_ed25519").write_text(host.private_key)
    (folder / "id_ed25519").chmod(0o600)
    (folder / "config").write_text("Host *\n  Port 1\n  User root\n  ProxyCommand false\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "no-agent"))
    await try_login(target_of(host), SSHLogin("ops", Secret(host.password)))
    with pytest.raises(LoginRefusedError):
        await try_login(target_of(host), SSHLogin("ops", Secret("wrong")))


async def test_nobody_listens(fleet: Fleet) -> None:
    host = replace(fleet.hosts[0], port=4711)
    with pytest.raises(HostUnreachableError, match="no SSH connection: Connect"):
        await try_login(target_of(host), login_of(host), seconds=1)


async def test_a_name_that_does_not_exist_is_not_tried_for_long() -> None:
    target = Target(0, "x", "x", "no-such-host.invalid")
    with pytest.raises(HostUnreachableError):
        await try_login(target, SSHLogin("ops", Secret("x")))


async def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        target = Target(0, "silent", "silent", "127.0.0.1", silent.getsockname()[1])
        before = time.monotonic()
        with pytest.raises(HostUnreachableError, match=r"no login within 0\.5 s"):
            await try_login(target, SSHLogin("ops", Secret("x")), seconds=0.5)
        assert time.monotonic() - before < 5


async def test_a_server_that_is_no_ssh_server_is_unreachable() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 50)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        target = Target(0, "web", "web", "127.0.0.1", server.sockets[0].getsockname()[1])
        with pytest.raises(HostUnreachableError):
            await try_login(target, SSHLogin("ops", Secret("x")), seconds=1)


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[FleetHost]:
    """A host with OpenSSH's own limit of logins under way (10:30:100), and two sessions a connection."""
    fleet = up(1, tmp_path / "strict", options=("MaxSessions 2",), bound=True)
    yield fleet.hosts[0]
    down(fleet)


async def test_a_crowd_gets_in_although_the_server_drops_some(strict: FleetHost) -> None:
    connector = SSHConnector()
    target, login = target_of(strict), login_of(strict)
    logins = [connector.connect(target, login, timeout_seconds=60) for _ in range(30)]
    connections = await asyncio.gather(*logins)
    outputs = await asyncio.gather(*(one.host(operation()).run("echo", "in") for one in connections))
    assert [output.stdout for output in outputs] == ["in\n"] * 30
    await asyncio.gather(*(one.close() for one in connections))
    assert "beginning MaxStartups throttling" in log_of(strict)


async def test_a_host_with_fewer_sessions_is_met(connect: Connect, strict: FleetHost) -> None:
    connection = await connect(host=strict)
    host = connection.host(operation())
    outputs = await asyncio.gather(*(host.shell("sleep 0.05; echo ok") for _ in range(12)))
    assert [output.stdout for output in outputs] == ["ok\n"] * 12


async def test_a_stop_where_the_host_has_no_session_left_logs_in_anew(connect: Connect, strict: FleetHost) -> None:
    connection = await connect(host=strict)
    subject = operation()
    hanging = [asyncio.create_task(connection.host(subject).run("sleep", "63.1", accept=())) for _ in range(3)]
    await started(await connect(host=strict), "/proc/1")
    await asyncio.sleep(0)
    assert (await connection.stop(subject, grace_seconds=0.5)).kind == "done"
    await asyncio.gather(*hanging, return_exceptions=True)


async def test_a_host_that_dies_in_mid_command_is_a_lost_connection(connect: Connect, strict: FleetHost) -> None:
    connection = await connect(host=strict)
    running = asyncio.create_task(connection.host(operation()).shell("touch begun; sleep 64.1"))
    await started(await connect(host=strict), "begun")
    # The server process of this login, seen from outside.
    found = subprocess.run(["pgrep", "-f", "sshd: ops@notty"], capture_output=True, text=True, check=True)
    mine = [
        pid
        for pid in found.stdout.split()
        if Path(f"/proc/{pid}/root/run/host").stat().st_ino == Path(strict.root).stat().st_ino
    ]
    subprocess.run(["kill", "-9", *mine], check=True)
    with pytest.raises(ConnectionLostError, match="broke while the command ran"):
        await running
    with pytest.raises(HostUnreachableError, match="not sent"):
        await connection.host(operation()).run("true")


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[FleetHost]:
    """A host that takes passwords only as the answer to a question."""
    options = ("UsePAM yes", "PasswordAuthentication no", "KbdInteractiveAuthentication yes")
    fleet = up(1, tmp_path / "asking", options=options, bound=True)
    yield fleet.hosts[0]
    down(fleet)


async def test_a_host_that_asks_gets_the_password_as_answer(asking: FleetHost) -> None:
    await try_login(target_of(asking), SSHLogin("ops", Secret(asking.password)))
    with pytest.raises(LoginRefusedError, match="the host takes publickey, keyboard-interactive"):
        await try_login(target_of(asking), SSHLogin("ops", Secret("wrong")))


async def test_fleets_leave_nothing_behind(tmp_path: Path) -> None:
    fleet = up(2, tmp_path / "short", bound=True)
    down(fleet)
    down(fleet)
    assert not Path("/run/netns", fleet.namespace).exists()
    assert not Path("/sys/class/net", fleet.link).exists()
    assert not Path(fleet.directory).exists()


@pytest.fixture
def certified(tmp_path: Path) -> Iterator[tuple[FleetHost, Path]]:
    """A host that trusts an authority and no key; and the authority's key."""
    authority = tmp_path / "authority"
    keygen("-t", "ed25519", "-N", "", "-f", str(authority))
    options = ("TrustedUserCAKeys /run/host/authority.pub", "AuthorizedKeysFile none", "PasswordAuthentication no")
    fleet = up(1, tmp_path / "certified", options=options, bound=True)
    shutil.copy(authority.with_suffix(".pub"), Path(fleet.hosts[0].root, "authority.pub"))
    yield fleet.hosts[0], authority
    down(fleet)


def keygen(*arguments: str) -> None:
    subprocess.run(["ssh-keygen", "-q", *arguments], check=True, capture_output=True)


@pytest.mark.parametrize("key_type", ["ed25519", "ecdsa", "rsa"])
async def test_a_certificate_signs_in_where_its_key_alone_does_not(
    certified: tuple[FleetHost, Path], tmp_path: Path, key_type: str
) -> None:
    host, authority = certified
    key = tmp_path / key_type
    keygen("-t", key_type, "-N", "open sesame", "-f", str(key))
    login = SSHLogin("ops", private_key=Secret(key.read_text()), passphrase=Secret("open sesame"))
    with pytest.raises(LoginRefusedError, match="the key of 'ops' was refused"):
        await try_login(target_of(host), login)
    keygen("-s", str(authority), "-I", "ops@example.org", "-n", "ops", "-V", "-1m:+1h", f"{key}.pub")
    certificate = Path(f"{key}-cert.pub").read_text()
    await try_login(target_of(host), replace(login, certificate=certificate))
    with pytest.raises(LoginRefusedError, match="the certificate and the key of 'admin' was refused"):
        await try_login(target_of(host), replace(login, username="admin", certificate=certificate))
    keygen("-s", str(authority), "-I", "ops@example.org", "-n", "ops", "-V", "-2h:-1h", f"{key}.pub")
    expired = Path(f"{key}-cert.pub").read_text()
    with pytest.raises(LoginRefusedError, match="the certificate and the key of 'ops' was refused"):
        await try_login(target_of(host), replace(login, certificate=expired))


async def test_a_certificate_that_is_none_is_said(fleet: Fleet) -> None:
    login = replace(login_of(fleet.hosts[13]), certificate="ssh-ed25519 AAAA")
    with pytest.raises(LoginRefusedError, match="cannot be read"):
        await try_login(target_of(fleet.hosts[13]), login)
