"""One login on one host, shared by all steps of a run."""

import asyncio
import re
from contextlib import suppress

import asyncssh

from opsconductor.errors import HostError, InvalidInputError, Problem
from opsconductor.sdk.credential import SSHLogin
from opsconductor.sdk.transport import LoginFacts, Operation, Target, Verdict

from . import verdict
from .channels import Channels
from .control import Control, Dial
from .host import SSHHost
from .sudo import SudoDialogue

CONTROL_SECONDS = 30.0
"""What a probe or a stop may take beyond its grace."""
CLOSE_SECONDS = 5.0
ENDED_MARKER_DAYS = 7
LOST_MARKER_DAYS = 30
CLEANING_SHARE = 32
"""One in so many connections that left a marker clears away old ones."""

_TOKEN = re.compile(r"[0-9a-f]{32}")


class SSHConnection:
    """A connection made by `SSHConnector`.

    Attributes:
        target: Who is at the other end.
        first_seen_key: The host's public key if it was trusted on first use, else None.
        login: The host's key, and how long the login took.
        sync_markers: Whether markers are forced to the host's disk.
        channels: Where commands go.
    """

    def __init__(
        self,
        target: Target,
        login: SSHLogin,
        line: asyncssh.SSHClientConnection,
        dial: Dial,
        first_seen_key: str | None,
        *,
        facts: LoginFacts,
        sync_markers: bool = False,
    ) -> None:
        self.target = target
        self.first_seen_key = first_seen_key
        self.login = facts
        self.sync_markers = sync_markers
        self.channels = Channels(line, target.name)
        self._is_root = login.username == "root"
        self._line = line
        self._control = Control(target, login, line, dial)
        self._root_tokens: set[str] = set()
        self._cleaning = False

    def host(self, operation: Operation) -> SSHHost:
        """The host as one attempt of one step sees it."""
        _check_token(operation)
        return SSHHost(self, operation)

    def sudo(self, operation: Operation) -> SudoDialogue | None:
        """What it takes to run as root; None for root itself. It is remembered, because only root can stop it."""
        if self._is_root:
            return None
        self._root_tokens.add(operation.token)
        return self._control.sudo()

    def note_marker(self, operation: Operation) -> None:
        """The host holds a marker of ours; now and then old ones are cleared away."""
        self._cleaning = self._cleaning or int(operation.token[:8], 16) % CLEANING_SHARE == 0

    async def probe(self, operation: Operation) -> Verdict:
        """Find out what became of a `once` command; claims the marker if nobody has.

        Raises:
            HostError: The host cannot be asked.
        """
        _check_token(operation)
        if not operation.once:
            return Verdict("no_marker", detail="a command that may run again has no marker")
        answer = await self._control.ask(verdict.PROBE, (), _line(operation), seconds=CONTROL_SECONDS)
        return verdict.read_verdict(answer)

    async def stop(self, operation: Operation, *, grace_seconds: float = 5) -> Verdict:
        """TERM, grace, KILL, verify, for everything the operation started; nothing of it starts afterwards.

        `done` and `never` mean that nothing of it is left. Where no exit code is recorded, there is none.

        Raises:
            HostError: The host cannot be asked.
        """
        _check_token(operation)
        # The login claims the marker, also for root's commands: the folder must not become root's.
        claim_only = "mark" if operation.token in self._root_tokens else "-"
        words = (str(round(grace_seconds * 10)), "NEVER" if operation.once else "STOPPED", claim_only)
        seconds = grace_seconds + CONTROL_SECONDS
        answer = await self._control.ask(verdict.STOP, words, _line(operation), seconds=seconds)
        if verdict.needs_root(answer):
            answer = await self._control.ask(verdict.STOP, words, _line(operation), seconds=seconds, as_root=True)
        return verdict.read_verdict(answer)

    async def close(self) -> None:
        """Log out."""
        if self._cleaning and not self._line.is_closed():
            days = (str(ENDED_MARKER_DAYS), str(LOST_MARKER_DAYS))
            with suppress(HostError):
                await self._control.ask(verdict.CLEAN, days, "", seconds=CLOSE_SECONDS)
        self._line.close()
        with suppress(TimeoutError, OSError, asyncssh.Error):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._line.wait_closed()


def _line(operation: Operation) -> str:
    return f"{operation.token}\n"


def _check_token(operation: Operation) -> None:
    if not _TOKEN.fullmatch(operation.token):
        raise InvalidInputError([Problem("token", "must be 32 hexadecimal digits")])
