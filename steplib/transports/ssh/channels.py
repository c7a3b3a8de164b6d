"""Channels of one SSH connection: as many at once as the host takes, the rest in a queue."""

import asyncio
from collections import deque
from typing import Any

import asyncssh

from opsconductor.errors import ConnectionLostError, HostError, HostUnreachableError

from .exchange import Exchange

SESSIONS = 10
"""OpenSSH's default MaxSessions."""
RESERVED = 1
"""Kept free for probes and stops, which must get through while commands hang."""
_DELAYS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


class ChannelsRefusedError(HostUnreachableError):
    """The host opens no more channels on this connection."""


class Slots:
    """A counted gate whose width may shrink."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.busy = 0

    async def acquire(self) -> None:
        """Wait for a place, and take it."""
        while self.busy >= self._width:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn in self._waiting:
                    self._waiting.remove(turn)
                else:
                    self._wake()
                raise
        self.busy += 1

    def release(self) -> None:
        """Give the place back."""
        self.busy -= 1
        self._wake()

    def narrow(self) -> None:
        """One place fewer than are taken now, but at least one."""
        self._width = max(1, self.busy - 1)

    def _wake(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return


class Channels:
    """Opens channels for commands."""

    def __init__(self, line: asyncssh.SSHClientConnection, host: str) -> None:
        self._line = line
        self._host = host
        self._slots = Slots(SESSIONS - RESERVED)

    async def open(self, command_line: str, exchange: Exchange) -> None:
        """Send a command on a channel of its own, as soon as there is room.

        A refusal means that the host takes fewer channels than expected: fewer are used from then on, and this one
        waits until another one ends.

        Raises:
            HostUnreachableError: The host keeps refusing, or the connection is gone; the command was not sent.
            ConnectionLostError: The connection broke when the command was on its way.
        """
        delays = iter(_DELAYS)
        while True:
            await self._slots.acquire()
            try:
                await self.open_now(command_line, exchange)
            except ChannelsRefusedError:
                alone = self._slots.busy == 1
                self._slots.narrow()
                self._slots.release()
                delay = next(delays, None) if alone else 0
                if delay is None:
                    raise
                await asyncio.sleep(delay)
            except BaseException:
                self._slots.release()
                raise
            else:
                exchange.ended.add_done_callback(lambda _: self._slots.release())
                return

    async def open_now(self, command_line: str, exchange: Exchange) -> None:
        """Send a command past the queue; one refusal is the answer.

        Raises:
            ChannelsRefusedError: The host opens no more channels.
            HostUnreachableError: The connection is gone; the command was not sent.
            ConnectionLostError: The connection broke when the command was on its way.
        """
        opening = asyncio.create_task(self._create(command_line, exchange))
        try:
            await asyncio.shield(opening)
        except asyncio.CancelledError:
            exchange.withdraw()
            opening.add_done_callback(_forget)
            raise
        except (asyncssh.Error, OSError) as error:
            raise self._refusal(error, exchange) from error

    async def _create(self, command_line: str, exchange: Exchange) -> None:
        line: Any = self._line  # the types of this method are incomplete
        await line.create_session(lambda: exchange, command_line, encoding=None, request_pty=False)

    def _refusal(self, error: Exception, exchange: Exchange) -> HostError:
        if exchange.sent and exchange.ended.done():
            return ConnectionLostError("the connection broke as the command was sent", host=self._host)
        if exchange.sent:
            return HostUnreachableError("the host refuses to run commands for this login", host=self._host)
        refused = isinstance(error, asyncssh.ChannelOpenError) and not self._line.is_closed()
        if refused and "closed" not in str(error):
            return ChannelsRefusedError(f"the host opens no more sessions ({error})", host=self._host)
        return HostUnreachableError("the connection is gone; the command was not sent", host=self._host)


def _forget(opening: asyncio.Task[None]) -> None:
    """Take the result of an opening that nobody waits for any more."""
    if not opening.cancelled():
        opening.exception()
