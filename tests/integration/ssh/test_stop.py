"""Stopping on real hosts: nothing of a step is left, and that is known."""

import asyncio
import time

import pytest

from deploy.fleet import Fleet
from opsconductor.errors import CommandStoppedError, ConnectionLostError
from opsconductor.sdk.transport import Operation
from steplib.transports.ssh import SSHConnector
from steplib.transports.ssh.connection import SSHConnection

from .conftest import Connect, living, operation, started

pytestmark = pytest.mark.real

SCRIPTS = {
    "plain": "sleep 60.1",
    "ignores TERM": "trap '' TERM; sleep 60.1; sleep 60.1; sleep 60.1",
    "pipeline and subshells": "(sleep 60.1 | cat) & (sh -c 'sleep 60.1; :') ; wait",
    "setsid and nohup": "setsid sleep 60.1 & nohup sh -c 'sleep 60.1; :' >/dev/null 2>&1 & sleep 60.1",
    "other environment": "env -i sleep 60.1 & sleep 60.1",
    "forks on": "while :; do sleep 60.1 & sleep 0.01; done",
    "stopped": "sleep 60.1 & kill -STOP $!; sleep 60.1",
}


async def begin(connection: SSHConnection, subject: Operation, script: str) -> "asyncio.Task[object]":
    """Start a command, and wait until it runs."""
    file = f"begun-{subject.token}"
    host = connection.host(subject)
    running = asyncio.create_task(host.shell(f"touch {file}; {script}", once=subject.once, accept=()))
    await started(connection, file)
    await connection.host(operation()).run("rm", file)
    return running


@pytest.mark.parametrize("once", [False, True])
@pytest.mark.parametrize("name", SCRIPTS)
async def test_everything_that_was_started_ends(connect: Connect, name: str, once: bool) -> None:
    connection, other = await connect(5), await connect(5)
    subject = operation(once=once)
    running = await begin(connection, subject, SCRIPTS[name])
    verdict = await other.stop(subject, grace_seconds=0.5)
    assert verdict.kind == "done"
    if once:
        assert verdict.exit_code is not None
        assert verdict.exit_code >= 128
    assert not await living(other, "sleep 60.1")
    await asyncio.wait((running,))


async def test_what_obeys_is_stopped_in_a_moment(connect: Connect) -> None:
    connection = await connect(6)
    subject = operation(once=True)
    running = await begin(connection, subject, "sleep 60.2")
    before = time.monotonic()
    assert (await connection.stop(subject, grace_seconds=30)).exit_code == 143
    assert time.monotonic() - before < 10
    await asyncio.wait((running,))


async def test_a_command_may_clean_up_within_its_grace(connect: Connect, fleet: Fleet) -> None:
    connection = await connect(6)
    subject = operation(once=True)
    running = await begin(
        connection, subject, "trap 'echo cleaned >cleaned; exit 9' TERM; while :; do sleep 0.05; done"
    )
    assert (await connection.stop(subject, grace_seconds=20)).exit_code == 9
    assert (fleet.hosts[6].home / "cleaned").read_text() == "cleaned\n"
    await asyncio.wait((running,))


@pytest.mark.parametrize("once", [False, True])
async def test_what_was_stopped_before_it_started_never_starts(connect: Connect, fleet: Fleet, once: bool) -> None:
    connection = await connect(6)
    subject = operation(once=once)
    assert (await connection.stop(subject)).kind == ("never" if once else "done")
    with pytest.raises(ConnectionLostError if once else CommandStoppedError):
        await connection.host(subject).run("touch", "too-late", once=once)
    assert not (fleet.hosts[6].home / "too-late").exists()


@pytest.mark.parametrize("once", [False, True])
async def test_a_cancelled_step_can_be_stopped_at_any_moment(connect: Connect, once: bool) -> None:
    connection = await connect(7)

    async def cancel_after(seconds: float) -> None:
        subject = operation(once=once)
        running = asyncio.create_task(connection.host(subject).run("sleep", "61.3", once=once))
        await asyncio.sleep(seconds)
        running.cancel()
        await asyncio.wait((running,))
        assert (await connection.stop(subject, grace_seconds=0.2)).kind in ("done", "never")

    await asyncio.gather(*(cancel_after(number * 0.004) for number in range(25)))
    assert not await living(connection, "sleep 61.3")
    assert (await connection.host(operation()).run("echo", "fine")).stdout == "fine\n"


@pytest.mark.parametrize("username", ["ops", "root"])
@pytest.mark.parametrize("once", [False, True])
async def test_only_this_operation_is_stopped(connect: Connect, username: str, once: bool) -> None:
    """Root may kill everything: the other command, and the server itself, whose session nobody leads."""
    connection = await connect(8, username)
    mine, other = operation(once=once), operation(once=once)
    stopped = await begin(connection, mine, "sleep 60.3")
    goes_on = await begin(connection, other, "sleep 60.4")
    await connection.stop(operation(once=once))
    await connection.stop(mine)
    await asyncio.wait((stopped,))
    assert len(await living(await connect(8, username), "sleep 60.4")) == 1
    assert not goes_on.done()
    await connection.stop(other)
    await asyncio.wait((goes_on,))


async def test_a_stop_gets_through_when_all_sessions_hang(connect: Connect) -> None:
    connection = await connect(8)
    subject = operation()
    host = connection.host(subject)
    hanging = [asyncio.create_task(host.run("sleep", "60.5", accept=())) for _ in range(15)]
    async with asyncio.timeout(20):
        while len(await living(await connect(8), "sleep 60.5")) < 9:
            await asyncio.sleep(0.05)
    assert (await connection.stop(subject)).kind == "done"
    await asyncio.gather(*hanging, return_exceptions=True)
    assert not await living(connection, "sleep 60.5")


async def test_a_stop_on_a_broken_line_logs_in_again(connect: Connect) -> None:
    connection, other = await connect(9), await connect(9)
    subject = operation(once=True)
    running = await begin(connection, subject, "sleep 60.6")
    await connection.close()
    await asyncio.wait((running,))
    assert (await connection.stop(subject, grace_seconds=0.5)).kind == "done"
    assert not await living(other, "sleep 60.6")


async def test_a_probe_finds_what_ended_while_nobody_looked(connect: Connect) -> None:
    connection = await connect(9)
    subject = operation(once=True)
    await connection.host(subject).shell("exit 7", once=True, accept=())
    later = await connect(9, connector=SSHConnector())
    assert (await later.probe(subject)).exit_code == 7
