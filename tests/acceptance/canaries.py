"""Canaries: secrets made to be recognised, in the forms that systems leak them in, and a search that finds any of it.

The search shares nothing with the product's redaction. It finds a form whole, and of a long one any fragment of
23 bytes, wherever it was cut: texts are looked at every eighth byte for one of the form's pieces of 16.
"""

import base64
import json
import random
import re
import shlex
import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PIECE = 16
STEP = 8
_PLAIN = re.compile(r"[A-Za-z0-9]{8,}")
_letters = random.SystemRandom()


def word(length: int = 14) -> str:
    """Letters and digits that occur nowhere else."""
    return "".join(_letters.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=length))


def shapes() -> dict[str, str]:
    """Secret texts of the shapes that break things. Each holds a random word, so that its trace is its own."""
    return {
        "quotes": f"{word()} #1 'one' \"two\" `id` $(id) \\ {word()}",
        "unicode": f"päß{word()}-日本語-🔑🦊\a\u202e-ё{word()}",
        "lines": f"1. {word()}\n2. {word()}\n\n  3.\t{word()}",
        "long": word(4096),
        "base64": base64.b64encode(f"{word(20)}\x01\xff{word(9)}".encode("latin-1")).decode(),
        "short": word(8),
        "json": json.dumps({"a": word(), 'b"c': ["\\", "\n", "\u20ac", word()]}),
        "url": f"https://me:{word()}@h.it/p%20q?a=1&b={word()}+c#d",
    }


def forms(text: str) -> dict[str, bytes]:
    """The nine forms in which a secret leaks. Of base64, the characters that hang on the secret alone."""
    data = text.encode()
    shifted = {f"base64 at {shift}": _base64_core(data, shift) for shift in range(3)}
    return {
        "raw": data,
        **shifted,
        "base64url": _base64_core(data, 0).replace(b"+", b"-").replace(b"/", b"_"),
        "percent": urllib.parse.quote(text, safe="").encode(),
        "json": json.dumps(text)[1:-1].encode(),
        "shell": shlex.quote(text).strip("'").encode(),
        "hex": data.hex().encode(),
    }


def _base64_core(data: bytes, shift: int) -> bytes:
    encoded = base64.b64encode(bytes(shift) + data)
    return encoded[-(-shift * 8 // 6) : (shift + len(data)) * 8 // 6]


@dataclass(frozen=True, order=True)
class Trace:
    """A secret was seen."""

    place: str
    secret: str
    form: str


class Search:
    """Looks for traces of secrets.

    Args:
        secrets: Name → text.
        innocent: Texts that are like a secret in part (the frame of any other private key) and count for nothing.
    """

    def __init__(self, secrets: Mapping[str, str], innocent: Iterable[str] = ()) -> None:
        known = {piece for text in innocent for form in forms(text).values() for piece in _pieces(form)}
        self._pieces: dict[bytes, tuple[str, str]] = {}
        self._whole: dict[bytes, tuple[str, str]] = {}
        for name, text in secrets.items():
            for form, data in forms(text).items():
                self._add(name, form, data, known)
            for plain in _PLAIN.findall(text):
                if len(plain) < PIECE + STEP and not any(plain in other for other in innocent):
                    self._whole.setdefault(plain.encode(), (name, "a word of it"))

    def _add(self, name: str, form: str, data: bytes, known: set[bytes]) -> None:
        if len(data) < PIECE + STEP:
            self._whole.setdefault(data, (name, form))
        for piece in _pieces(data) - known:
            self._pieces.setdefault(piece, (name, form))

    def look(self, place: str, data: bytes) -> set[Trace]:
        """Every trace in these bytes, also of what runs over the end of a line."""
        found = self._traces(data)
        joined = b"".join(data.split())
        if joined != data:
            found |= self._traces(joined)
        return {Trace(place, name, form) for name, form in found}

    def _traces(self, data: bytes) -> set[tuple[str, str]]:
        found = {trace for whole, trace in self._whole.items() if whole in data}
        cut = (data[at : at + PIECE] for at in range(0, len(data) - PIECE + 1, STEP))
        return found | {self._pieces[piece] for piece in cut if piece in self._pieces}


def _pieces(data: bytes) -> set[bytes]:
    return {data[at : at + PIECE] for at in range(len(data) - PIECE + 1)}
