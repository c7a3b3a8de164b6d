"""Logins on the fleet's hosts."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest

from deploy.fleet import Fleet, FleetHost
from opsconductor.sdk.credential import Secret, SSHLogin
from opsconductor.sdk.transport import Operation, Target, Verdict
from steplib.transports.ssh import SSHConnector
from steplib.transports.ssh.connection import SSHConnection

Connect = Callable[..., Awaitable[SSHConnection]]


def operation(*, once: bool = False, **options: object) -> Operation:
    return Operation(secrets.token_hex(16), once=once, **options)  # pyright: ignore[reportArgumentType]


def target_of(host: FleetHost, *, host_keys: Sequence[str] | None = None, encoding: str = "utf-8") -> Target:
    keys = (host.host_key,) if host_keys is None else tuple(host_keys)
    return Target(0, host.name, host.name, host.address, host.port, host_keys=keys, encoding=encoding)


@pytest.fixture
async def connect(fleet: Fleet) -> AsyncIterator[Connect]:
    """Logs in; everything is logged out in the end."""
    connections: list[SSHConnection] = []

    async def make(
        number: int = 0,
        username: str = "ops",
        *,
        host: FleetHost | None = None,
        encoding: str = "utf-8",
        connector: SSHConnector | None = None,
        login: SSHLogin | None = None,
    ) -> SSHConnection:
        host = host or fleet.hosts[number]
        login = login or SSHLogin(username, Secret(host.password), Secret(host.private_key))
        target = target_of(host, encoding=encoding)
        connection = await (connector or SSHConnector()).connect(target, login, timeout_seconds=20)
        connections.append(connection)
        return connection

    yield make
    await asyncio.gather(*(connection.close() for connection in connections))


@pytest.fixture
async def connection(connect: Connect) -> SSHConnection:
    return await connect()


async def probe_until(connection: SSHConnection, subject: Operation, *kinds: str) -> Verdict:
    """Ask until the answer is one of these."""
    async with asyncio.timeout(15):
        while (verdict := await connection.probe(subject)).kind not in kinds:
            await asyncio.sleep(0.05)
        return verdict


async def started(connection: SSHConnection, file: str) -> None:
    """Wait until a command has made the file."""
    async with asyncio.timeout(15):
        while (await connection.host(operation()).run("test", "-e", file, accept=())).exit_code:
            await asyncio.sleep(0.05)


async def living(connection: SSHConnection, words: str) -> list[str]:
    """Processes on the host whose command line is these words."""
    script = "for p in /proc/[0-9]*/cmdline;do printf '%s ' \"${p%/cmdline}\";tr '\\0' ' ' <$p;echo;done 2>/dev/null"
    listed = (await connection.host(operation()).shell(script, accept=())).stdout.splitlines()
    return [line for line in listed if line.split(" ", 1)[1:] and line.split(" ", 1)[1].strip() == words]
