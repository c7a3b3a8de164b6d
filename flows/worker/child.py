"""A flow process: one run, from the claim to the recorded end.

The record comes first, Prefect is told beside it: the run is claimed, its targets are dialled and its
commands are sent whether or not Prefect answers.
"""

import asyncio
import logging
import os
import resource
import signal
import socket
import ssl
import sys
from dataclasses import dataclass

from flows.engine.session import OpenedCredentials, Session, open_session
from flows.ledger.record import RunRecord
from flows.ledger.session import RunLedger
from flows.tracing import TracingVariables, open_tracing
from opsconductor.errors import FencedError, RunNotClaimableError, UnavailableError
from opsconductor.sdk.transport import Connector
from steplib.registry import Registry

from .display import Display
from .exit_code import ExitCode
from .fork_request import ChildMain, ForkRequest
from .framing import Channel
from .handover import CLAIMED, TRACING, Handover, PrefectAddress
from .owner import owner_of

_log = logging.getLogger(__name__)
_SWITCH_SECONDS = 0.001
"""The display's thread hands the interpreter over to the run's within this time; Python's own is five times as long."""
_KEPT_VARIABLES = ("PATH", "LANG", "TZ", "HOME", "PREFECT_HOME")


class NotHandedOverError(UnavailableError):
    """The flow process got no credentials."""


@dataclass(frozen=True, slots=True)
class ChildParts:
    """What the fork server made ready for every flow process.

    Attributes:
        database: Our database, as the flow role.
        registry: The step libraries.
        connector: Makes connections to targets.
        tls: A TLS context for clients.
    """

    database: str
    registry: Registry
    connector: Connector
    tls: ssl.SSLContext


def main_of(parts: ChildParts) -> ChildMain:
    """What a forked process does with these parts."""

    def child_main(request: ForkRequest, broker: socket.socket) -> int:
        _close_off()
        sys.setswitchinterval(_SWITCH_SECONDS)
        return asyncio.run(_until_terminated(parts, request, broker))

    return child_main


def _close_off() -> None:
    """Leave nothing behind for others: no core file, no foreign variables."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name in list(os.environ):
        if name not in _KEPT_VARIABLES:
            del os.environ[name]


async def _until_terminated(parts: ChildParts, request: ForkRequest, broker: socket.socket) -> ExitCode:
    """The run; TERM gives it back to the record, and another process goes on with it."""
    work = asyncio.create_task(_carry(parts, request, Channel(broker)))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, work.cancel)
    try:
        return await work
    except asyncio.CancelledError:
        return ExitCode.TERMINATED
    except RunNotClaimableError as error:
        _log.info("%s", error)
        return ExitCode.NOT_CLAIMED
    except NotHandedOverError as error:
        _log.warning("%s", error)
        return ExitCode.NOT_HANDED_OVER


@dataclass(frozen=True, slots=True)
class _HandedOver:
    """The credentials that the worker hands over once the run is claimed."""

    channel: Channel

    async def open(self, run: RunRecord) -> OpenedCredentials:
        """See `CredentialSource.open`.

        Raises:
            NotHandedOverError: The worker is gone.
        """
        try:
            await self.channel.send(CLAIMED)
            message = await self.channel.receive()
        except OSError:
            message = None
        self.channel.close()
        if message is None:
            raise NotHandedOverError("the worker was gone before it handed the credentials over")
        return Handover.from_message(message)


async def _carry(parts: ChildParts, request: ForkRequest, channel: Channel) -> ExitCode:
    first = await channel.receive()
    if first is None:
        return ExitCode.NOT_HANDED_OVER
    owner = owner_of(os.getpid())

    async def claim() -> RunLedger:
        return await RunLedger.claim(parts.database, request.run_id, request.epoch, owner=owner)

    tracing = open_tracing("opsconductor-flow", TracingVariables(first[TRACING]))
    session = await open_session(claim, _HandedOver(channel), parts.connector, parts.registry, tracing)
    return await _play(session, Display(PrefectAddress.from_message(first), parts.tls, session, parts.database))


async def _play(session: Session, display: Display) -> ExitCode:
    display.start()
    try:
        display.conclude(await session.conclude(display.run_task))
        code = ExitCode.ENDED
    except FencedError as error:
        _log.warning("%s", error)
        display.conclude(error)
        code = ExitCode.FENCED
    finally:
        await session.close()
    shown = await display.finish()
    return code if shown or code is ExitCode.FENCED else ExitCode.NOT_SHOWN
