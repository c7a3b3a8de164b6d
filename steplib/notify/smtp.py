"""Handing a message to a mail server."""

import socket
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import aiosmtplib

from opsconductor.errors import ActionFailedError, ConnectionLostError
from opsconductor.sdk.credential import Secret

from .message import Letter

Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and how."""

    host: str
    port: int
    security: Security
    username: str | None
    password: Secret | None
    ca_certificate: str | None
    timeout_seconds: float


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the server said."""

    accepted: tuple[str, ...]
    refused: dict[str, str]
    response: str


async def deliver(server: MailServer, letter: Letter, *, allow_partial: bool) -> Receipt:
    """Hand a message in, once.

    Until the message itself is sent every failure means that nothing was sent. RFC 5321, 4.1.1.4: the server has the
    message when it answers its end; without that answer nobody knows.

    Raises:
        ActionFailedError: Nothing was sent; the message says why.
        ConnectionLostError: The server did not answer the end of the message.
    """
    where = f"{server.host}:{server.port}"
    async with _session(server, where) as session:
        await session.mail(letter.sender)
        refused = await _offer(session, letter.recipients)
        accepted = tuple(recipient for recipient in letter.recipients if recipient not in refused)
        if not accepted or (refused and not allow_partial):
            told = "; ".join(f"{recipient} ({why})" for recipient, why in refused.items())
            raise ActionFailedError(f"{where} refused recipients, nothing was sent: {told}")
        return Receipt(accepted, refused, await _send(session, where, letter.content))


@asynccontextmanager
async def _session(server: MailServer, where: str) -> AsyncGenerator[aiosmtplib.SMTP]:
    session = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        local_hostname=socket.gethostname(),
        timeout=server.timeout_seconds,
        use_tls=server.security == "tls",
        start_tls=server.security == "starttls",
        tls_context=_tls(server),
    )
    try:
        async with session:
            if server.username is not None and server.password is not None:
                await session.login(server.username, server.password.reveal())
            yield session
    except aiosmtplib.SMTPException as error:
        raise ActionFailedError(f"{where}: {_reason(error)}; nothing was sent") from error
    except (OSError, ValueError) as error:
        raise ActionFailedError(f"{where}: {error}; nothing was sent") from error


def _tls(server: MailServer) -> ssl.SSLContext | None:
    if server.security == "none":
        return None
    context = ssl.create_default_context()
    if server.ca_certificate:
        context.load_verify_locations(cadata=server.ca_certificate)
    return context


async def _offer(session: aiosmtplib.SMTP, recipients: tuple[str, ...]) -> dict[str, str]:
    refused: dict[str, str] = {}
    for recipient in recipients:
        try:
            await session.rcpt(recipient)
        except aiosmtplib.SMTPRecipientRefused as error:
            refused[recipient] = _reason(error)
    return refused


async def _send(session: aiosmtplib.SMTP, where: str, content: bytes) -> str:
    try:
        response = await session.data(content)
    except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, OSError) as error:
        raise ConnectionLostError("no answer to the end of the message; it may have been sent", host=where) from error
    return f"{response.code} {response.message}"[:500]


def _reason(error: aiosmtplib.SMTPException) -> str:
    code = f"{error.code} " if isinstance(error, aiosmtplib.SMTPResponseException) else ""
    return f"{code}{' '.join(error.message.split())}"[:300]
