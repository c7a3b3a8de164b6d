"""The host that an action gets: it remembers what the last command left, also when that was a failure."""

from collections.abc import Mapping, Sequence

from opsconductor.errors import CommandFailedError
from opsconductor.sdk.transport import CommandOutput, Host


class RecordingHost:
    """A host that keeps the output of the last command it ran.

    The exit code is judged here, not in the transport, so that the output of a refused command is not lost.

    Attributes:
        name: The target's name.
        platform: Its platform.
        login: How the connection began.
        last: Output of the last command that ended; None before the first.
    """

    __slots__ = ("_host", "last", "login", "name", "platform")

    def __init__(self, host: Host) -> None:
        self._host = host
        self.name = host.name
        self.platform = host.platform
        self.login = host.login
        self.last: CommandOutput | None = None

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
        """See `Host.run`."""
        output = await self._host.run(
            *argv, accept=(), stdin=stdin, environment=environment, directory=directory, sudo=sudo, once=once
        )
        return self._judge(output, accept, argv[0])

    async def shell(
        self,
        script: str,
        *,
        interpreter: str = "/bin/sh",
        accept: Sequence[int] = (0,),
        stdin: bytes | None = None,
        environment: Mapping[str, str] | None = None,
        directory: str | None = None,
        sudo: bool = False,
        once: bool = False,
    ) -> CommandOutput:
        """See `Host.shell`."""
        output = await self._host.shell(
            script,
            interpreter=interpreter,
            accept=(),
            stdin=stdin,
            environment=environment,
            directory=directory,
            sudo=sudo,
            once=once,
        )
        return self._judge(output, accept, interpreter)

    def _judge(self, output: CommandOutput, accept: Sequence[int], program: str) -> CommandOutput:
        self.last = output
        if accept and output.exit_code not in accept:
            raise CommandFailedError(host=self.name, program=program, exit_code=output.exit_code, stderr=output.stderr)
        return output
