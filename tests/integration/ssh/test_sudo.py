"""sudo on real hosts: the password by standard input, when it is asked for."""

import asyncio

import pytest

from deploy.fleet import Fleet
from opsconductor.errors import LoginRefusedError
from opsconductor.sdk.credential import Secret, SSHLogin
from steplib.transports.ssh import SSHConnector

from .conftest import Connect, living, operation

pytestmark = pytest.mark.real


@pytest.mark.parametrize("username", ["ops", "admin", "root"])
@pytest.mark.parametrize("once", [False, True])
async def test_a_command_runs_as_root_with_its_own_input(connect: Connect, username: str, once: bool) -> None:
    connection = await connect(10, username)
    output = await connection.host(operation(once=once)).shell(
        "id -u; cat; echo e >&2", stdin=b"all", sudo=True, once=once
    )
    assert (output.stdout, output.stderr) == ("0\nall", "e\n")


async def test_exit_codes_come_through_sudo(connect: Connect) -> None:
    connection = await connect(10)
    subject = operation(once=True)
    output = await connection.host(subject).shell("exit 7", sudo=True, once=True, accept=())
    assert output.exit_code == 7
    assert (await connection.probe(subject)).exit_code == 7


async def test_the_sudo_password_may_differ_from_the_login_s(connect: Connect, fleet: Fleet) -> None:
    host = fleet.hosts[10]
    login = SSHLogin("ops", private_key=Secret(host.private_key), sudo_password=Secret(host.password))
    connection = await connect(10, login=login)
    assert (await connection.host(operation()).run("id", "-u", sudo=True)).stdout == "0\n"


@pytest.mark.parametrize(
    ("username", "password", "reason"),
    [
        ("ops", Secret("wrong"), "sudo refused the password of 'ops'"),
        ("ops", None, "the credential has none"),
        ("guest", Secret("wrong"), "sudo refused the password of 'guest'"),
    ],
)
async def test_a_refusal_is_said_and_nothing_runs(
    connect: Connect, fleet: Fleet, username: str, password: Secret | None, reason: str
) -> None:
    host = fleet.hosts[11]
    connection = await connect(11, login=SSHLogin(username, None, Secret(host.private_key), None, password))
    async with asyncio.timeout(20):
        with pytest.raises(LoginRefusedError, match=reason):
            await connection.host(operation()).run("touch", "/srv/ran", stdin=b"a\nb\n", sudo=True)
    assert not (host.home.parent.parent / "srv" / "ran").exists()


async def test_who_may_not_is_told_what_sudo_said(connect: Connect) -> None:
    connection = await connect(11, "guest")
    with pytest.raises(LoginRefusedError, match="guest is not in the sudoers file"):
        await connection.host(operation()).run("id", sudo=True)


@pytest.mark.parametrize("once", [False, True])
async def test_root_s_processes_are_stopped_too(connect: Connect, once: bool) -> None:
    connection = await connect(12)
    subject = operation(once=once)
    running = asyncio.create_task(
        connection.host(subject).shell("setsid sleep 62.1 & sleep 62.1", sudo=True, once=once, accept=())
    )
    other = await connect(12)
    async with asyncio.timeout(10):
        while len(await living(other, "sleep 62.1")) < 2:
            await asyncio.sleep(0.05)
    assert (await connection.stop(subject, grace_seconds=0.5)).kind == "done"
    assert not await living(other, "sleep 62.1")
    await asyncio.wait((running,))


async def test_a_stranger_stops_root_s_once_command_by_its_marker(connect: Connect) -> None:
    connection, stranger = await connect(12), await connect(12, connector=SSHConnector())
    subject = operation(once=True)
    running = asyncio.create_task(connection.host(subject).run("sleep", "62.2", sudo=True, once=True, accept=()))
    async with asyncio.timeout(10):
        while not await living(stranger, "sleep 62.2"):
            await asyncio.sleep(0.05)
    verdict = await stranger.stop(subject, grace_seconds=0.5)
    assert verdict.kind == "done"
    assert not await living(stranger, "sleep 62.2")
    await asyncio.wait((running,))


async def test_the_password_is_in_no_process_list(connect: Connect, fleet: Fleet) -> None:
    connection = await connect(12)
    script = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'"
    output = await connection.host(operation(output_limit_bytes=10_000_000)).shell(script, sudo=True, accept=())
    assert "SUDO_USER" in output.stdout
    assert fleet.hosts[12].password not in output.stdout
