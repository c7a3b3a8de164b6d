"""The fields of a credential, and what each may hold."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from opsconductor.errors import Problem

MAX_USERNAME = 256
MAX_SECRET_BYTES = 65_536
# RFC 9110 5.6.2: what the name of a header is made of.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", re.ASCII)
_RESERVED_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade"})

Check = Callable[[str], str | None]
"""What is wrong with a value, without showing it; None when nothing is."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind of credential.

    Attributes:
        name: As the API and the opened value call it.
        required: Whether every credential of the kind has it.
        shown: Whether the block shows it; its envelope holds it too, so that nobody changes it unnoticed.
        checks: What else it must fulfil.
    """

    name: str
    required: bool = False
    shown: bool = False
    checks: tuple[Check, ...] = ()

    def problems(self, value: str) -> Iterator[Problem]:
        """Everything that is wrong with a value."""
        general = _is_text(value)
        if general is not None:
            yield Problem(self.name, general)
            return
        yield from (Problem(self.name, found) for check in self.checks if (found := check(value)) is not None)


def _is_text(value: str) -> str | None:
    try:
        length = len(value.encode())
    except UnicodeEncodeError:
        return "holds half a character (a lone surrogate)"
    if length > MAX_SECRET_BYTES:
        return f"is longer than {MAX_SECRET_BYTES:,} bytes"
    return "holds a NUL character" if "\0" in value else None


def one_line(value: str) -> str | None:
    """No prompt takes a line break."""
    if {"\n", "\r"} & set(value):
        return "holds a line break, which no prompt would take; copy it without the line end"
    return None


def login_name(value: str) -> str | None:
    """Printable, and not endless."""
    if len(value) > MAX_USERNAME or not value.isprintable():
        return f"holds control characters, or more than {MAX_USERNAME} characters"
    return None


def without_colon(value: str) -> str | None:
    """RFC 7617 2: the colon ends the user name."""
    return "holds a colon, which HTTP cannot carry in a user name" if ":" in value else None


def header_name(value: str) -> str | None:
    """A header's name that a credential may set."""
    if not _HEADER_NAME.fullmatch(value):
        return "is no name of an HTTP header, such as X-API-Key"
    return "is a header that the connection itself needs" if value.lower() in _RESERVED_HEADERS else None


def header_value(value: str) -> str | None:
    """RFC 9110 5.5: visible ASCII, and no way out of the header."""
    if value.isascii() and value.isprintable() and value == value.strip():
        return None
    return "holds characters that an HTTP header cannot carry, or spaces around it"


def one_word(value: str) -> str | None:
    """A token is one word."""
    return "holds spaces" if any(character.isspace() for character in value) else None
