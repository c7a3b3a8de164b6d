"""Reading protocol buffers' wire format, as far as a compiled expression needs it.

https://protobuf.dev/programming-guides/encoding/ — the CEL library brings its own protobuf, in C++, so this is
a reader of forty lines instead of a dependency.
"""

from collections.abc import Iterator
from typing import final

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@final
class Message:
    """The fields of one message, by number."""

    __slots__ = ("_fields",)

    def __init__(self, fields: list[tuple[int, int | bytes]]) -> None:
        self._fields = fields

    def __contains__(self, number: int) -> bool:
        return any(found == number for found, _ in self._fields)

    def items(self) -> Iterator[tuple[int, bytes]]:
        """Number and content of every field that holds bytes."""
        return ((number, value) for number, value in self._fields if isinstance(value, bytes))

    def repeated(self, number: int) -> list[bytes]:
        """Every content of a repeated field."""
        return [value for found, value in self.items() if found == number]

    def octets(self, number: int) -> bytes:
        """Content of a field; empty when absent."""
        return next((value for found, value in self.items() if found == number), b"")

    def text(self, number: int) -> str:
        """Content of a text field; empty when absent."""
        return self.octets(number).decode()

    def signed(self, number: int) -> int:
        """Value of an int64 or bool field; zero when absent."""
        value = next((value for found, value in self._fields if found == number and isinstance(value, int)), 0)
        return value - (1 << 64) if value >> 63 else value


def message(data: bytes) -> Message:
    """Split a message into its fields."""
    fields: list[tuple[int, int | bytes]] = []
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        value, at = _value(data, at, key & 7)
        fields.append((key >> 3, value))
    return Message(fields)


def _value(data: bytes, at: int, kind: int) -> tuple[int | bytes, int]:
    if kind == _VARINT:
        return _varint(data, at)
    size = {_FIXED64: 8, _FIXED32: 4}.get(kind)
    if size is None:
        size, at = _varint(data, at)
    return data[at : at + size], at + size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while data[at] & 0x80:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
    return value | data[at] << shift, at + 1
