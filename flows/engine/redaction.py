"""Redaction: secret values leave no trace in what is stored, shown or logged.

A value is found raw and as the encodings below. Base64 is found wherever the value stands in the encoded
bytes: of the three ways it can fall on the groups of six bits, the characters that hang on it alone.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any, cast
from urllib.parse import quote, quote_plus

from opsconductor.sdk.credential import Secret, SSHLogin

MASK = "[redacted]"
_GAP = re.compile(r"(\n\[… [\d,]+ bytes not kept …\]\n)")
"""The line a transport puts where it cut the middle of an output."""
SHORTEST = 4
"""A text with fewer characters is no secret: hiding each `a` of an output hides the output."""


def secrets_of(credentials: Iterable[SSHLogin | Secret]) -> Iterator[str]:
    """The texts to hide of opened credentials."""
    for credential in credentials:
        if isinstance(credential, Secret):
            yield credential.reveal()
        else:
            parts = (credential.password, credential.private_key, credential.passphrase, credential.sudo_password)
            yield from (part.reveal() for part in parts if part is not None)


class Redactor:
    """Hides a fixed set of secret texts."""

    def __init__(self, secrets: Iterable[str]) -> None:
        found = {pattern for secret in secrets for pattern in _patterns(secret) if len(pattern) >= SHORTEST}
        self._patterns = sorted(found, key=lambda pattern: (-len(pattern), pattern))

    def text(self, text: str) -> str:
        """The text with every secret replaced by `[redacted]`."""
        if len(text) < SHORTEST:
            return text
        for pattern in self._patterns:
            if pattern in text:
                text = text.replace(pattern, MASK)
        return text

    def value(self, value: Any) -> Any:
        """A JSON value with every text in it redacted, keys too."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            items = cast("Mapping[Any, Any]", value).items()
            return {self.value(key): self.value(item) for key, item in items}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in cast("list[Any]", value)]
        return value

    def around_gap(self, text: str) -> str:
        """Hide what is left of a secret on both sides of a cut, where the middle of an output is gone."""
        parts = _GAP.split(text)
        for place in range(1, len(parts), 2):  # the odd parts are the lines that say what was cut
            parts[place - 1] = self._without_beginning(parts[place - 1])
            parts[place + 1] = self._without_end(parts[place + 1])
        return "".join(parts)

    def _without_beginning(self, head: str) -> str:
        left = max((_overlap(head, pattern) for pattern in self._patterns), default=0)
        return head[: len(head) - left] + MASK if left >= SHORTEST else head

    def _without_end(self, tail: str) -> str:
        left = max((_overlap(pattern, tail) for pattern in self._patterns), default=0)
        return MASK + tail[left:] if left >= SHORTEST else tail

    def stream(self) -> "RedactedStream":
        """A redactor for text that arrives in pieces."""
        return RedactedStream(self, self._patterns)


class RedactedStream:
    """Redacts text that arrives in pieces, holding back what may be the beginning of a secret."""

    def __init__(self, redactor: Redactor, patterns: list[str]) -> None:
        self._redactor = redactor
        self._patterns = patterns
        self._held = ""

    def feed(self, text: str) -> str:
        """What can be shown now."""
        whole = self._held + text
        end = self._whole_secrets(whole, len(whole) - max((_overlap(whole, p) for p in self._patterns), default=0))
        self._held = whole[end:]
        return self._redactor.text(whole[:end])

    def _whole_secrets(self, text: str, end: int) -> int:
        """The last place up to `end` at which no secret is cut in two."""
        begins = [end]
        for pattern in self._patterns:
            begin = text.find(pattern, max(0, end - len(pattern) + 1), end + len(pattern) - 1)
            if 0 <= begin < end:
                begins.append(begin)
        first = min(begins)
        return first if first == end else self._whole_secrets(text, first)

    def close(self) -> str:
        """The rest."""
        rest, self._held = self._held, ""
        return self._redactor.text(rest)


def _overlap(left: str, right: str) -> int:
    """Length of the longest end of `left` that is a beginning of `right`, but not all of it."""
    if not right:
        return 0
    begin = max(0, len(left) - len(right) + 1)
    while (begin := left.find(right[0], begin)) >= 0:
        if right.startswith(left[begin:]):
            return len(left) - begin
        begin += 1
    return 0


def _patterns(secret: str) -> Iterator[str]:
    lines = [line.strip() for line in secret.splitlines()]
    for text in {secret, secret.strip(), *(line for line in lines if len(line) >= 2 * SHORTEST)}:
        if len(text) >= SHORTEST:
            yield from _encodings(text)


def _encodings(text: str) -> Iterator[str]:
    data = text.encode("utf-8", "surrogatepass")
    yield text
    yield text.replace("\n", "\r\n")
    yield from (data.hex(), data.hex().upper(), data.hex(":"), data.hex(" "))
    for quoted in (quote(text, safe=""), quote(text), quote_plus(text), "".join(f"%{byte:02X}" for byte in data)):
        yield from (quoted, _lower_escapes(quoted))
    for ascii_only in (True, False):
        quoted = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield from (quoted, quoted.replace("/", "\\/"), json.dumps(quoted)[1:-1])
    yield from (repr(text)[1:-1], repr(data)[2:-1], text.replace("'", "'\"'\"'"), text.replace("'", "'\\''"))
    yield from (escape(text), escape(text, quote=False))
    for encoded in (data, text.encode("utf-16-le", "surrogatepass")):
        for core in _base64(encoded):
            yield from (core, core.replace("+", "-").replace("/", "_"))


def _lower_escapes(quoted: str) -> str:
    head, *parts = quoted.split("%")
    return "".join([head, *(f"%{part[:2].lower()}{part[2:]}" for part in parts)])


def _base64(data: bytes) -> Iterator[str]:
    for shift in range(3):
        encoded = b64encode(bytes(shift) + data).decode()
        yield encoded[-(-shift * 8 // 6) : (shift + len(data)) * 8 // 6]
