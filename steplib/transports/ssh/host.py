"""What an action sees of a host reached by SSH."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from opsconductor.errors import (
    CommandFailedError,
    CommandStoppedError,
    CommandTimedOutError,
    ConnectionLostError,
    HostError,
    MarkerError,
)
from opsconductor.sdk.transport import CommandOutput, Host, Operation

from . import marker
from .command import Command
from .exchange import Exchange
from .output import OutputStream, Show
from .sudo import SudoDialogue

if TYPE_CHECKING:
    from .connection import SSHConnection


class SSHHost(Host):
    """The host for one attempt of one step.

    Attributes:
        name: The target's name.
        platform: The target's platform.
        login: How the connection began.
    """

    def __init__(self, connection: "SSHConnection", operation: Operation) -> None:
        self.name = connection.target.name
        self.platform = connection.target.platform
        self.login = connection.login
        self._connection = connection
        self._operation = operation
        self._deadline: float | None = None

    async def run(
        self,
        *argv: str,
        accept: Sequence[int] = (0,),
        stdin: bytes | None = None,
        environment: Mapping[str, str] | None = None,
        directory: str | None = None,
        sudo: bool = False,
        once: bool = False,
    ) -> CommandOutput:
        """Run a program; see `opsconductor.sdk.transport.Host.run`."""
        command = Command(argv, stdin or b"", environment or {}, directory, once)
        command.check()
        dialogue = self._connection.sudo(self._operation) if sudo else None
        output = await self._exchange(command, dialogue)
        if accept and output.exit_code not in accept:
            raise CommandFailedError(host=self.name, program=argv[0], exit_code=output.exit_code, stderr=output.stderr)
        return output

    async def _exchange(self, command: Command, sudo: SudoDialogue | None) -> CommandOutput:
        line = command.line(self._operation, sudo, sync=self._connection.sync_markers)
        stdout, stderr = self._stream("stdout"), self._stream("stderr")
        exchange = Exchange(stdout, stderr, command.input(), sudo)
        if command.once:
            self._connection.note_marker(self._operation)
        try:
            late = await self._finish(line, exchange)
        finally:
            exchange.withdraw()
        if late:
            await self._stop(late)
        stdout.finish()
        stderr.finish()
        said = f"{sudo.said()}\n" if sudo and not sudo.ready else stderr.text()
        if exchange.exit_code == marker.REFUSED and (reason := marker.read_refusal(said, self._operation.token)):
            raise self._refused(reason, command)
        if exchange.exit_code is None:
            raise ConnectionLostError("the connection broke while the command ran", host=self.name)
        if sudo and not sudo.ready:
            raise sudo.refusal(self.name)
        return CommandOutput(
            stdout=stdout.text(),
            exit_code=exchange.exit_code,
            stderr=stderr.text(),
            stdout_bytes=stdout.size,
            stderr_bytes=stderr.size,
            truncated=stdout.truncated or stderr.truncated,
        )

    def _stream(self, name: Literal["stdout", "stderr"]) -> OutputStream:
        live = self._operation.live
        show: Show | None = (lambda text: live(name, text)) if live else None
        return OutputStream(self._connection.target.encoding, self._operation.output_limit_bytes, show)

    async def _finish(self, line: str, exchange: Exchange) -> str:
        """Send the command and wait for its end; returns what took too long, if anything did."""
        loop = asyncio.get_running_loop()
        seconds = self._operation.timeout_seconds
        if seconds is not None and self._deadline is None:
            self._deadline = loop.time() + seconds
        try:
            async with asyncio.timeout_at(self._deadline):
                await self._connection.channels.open(line, exchange)
                return await self._wait(exchange)
        except TimeoutError:
            return f"took longer than {seconds:g} s"

    async def _wait(self, exchange: Exchange) -> str:
        idle = self._operation.idle_timeout_seconds
        if idle is None:
            await exchange.ended
            return ""
        loop = asyncio.get_running_loop()
        while not exchange.ended.done():
            left = exchange.heard_at + idle - loop.time()
            if left <= 0:
                return f"said nothing for {idle:g} s"
            await asyncio.wait((exchange.ended,), timeout=left)
        return ""

    async def _stop(self, why: str) -> None:
        """Stop a command that took too long.

        Raises:
            CommandTimedOutError: Nothing of it is left.
            ConnectionLostError: That could not be made sure.
        """
        try:
            verdict = await self._connection.stop(self._operation)
        except HostError as error:
            raise ConnectionLostError(f"{why}, and could not be stopped: {error.reason}", host=self.name) from error
        if verdict.kind not in ("done", "never"):
            raise ConnectionLostError(f"{why}, and the stop is not certain: {verdict.detail}", host=self.name)
        raise CommandTimedOutError(f"{why} and was stopped", host=self.name)

    def _refused(self, reason: str, command: Command) -> HostError:
        if reason == "DUP":
            return ConnectionLostError(
                "this command was started before, or ruled out, under the same marker", host=self.name
            )
        if reason == "STOPPED":
            return CommandStoppedError("the step was stopped before this command started", host=self.name)
        said = {
            "NODIR": f"cannot enter the directory {command.directory!r}",
            "NOSTDIN": "its standard input did not arrive whole",
        }.get(reason)
        if said:
            return CommandFailedError(host=self.name, program=command.argv[0], exit_code=marker.REFUSED, stderr=said)
        folder = "~/.opsconductor of the login"
        if reason == "NOSYNC":
            return MarkerError(f"{folder} cannot be forced to disk; the command did not start", host=self.name)
        return MarkerError(f"{folder} cannot be written; the command did not start", host=self.name)
