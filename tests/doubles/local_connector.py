"""Connections that are a TCP connection and a shell on this machine: for tests of processes around the engine."""

import asyncio
from pathlib import Path

from opsconductor.sdk.credential import SSHLogin
from opsconductor.sdk.transport import Operation, Target, Verdict
from tests.doubles.local_host import LocalHost


class LocalConnector:
    """Says the password to the target's port, then runs commands here, in `folder/<target>`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def connect(self, target: Target, login: SSHLogin, *, timeout_seconds: float) -> "LocalConnection":
        _, writer = await asyncio.open_connection(target.address, target.port)
        password = login.password.reveal() if login.password else ""
        writer.write(f"{login.username} {password}\n".encode())
        await writer.drain()
        home = self._folder / target.name
        home.mkdir(parents=True, exist_ok=True)
        return LocalConnection(target, home, writer)


class LocalConnection:
    first_seen_key = None

    def __init__(self, target: Target, home: Path, writer: asyncio.StreamWriter) -> None:
        self.target = target
        self._home = home
        self._writer = writer

    def host(self, operation: Operation) -> LocalHost:
        return LocalHost(self._home)

    async def probe(self, operation: Operation) -> Verdict:
        return Verdict("no_marker")

    async def stop(self, operation: Operation, *, grace_seconds: float = 5) -> Verdict:
        return Verdict("done", 143)

    async def close(self) -> None:
        self._writer.close()
