"""What an action sees of a target, and what the engine asks of a transport."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypedDict, Unpack

from .credential import SSHLogin


@dataclass(frozen=True, slots=True)
class CommandOutput:
    """What a command left behind.

    Attributes:
        stdout: Standard output, decoded, without terminal control sequences, capped.
        stderr: Standard error, the same.
        exit_code: Exit status; 128 + n when signal n ended the command.
        stdout_bytes: Bytes the command wrote to stdout, before any cap.
        stderr_bytes: Bytes the command wrote to stderr, before any cap.
        truncated: Whether the middle of an output was cut.
    """

    stdout: str = ""
    exit_code: int = 0
    stderr: str = ""
    stdout_bytes: int = 0
    stderr_bytes: int = 0
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class LoginFacts:
    """What is known of the login that a connection began with.

    Attributes:
        host_key: Public key that the host showed, OpenSSH text; empty for protocols without one.
        fingerprint: Its fingerprint, as `ssh-keygen -l` shows it.
        seconds: From the first packet until the login was accepted, waiting for a busy host included.
    """

    host_key: str = ""
    fingerprint: str = ""
    seconds: float = 0.0


class CommandOptions(TypedDict, total=False):
    """What `Host.run` takes besides the command and the exit codes, for those who hand it on."""

    stdin: bytes | None
    environment: Mapping[str, str] | None
    directory: str | None
    sudo: bool
    once: bool


class Host(Protocol):
    """One target, logged in to, as an action sees it.

    Every call is one command on the run's one connection to that target. The step's timeout, stop,
    output caps, encoding and redaction are the engine's; an action does not handle them.
    """

    name: str
    platform: str
    login: LoginFacts

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
        """Run a program; every argument reaches it as it is, whatever it holds.

        Args:
            argv: Program and arguments.
            accept: Exit codes that are an answer, not a failure. Empty accepts all.
            stdin: Bytes for standard input; none closes it.
            environment: Extra variables. Names that change how programs load are refused.
            directory: Working directory; the login directory when absent.
            sudo: Run as root by sudo; the password goes by stdin, never argv.
            once: Guard this command with the step's marker: it can start once only. An action of
                effect `once` sets it on exactly one call, the one that changes something.

        Raises:
            CommandFailedError: The exit code is not accepted.
            HostError: Anything else that went wrong between here and the host.
        """
        ...

    async def shell(
        self,
        script: str,
        *,
        interpreter: str = "/bin/sh",
        accept: Sequence[int] = (0,),
        **options: Unpack[CommandOptions],
    ) -> CommandOutput:
        """Run a script text with `interpreter -c`; the other arguments as in `run`."""
        return await self.run(interpreter, "-c", script, accept=accept, **options)


class LiveOutput(Protocol):
    """Where output goes while a command runs."""

    def __call__(self, stream: Literal["stdout", "stderr"], text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Target:
    """A target as frozen into a run.

    Attributes:
        ord: Place in the run's list, from 0.
        id: Identity of the target.
        name: Label, unique in the run.
        address: Host name or IP address.
        port: TCP port of the service.
        platform: `linux`, `windows`, `unix`, `macos` or `other`.
        variables: Target variables, `target.vars.*` in expressions.
        tags: Tags.
        host_keys: Known public host keys, OpenSSH text (`ssh-ed25519 AAAA…`); empty: trust on first use.
        encoding: Codec of the target's output.
        credential: Reference of the credential to log in with; None for targets without login.
    """

    ord: int
    id: str
    name: str
    address: str
    port: int = 22
    platform: str = "linux"
    variables: Mapping[str, Any] = field(default_factory=dict[str, Any])
    tags: tuple[str, ...] = ()
    host_keys: tuple[str, ...] = ()
    encoding: str = "utf-8"
    credential: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One attempt of one step on one target.

    Attributes:
        token: Names the marker: 32 hex digits, a digest of run, step, target and attempt.
        once: Whether the step's effect class is `once`.
        timeout_seconds: For the whole attempt; None for no limit.
        idle_timeout_seconds: Without output; None for no limit.
        output_limit_bytes: Kept of each stream (head and tail halves).
        live: Hears output as it arrives.
    """

    token: str
    once: bool = False
    timeout_seconds: float | None = None
    idle_timeout_seconds: float | None = None
    output_limit_bytes: int = 65536
    live: LiveOutput | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a probe of a marker found.

    Attributes:
        kind: `never` (did not start, and now never can), `done` (see exit_code), `running`,
            `orphan` (children live, the wrapper is gone), `lost` (started or unknowable, no exit code),
            `stuck` (would not die), `no_marker` (cannot tell).
        exit_code: Recorded exit code when kind is `done`.
        detail: The rest of what was found, for people.
    """

    kind: Literal["never", "done", "running", "orphan", "lost", "stuck", "no_marker"]
    exit_code: int | None = None
    detail: str = ""


class Connection(Protocol):
    """One login on one target, kept for the whole run and shared by its steps."""

    target: Target
    first_seen_key: str | None

    def host(self, operation: Operation) -> Host:
        """The host as one attempt of one step sees it."""
        ...

    async def probe(self, operation: Operation) -> Verdict:
        """Find out what became of a `once` command; claims the marker if nobody has."""
        ...

    async def stop(self, operation: Operation, *, grace_seconds: float = 5) -> Verdict:
        """TERM, grace, KILL, verify, for everything the operation started."""
        ...

    async def close(self) -> None:
        """Log out."""
        ...


class Connector(Protocol):
    """Opens connections of one protocol."""

    async def connect(self, target: Target, login: SSHLogin, *, timeout_seconds: float) -> Connection:
        """Log in, with bounded retries before the login only.

        Raises:
            HostUnreachableError: No connection, after the retries.
            HostKeyError: The key is not the recorded one; no credential was offered.
            LoginRefusedError: The server refused the login.
        """
        ...
