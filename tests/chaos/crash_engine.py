"""Engines that kill themselves at a named point, on real hosts. Forked from one warm process: each is a process.

`python -m tests.chaos.crash_engine` reads one batch of deaths a line (JSON) and answers how each engine ended.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from flows.engine import execute
from flows.ledger.session import RunLedger
from opsconductor.sdk.credential import Secret, SSHLogin
from opsconductor.sdk.transport import CommandOutput, Connection, Host, Operation, Target, Verdict
from steplib.loader import load
from steplib.registry import Registry
from steplib.transports.ssh import SSHConnector

AT_ONCE = 4
CrashPoint = Callable[[str], None]


@dataclass(frozen=True)
class Death:
    """One engine, and where it dies.

    Attributes:
        dsn: The record.
        run: The run it claims.
        epoch: Its epoch.
        point: Where it dies; empty: it lives.
        passes: At which pass of that point.
        logs: Files that the run's commands write to: `command_running` is when they hold `passes` lines of it.
        username: Login.
        key: Private key of the login.
    """

    dsn: str
    run: str
    epoch: int
    point: str
    passes: int
    logs: list[str]
    username: str
    key: str

    def crash_point(self) -> CrashPoint:
        """Dies when the point is passed for the n-th time."""
        left = self.passes
        written = ""

        def pass_by(name: str) -> None:
            nonlocal left, written
            if name in ("before_sent_commit", "before_result_commit"):
                written = name
            if name == "after_flush" and written:  # durable, and the engine does not know it yet
                name = "sent_commit_unanswered" if written == "before_sent_commit" else "result_commit_unanswered"
                written = ""
            left -= name == self.point
            if left == 0:
                die()

        return pass_by


def die() -> None:
    """KILL, by our own hand."""
    os.kill(os.getpid(), signal.SIGKILL)


class DyingChannels:
    """The channels of a connection."""

    def __init__(self, channels: Any, crash_point: CrashPoint) -> None:
        self._channels = channels
        self._crash_point = crash_point

    async def open(self, line: str, exchange: Any) -> None:
        await self._channels.open(line, exchange)
        self._crash_point("after_channel_open")


class DyingHost(Host):
    """A host as an action sees it."""

    def __init__(self, host: Host, crash_point: CrashPoint) -> None:
        self._host = host
        self._crash_point = crash_point
        self.name = host.name
        self.platform = host.platform
        self.login = host.login

    async def run(self, *argv: str, **options: Any) -> CommandOutput:
        output = await self._host.run(*argv, **options)
        self._crash_point("after_exit_before_result")
        return output


class DyingConnection:
    """A real connection whose engine may die around what it is asked."""

    def __init__(self, connection: Any, crash_point: CrashPoint) -> None:
        self._connection = connection
        self._crash_point = crash_point
        self.target: Target = connection.target
        self.first_seen_key: str | None = connection.first_seen_key
        connection.channels = DyingChannels(connection.channels, crash_point)

    def host(self, operation: Operation) -> Host:
        return DyingHost(self._connection.host(operation), self._crash_point)

    async def probe(self, operation: Operation) -> Verdict:
        self._crash_point("before_probe")
        verdict = await self._connection.probe(operation)
        self._crash_point("after_probe")
        return verdict

    async def stop(self, operation: Operation, *, grace_seconds: float = 5) -> Verdict:
        return await self._connection.stop(operation, grace_seconds=grace_seconds)

    async def close(self) -> None:
        await self._connection.close()


class DyingConnector:
    """Real connections."""

    def __init__(self, crash_point: CrashPoint) -> None:
        self._crash_point = crash_point

    async def connect(self, target: Target, login: SSHLogin, *, timeout_seconds: float) -> Connection:
        connection = await SSHConnector().connect(target, login, timeout_seconds=timeout_seconds)
        return DyingConnection(connection, self._crash_point)


async def work(death: Death, registry: Registry) -> None:
    """Claim the run and do it, as far as the engine lives."""
    crash_point = death.crash_point()
    watch = asyncio.create_task(_die_while_running(death)) if death.point == "command_running" else None
    owner = f"pid {os.getpid()}"
    ledger = await RunLedger.claim(death.dsn, UUID(death.run), death.epoch, owner=owner, crash_point=crash_point)
    login = SSHLogin(death.username, private_key=Secret(death.key))
    await execute(ledger, DyingConnector(crash_point), {"login": login}, registry)
    await ledger.close()
    if watch is not None:
        watch.cancel()


async def _die_while_running(death: Death) -> None:
    """Each command says that it runs by a line in its file, and then takes some time."""
    files = [Path(log) for log in death.logs]
    while sum(file.read_text().count(death.run) for file in files if file.exists()) < death.passes:
        await asyncio.sleep(0.01)
    die()


def _fork(death: Death, registry: Registry) -> int:
    pid = os.fork()
    if pid:
        return pid
    os.dup2(2, 1)  # the answers' stream is the parent's
    asyncio.run(work(death, registry))
    os._exit(0)


def serve() -> None:
    """Answer each batch with the exit status of its engines, by run."""
    registry = load()
    for batch in sys.stdin:
        waiting = [Death(**each) for each in json.loads(batch)]
        living: dict[int, str] = {}
        ended: dict[str, int] = {}
        while waiting or living:
            while waiting and len(living) < AT_ONCE:
                death = waiting.pop()
                living[_fork(death, registry)] = death.run
            pid, status = os.wait()
            ended[living.pop(pid)] = os.waitstatus_to_exitcode(status)
        sys.stdout.write(json.dumps(ended) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
