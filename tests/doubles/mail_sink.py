"""A real SMTP server on the loopback that keeps what it is given."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass
class MailSink:
    """What arrived; addresses in `unwanted` are refused with 550."""

    unwanted: frozenset[str] = frozenset()
    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    hang_up_after_message: bool = False

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(bytes(envelope.content or b""), policy=default) for envelope in self.envelopes]  # type: ignore[misc]

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.unwanted:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        if self.hang_up_after_message:
            server.transport.abort()
        return "250 queued as 4711"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"right horse", handled=False)


@asynccontextmanager
async def mail_sink(
    *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, **behaviour: Any
) -> AsyncGenerator[MailSink]:
    """Serve on a free port of 127.0.0.1 while the block runs."""
    sink = MailSink(**behaviour)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(
            sink,
            loop=loop,
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=sink.authenticate,
            auth_require_tls=tls is None,
        ),
        "127.0.0.1",
        0,
        ssl=tls,
    )
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()
        await server.wait_closed()
