"""Mail."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from opsconductor.errors import ActionFailedError
from opsconductor.sdk.action import Result, RunContext, action
from opsconductor.sdk.credential import Secret

from .message import Line, Mailbox, write

HostName = Annotated[str, Field(pattern=r"^[A-Za-z0-9:]([A-Za-z0-9.:-]*[A-Za-z0-9])?$", max_length=253)]
Port = Annotated[int, Field(ge=1, le=65535)]
Recipients = Annotated[list[Mailbox], Field(min_length=1, max_length=100)]
"""At most 100, the number every server must take (RFC 5321, 4.5.3.1.8)."""

Copies = Annotated[list[Mailbox], Field(max_length=99)]
Body = Annotated[str, Field(max_length=1_000_000)]
Timeout = Annotated[float, Field(gt=0, le=300)]
Security = Literal["none", "starttls", "tls"]


class EmailSent(BaseModel):
    """What the mail server took (in a dry run: what it would be offered).

    Attributes:
        message_id: The message's `Message-ID`; empty in a dry run.
        accepted: Addresses the server accepted.
        refused: Addresses the server refused, with its reason.
        response: The server's last word, often with its queue id.
    """

    message_id: str = ""
    accepted: list[str]
    refused: dict[str, str] = {}
    response: str = ""


async def _would_send(
    run: RunContext,
    *,
    host: HostName,
    port: Port = 25,
    security: Security = "none",
    sender: Mailbox,
    to: Recipients,
    cc: Copies | None = None,
    subject: Line,
    body: Body,
    username: Line | None = None,
    password: Secret | None = None,
    ca_certificate: str | None = None,
    allow_partial: bool = False,
    timeout_seconds: Timeout = 30,
) -> Result[EmailSent]:
    _refuse_open_login(security, username, password)
    letter = write(sender=sender, to=to, cc=cc or [], subject=subject, body=body)
    count = len(letter.recipients)
    return Result.changed(f"would send `{subject}` to {count} addresses", EmailSent(accepted=list(letter.recipients)))


@action("email.send", effect="once", scope="run", check=_would_send)
async def send(
    run: RunContext,
    *,
    host: HostName,
    port: Port = 25,
    security: Security = "none",
    sender: Mailbox,
    to: Recipients,
    cc: Copies | None = None,
    subject: Line,
    body: Body,
    username: Line | None = None,
    password: Secret | None = None,
    ca_certificate: str | None = None,
    allow_partial: bool = False,
    timeout_seconds: Timeout = 30,
) -> Result[EmailSent]:
    """Send a plain-text mail, at most once.

    It fails with nothing sent when a recipient is refused, unless `allow_partial`. When the connection breaks between
    the message and the server's answer, whether it was sent is unknown, and said so.

    Args:
        run: The run that sends it.
        host: The mail server.
        port: Its port: 25, 587 (usually starttls) or 465 (usually tls).
        security: `none`, `starttls` (which must succeed) or `tls` from the first byte.
        sender: Address in `From` and on the envelope.
        to: Addresses in `To`.
        cc: Addresses in `Cc`.
        subject: The subject, one line.
        body: The text.
        username: Login name; with `password`, and only over TLS.
        password: Credential with the login's password.
        ca_certificate: Certificates (PEM) to trust besides the system's.
        allow_partial: Send to the others when some recipients are refused.
        timeout_seconds: Longest wait for each answer of the server.
    """
    from .smtp import MailServer, deliver  # a mail client is loaded by those who send mail

    _refuse_open_login(security, username, password)
    letter = write(sender=sender, to=to, cc=cc or [], subject=subject, body=body)
    server = MailServer(host, port, security, username, password, ca_certificate, timeout_seconds)
    receipt = await deliver(server, letter, allow_partial=allow_partial)
    outputs = EmailSent(
        message_id=letter.message_id,
        accepted=list(receipt.accepted),
        refused=receipt.refused,
        response=receipt.response,
    )
    refusal = f", refused for {len(receipt.refused)}" if receipt.refused else ""
    return Result.changed(f"sent to {len(receipt.accepted)} addresses{refusal}", outputs)


def _refuse_open_login(security: Security, username: str | None, password: Secret | None) -> None:
    if (username is None) != (password is None):
        raise ActionFailedError("give `username` and `password`, or neither")
    if password is not None and security == "none":
        raise ActionFailedError("the password would travel in clear: set `security` to `starttls` or `tls`")
