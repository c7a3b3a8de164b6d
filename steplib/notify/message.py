"""Mail messages and the addresses on them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Annotated

from pydantic import AfterValidator, Field

_MAILBOX = re.compile(r'(?P<name>[^<>"\\]*?)\s*<(?P<bracketed>[^<>\s]+)>|(?P<bare>[^<>\s]+)')
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")
_MAX_LOCAL = 64
_POLICY = SMTP.clone(cte_type="7bit")


def parse_mailbox(text: str) -> Address:
    """A mailbox such as `Ops <ops@example.com>` or `ops@example.com`.

    Local parts are dot-atoms (RFC 5322, 3.2.3); domains may be international and go out in their ASCII form.

    Raises:
        ValueError: It is not one.
    """
    found = _MAILBOX.fullmatch(text.strip())
    local, at, domain = ((found["bracketed"] or found["bare"]) if found else "").rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        domain = ""
    if not (found and at and _LOCAL.fullmatch(local) and len(local) <= _MAX_LOCAL and _DOMAIN.fullmatch(domain)):
        raise ValueError(f"`{text[:100]}` is not a mail address such as `ops@example.com`")
    return Address(found["name"] or "", username=local, domain=domain)


def _checked(text: str) -> str:
    parse_mailbox(text)
    return text


Line = Annotated[str, Field(pattern=r"^[^\r\n\x00]*$", max_length=900)]
"""One line of a header: no line break can begin another header."""

Mailbox = Annotated[Line, AfterValidator(_checked)]
"""A mail address, with a name before it or without."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message and its envelope."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    message_id: str


def write(*, sender: str, to: list[str], cc: list[str], subject: str, body: str) -> Letter:
    """Write a plain-text message; its lines and headers are what SMTP allows, whatever the texts hold."""
    author, first, copies = parse_mailbox(sender), _addresses(to), _addresses(cc)
    message = EmailMessage(policy=_POLICY)
    message["From"] = author
    message["To"] = first
    if copies:
        message["Cc"] = copies
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=author.domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    recipients = dict.fromkeys(address.addr_spec for address in first + copies)
    return Letter(author.addr_spec, tuple(recipients), message.as_bytes(), str(message["Message-ID"]))


def _addresses(texts: list[str]) -> tuple[Address, ...]:
    return tuple(parse_mailbox(text) for text in texts)
