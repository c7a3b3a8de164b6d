"""Doubles for tests of actions: a host that answers from a table and remembers what it was asked."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from opsconductor.errors import CommandFailedError, HostError

from .transport import CommandOutput, Host, LoginFacts

Reply = CommandOutput | HostError | Sequence["CommandOutput | HostError"]
"""An answer, an error to raise, or several of them, one a call (the last one stays)."""

_SCRIPT_LENGTH = len(("sh", "-c", "text"))


@dataclass(frozen=True, slots=True)
class FakeCall:
    """One command as an action gave it.

    Attributes:
        line: The command line, by which replies are found.
        argv: Program and arguments as given.
        stdin: Bytes for standard input.
        environment: Extra variables.
        directory: Working directory.
        sudo: Whether as root.
        once: Whether guarded by the step's marker.
    """

    line: str
    argv: tuple[str, ...]
    stdin: bytes | None = None
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    directory: str | None = None
    sudo: bool = False
    once: bool = False


class FakeHost(Host):
    """A host without a machine behind it.

    Replies are keyed by command line: the arguments as a shell would need them quoted. A script is
    `/bin/sh -c '…'`; one that was given a name and arguments of its own goes by those (`sh -c TEXT NAME ARGUMENTS` is
    `NAME ARGUMENTS`). A command without a reply succeeds silently.

    Attributes:
        commands: Command lines in order.
        calls: The same with everything else that was given.
    """

    def __init__(
        self,
        replies: Mapping[str, Reply] | None = None,
        *,
        name: str = "web-1",
        platform: str = "linux",
        login: LoginFacts | None = None,
    ) -> None:
        self.name = name
        self.platform = platform
        self.login = login or LoginFacts()
        self.calls: list[FakeCall] = []
        self._replies: dict[str, list[CommandOutput | HostError]] = {
            line: [reply] if isinstance(reply, (CommandOutput, HostError)) else list(reply)
            for line, reply in (replies or {}).items()
        }

    @property
    def commands(self) -> list[str]:
        """Command lines in the order they were given."""
        return [call.line for call in self.calls]

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
        """Answer from the table; refuse an exit code that is not accepted, as a real host does."""
        line = _line(argv)
        self.calls.append(FakeCall(line, argv, stdin, dict(environment or {}), directory, sudo, once))
        output = self._answer(line)
        if accept and output.exit_code not in accept:
            raise CommandFailedError(host=self.name, program=argv[0], exit_code=output.exit_code, stderr=output.stderr)
        return output

    def _answer(self, line: str) -> CommandOutput:
        waiting = self._replies.get(line, [CommandOutput()])
        reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(reply, HostError):
            raise reply
        return reply


def _line(argv: tuple[str, ...]) -> str:
    named = len(argv) > _SCRIPT_LENGTH and argv[1] == "-c"
    return shlex.join(argv[_SCRIPT_LENGTH:] if named else argv)
