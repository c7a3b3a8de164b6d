"""The line that goes to a host for one command, and the standard input that goes with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from opsconductor.errors import InvalidInputError, Problem
from opsconductor.sdk.transport import Operation

from . import marker
from .environment import check_environment, export_line
from .quoting import check_length, check_words, shell_line
from .sudo import SudoDialogue

_SH = ("/bin/sh", "-c")


@dataclass(frozen=True, slots=True)
class Command:
    """What an action wants to run.

    Attributes:
        argv: Program and arguments.
        stdin: Bytes for standard input.
        environment: Extra variables.
        directory: Working directory.
        once: Whether the marker guards it.
    """

    argv: Sequence[str]
    stdin: bytes = b""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    directory: str | None = None
    once: bool = False

    def check(self) -> None:
        """Refuse what cannot be run as it is.

        Raises:
            InvalidInputError: With everything that is wrong.
        """
        if not self.argv or not self.argv[0]:
            raise InvalidInputError([Problem("argv", "names no program")])
        check_words(self.argv, "argv")
        if self.directory is not None:
            check_words((self.directory,), "directory")
        if self.environment:
            check_environment(self.environment)

    def input(self) -> bytes:
        """Everything for standard input: the environment goes first, out of sight of process lists."""
        return export_line(self.environment) + self.stdin if self.environment else self.stdin

    def line(self, operation: Operation, sudo: SudoDialogue | None, *, sync: bool = False) -> str:
        """The line for the login shell.

        Raises:
            InvalidInputError: It is longer than a host takes.
        """
        spool = self.once and bool(self.stdin)
        # A text for /bin/sh goes behind the gate's: a shell less to start, a third of what a small command costs.
        is_script = not self.once and sudo is None and len(self.argv) == 3 and tuple(self.argv[:2]) == _SH
        start = marker.start_script(
            environment=bool(self.environment),
            spool=spool,
            directory=bool(self.directory),
            sudo=sudo is not None,
            is_script=is_script,
        )
        argv = () if is_script else self.argv
        words = [str(len(self.stdin))] * spool + [_folder(self.directory)] * bool(self.directory) + [*argv]
        if sudo:
            start, words = marker.SUDO_START, [sudo.prompt, start, sudo.nonce, *words]
        if self.once:
            script = marker.wrapper(start)
            words = [operation.token, "sudo" if sudo else "-", "sync" if sync else "-", *words]
        else:
            script = f"{marker.gate(start)};{self.argv[2]}" if is_script else marker.gate(start)
            words = [operation.token, *words]
        line = shell_line(script, words, name=_SH[0] if is_script else "opsc")
        check_length(line)
        return line


def _folder(directory: str | None) -> str:
    """The directory such that `cd` takes none for an option or for the one before."""
    return f"./{directory}" if directory and directory.startswith("-") else directory or "."
