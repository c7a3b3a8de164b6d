"""The forms in which a secret text turns up in outputs, messages and files."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from html import escape
from urllib.parse import quote, quote_plus

SHORTEST = 4
"""A text with fewer characters is no secret: hiding each `a` of an output hides the output."""

_UNSHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a transport takes out of an output: control characters and marks of direction."""


def forms(secret: str) -> Iterator[str]:
    """The forms of a secret and of each of its lines that programs print on one line."""
    for text in _texts(secret):
        yield from _escaped(text)
        yield from _solid(text)


def solid_forms(secret: str) -> Iterator[str]:
    """Those of them that programs break over lines and columns at will: base64 and hexadecimal digits."""
    for text in _texts(secret):
        yield from _solid(text)


def escaped_forms(secret: str) -> Iterator[str]:
    """Those of them that have more backslashes each time they are put in quotes."""
    for text in _texts(secret):
        if not text.isalnum():
            yield from _quoted(text)


def _texts(secret: str) -> set[str]:
    lines = [line.strip() for line in secret.splitlines()]
    texts = {secret, secret.strip(), *(line for line in lines if len(line) >= 2 * SHORTEST)}
    return {text for text in texts if len(text) >= SHORTEST}


def _solid(text: str) -> Iterator[str]:
    data = text.encode("utf-8", "surrogatepass")
    yield from (data.hex(), data.hex().upper())
    for encoded in (data, text.encode("utf-16-le", "surrogatepass")):  # the second one is PowerShell's
        for core in _base64(encoded):
            yield from (core, core.replace("+", "-").replace("/", "_"))


def _escaped(text: str) -> Iterator[str]:
    data = text.encode("utf-8", "surrogatepass")
    shown = _UNSHOWN.sub("", text)
    yield from (text.replace("\n", "\r\n"), shown, " ".join(text.split()), " ".join(shown.split()))
    yield from (data.hex(":"), data.hex(" "))
    for quoted in (quote(text, safe=""), quote(text), quote_plus(text), "".join(f"%{byte:02X}" for byte in data)):
        yield from (quoted, _lower_escapes(quoted))
    yield from _quoted(text)
    yield from (escape(text), escape(text, quote=False))


def _quoted(text: str) -> Iterator[str]:
    by_shells = (text.replace("'", "'\"'\"'"), text.replace("'", "'\\''"))
    for told in (text, *by_shells, repr(text)[1:-1]):
        yield told
        for ascii_only in (True, False):
            quoted = json.dumps(told, ensure_ascii=ascii_only)[1:-1]
            yield from (quoted, quoted.replace("/", "\\/"), json.dumps(quoted)[1:-1])
    yield repr(text.encode("utf-8", "surrogatepass"))[2:-1]


def _lower_escapes(quoted: str) -> str:
    head, *parts = quoted.split("%")
    return "".join([head, *(f"%{part[:2].lower()}{part[2:]}" for part in parts)])


def _base64(data: bytes) -> Iterator[str]:
    """The characters that hang on these bytes alone, for each of the three ways they fall on groups of six bits."""
    for shift in range(3):
        encoded = b64encode(bytes(shift) + data).decode()
        yield encoded[-(-shift * 8 // 6) : (shift + len(data)) * 8 // 6]
