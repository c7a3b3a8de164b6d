"""The worker's side of the fork server."""

import asyncio
import socket
from dataclasses import dataclass
from pathlib import Path

from opsconductor.errors import UnavailableError

from .fork_request import ForkRequest
from .framing import Channel, FramingError, encode


class ForkServerAwayError(UnavailableError):
    """No flow process could be started."""


@dataclass(frozen=True, slots=True)
class FlowProcess:
    """A flow process that was started.

    Attributes:
        pid: Its process id.
        broker: Our end of the socket it was born with.
    """

    pid: int
    broker: Channel
    _ticket: Channel

    async def ended(self) -> int | None:
        """Wait for its end: the exit code, negative for a signal; None when the fork server left before."""
        try:
            message = await self._ticket.receive()
        except FramingError:
            message = None
        finally:
            self._ticket.close()
        return None if message is None else message.get("exit")

    def close(self) -> None:
        """Stop watching. The process goes on."""
        self.broker.close()
        self._ticket.close()


async def start_flow_process(path: Path, request: ForkRequest) -> FlowProcess:
    """Ask for a flow process.

    Args:
        path: Socket of the fork server.
        request: Which run it is for.

    Raises:
        ForkServerAwayError: It does not listen, or it refused.
    """
    ours, theirs = socket.socketpair()
    ticket: Channel | None = None
    try:
        ticket = await _ask(path, request, theirs)
        return FlowProcess(await _pid(ticket), Channel(ours), ticket)
    except BaseException:
        ours.close()
        if ticket is not None:
            ticket.close()
        raise
    finally:
        theirs.close()


async def _pid(ticket: Channel) -> int:
    answer = await ticket.receive()
    if answer is None:
        raise ForkServerAwayError("the fork server refused the request")
    return int(answer["pid"])


async def _ask(path: Path, request: ForkRequest, descriptor: socket.socket) -> Channel:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, str(path))
        socket.send_fds(connection, [encode(request.to_message())], [descriptor.fileno()])
    except OSError as error:
        connection.close()
        raise ForkServerAwayError(f"the fork server at {path} does not answer: {error.strerror}") from error
    return Channel(connection)
