"""Asking a host about commands: probe, stop, clearing up."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import asyncssh

from opsconductor.errors import ConnectionLostError, HostUnreachableError
from opsconductor.sdk.credential import SSHLogin
from opsconductor.sdk.transport import Target

from . import verdict
from .channels import Channels
from .exchange import Exchange
from .output import OutputStream
from .quoting import shell_line
from .sudo import SudoDialogue

Dial = Callable[[], Awaitable[asyncssh.SSHClientConnection]]

_ANSWER_BYTES = 65536


class Control:
    """Runs the marker's scripts, past the queue of commands; on a login of their own where that is needed."""

    def __init__(self, target: Target, login: SSHLogin, line: asyncssh.SSHClientConnection, dial: Dial) -> None:
        self._target = target
        self._login = login
        self._line = line
        self._dial = dial

    def sudo(self) -> SudoDialogue:
        """A talk with sudo with this login's password."""
        return SudoDialogue(self._login.username, self._login.sudo_password or self._login.password)

    async def ask(self, script: str, words: Sequence[str], stdin: str, *, seconds: float, as_root: bool = False) -> str:
        """What a script answers. It may be asked twice, so it must bear that.

        Raises:
            HostError: The host cannot be asked.
        """
        try:
            if not self._line.is_closed():
                return await self._ask_on(self._line, script, words, stdin, seconds, as_root)
        except (ConnectionLostError, HostUnreachableError):
            pass  # no room on this connection, or it just broke: a fresh one tells which
        line = await self._dial()
        try:
            return await self._ask_on(line, script, words, stdin, seconds, as_root)
        finally:
            line.close()

    async def _ask_on(
        self,
        line: asyncssh.SSHClientConnection,
        script: str,
        words: Sequence[str],
        stdin: str,
        seconds: float,
        as_root: bool,
    ) -> str:
        sudo = self.sudo() if as_root else None
        command = shell_line(script, ("", *words))
        if sudo:
            command = shell_line(
                verdict.SUDO_CONTROL, (sudo.nonce, f"{verdict.CONTROL_READY};{script}", sudo.prompt, *words)
            )
        stdout, stderr = OutputStream("utf-8", _ANSWER_BYTES), OutputStream("utf-8", _ANSWER_BYTES)
        exchange = Exchange(stdout, stderr, stdin.encode(), sudo)
        try:
            async with asyncio.timeout(seconds):
                await Channels(line, self._target.name).open_now(command, exchange)
                await exchange.ended
        except TimeoutError as error:
            raise HostUnreachableError(f"no answer within {seconds:g} s", host=self._target.name) from error
        finally:
            exchange.withdraw()
        if sudo and not sudo.ready:
            raise sudo.refusal(self._target.name)
        if exchange.exit_code is None:
            raise ConnectionLostError("the connection broke before the answer", host=self._target.name)
        stdout.finish()
        return stdout.text()
