"""The host that an action gets: it remembers what the last command left, also when that was a failure."""

from collections.abc import Sequence
from typing import Unpack

from opsconductor.errors import CommandFailedError
from opsconductor.sdk.transport import CommandOptions, CommandOutput, Host


class RecordingHost(Host):
    """A host that keeps the output of the last command it ran.

    The exit code is judged here, not in the transport, so that the output of a refused command is not lost.

    Attributes:
        name: The target's name.
        platform: Its platform.
        login: How the connection began.
        last: Output of the last command that ended; None before the first.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self.name = host.name
        self.platform = host.platform
        self.login = host.login
        self.last: CommandOutput | None = None

    async def run(self, *argv: str, accept: Sequence[int] = (0,), **options: Unpack[CommandOptions]) -> CommandOutput:
        """See `Host.run`."""
        self.last = output = await self._host.run(*argv, accept=(), **options)
        if accept and output.exit_code not in accept:
            raise CommandFailedError(host=self.name, program=argv[0], exit_code=output.exit_code, stderr=output.stderr)
        return output
