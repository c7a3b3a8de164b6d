"""Our SSH transport beside bare asyncssh, on a running fleet. Not a test.

python3 deploy/fleet.py up --hosts 200 --state /tmp/fleet.json
python -m tests.bench.measure_ssh /tmp/fleet.json
"""

import asyncio
import secrets
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncssh

from deploy.fleet import Fleet, FleetHost
from opsconductor.sdk.credential import Secret, SSHLogin
from opsconductor.sdk.transport import Operation, Target
from steplib.transports.ssh import SSHConnector

CONCURRENCY = 50
ROUNDS = 3
COMMANDS = 10


async def connect_ours(connector: SSHConnector, host: FleetHost):
    target = Target(0, host.name, host.name, host.address, host.port, host_keys=(host.host_key,))
    login = SSHLogin(host.username, private_key=Secret(host.private_key))
    return await connector.connect(target, login, timeout_seconds=60)


async def connect_bare(key: asyncssh.SSHKey, host: FleetHost):
    return await asyncssh.connect(
        host.address,
        host.port,
        username=host.username,
        client_keys=[key],
        known_hosts=None,
        config=None,
        agent_path=None,
    )


def operation(*, once: bool = False) -> Operation:
    return Operation(secrets.token_hex(16), once=once)


async def fan_out(hosts: tuple[FleetHost, ...], body: Callable[[FleetHost], Awaitable[None]]) -> tuple[float, float]:
    gate = asyncio.Semaphore(CONCURRENCY)

    async def one(host: FleetHost) -> None:
        async with gate:
            await body(host)

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(host) for host in hosts))
    return time.perf_counter() - wall, time.process_time() - cpu


async def measure_hosts(hosts: tuple[FleetHost, ...]) -> None:
    key = asyncssh.import_private_key(hosts[0].private_key)
    connector = SSHConnector()

    async def bare(host: FleetHost) -> None:
        async with await connect_bare(key, host) as line:
            assert (await line.run("uptime", check=True)).stdout

    async def ours(host: FleetHost) -> None:
        connection = await connect_ours(connector, host)
        assert (await connection.host(operation()).run("uptime")).stdout
        await connection.close()

    async def once(host: FleetHost) -> None:
        connection = await connect_ours(connector, host)
        assert (await connection.host(operation(once=True)).run("uptime", once=True)).stdout
        await connection.close()

    figures: dict[str, list[tuple[float, float]]] = {"bare asyncssh": [], "ours": [], "ours, once": []}
    for _ in range(ROUNDS):
        for name, body in zip(figures, (bare, ours, once), strict=True):
            figures[name].append(await fan_out(hosts, body))
    report(f"{len(hosts)} hosts × 1 command, {CONCURRENCY} at a time", figures)


async def measure_commands(host: FleetHost) -> None:
    line = await connect_bare(asyncssh.import_private_key(host.private_key), host)
    connection = await connect_ours(SSHConnector(), host)

    async def bare() -> None:
        await line.run("uptime", check=True)

    async def ours() -> None:
        await connection.host(operation()).run("uptime")

    async def once() -> None:
        await connection.host(operation(once=True)).run("uptime", once=True)

    figures: dict[str, list[tuple[float, float]]] = {"bare asyncssh": [], "ours": [], "ours, once": []}
    for _ in range(ROUNDS * 10):
        for name, body in zip(figures, (bare, ours, once), strict=True):
            wall, cpu = time.perf_counter(), time.process_time()
            for _ in range(COMMANDS):
                await body()
            figures[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    report(f"1 host × {COMMANDS} commands", figures)
    await connection.close()
    line.close()


def report(title: str, figures: dict[str, list[tuple[float, float]]]) -> None:
    print(title)
    base = statistics.median(wall for wall, _ in figures["bare asyncssh"])
    for name, pairs in figures.items():
        wall = statistics.median(wall for wall, _ in pairs)
        cpu = statistics.median(cpu for _, cpu in pairs)
        print(f"  {name:14} wall {wall * 1000:8.1f} ms  ({wall / base:4.2f} ×)  client CPU {cpu * 1000:7.1f} ms")


async def main() -> None:
    hosts = Fleet.read(Path(sys.argv[1])).hosts
    await measure_commands(hosts[0])
    await measure_hosts(hosts)


if __name__ == "__main__":
    asyncio.run(main())
