"""One output stream of a command: decoded, cleaned, shown as it arrives, and kept within a limit."""

import codecs
from collections.abc import Callable

from opsconductor.errors import InvalidInputError, Problem

from .terminal import TerminalText

Show = Callable[[str], None]


class OutputStream:
    """Takes bytes as they come, in constant memory however many they are.

    Attributes:
        size: Bytes that came.
        truncated: Whether the middle of the text was cut.
    """

    __slots__ = ("_decoder", "_half", "_head", "_show", "_tail", "_text_size", "_view", "size")

    def __init__(self, encoding: str, limit_bytes: int, show: Show | None = None) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._view = TerminalText()
        self._half = limit_bytes // 2
        self._show = show
        self._head = bytearray()
        self._tail = bytearray()
        self._text_size = 0
        self.size = 0

    def feed(self, data: bytes) -> None:
        """Take a piece."""
        self.size += len(data)
        self._keep(self._view.feed(self._decoder.decode(data)))

    def finish(self) -> None:
        """Take the end."""
        self._keep(self._view.feed(self._decoder.decode(b"", final=True)))
        self._keep(self._view.finish())

    @property
    def truncated(self) -> bool:
        """Whether more came than the limit keeps."""
        return self._text_size > 2 * self._half

    def text(self) -> str:
        """The text; where something was cut, a line says how much."""
        if not self.truncated:
            return (self._head + self._tail).decode()
        tail = self._tail[-self._half :] if self._half else b""
        cut = self._text_size - len(self._head) - len(tail)
        return f"{_whole(self._head)}\n[… {cut:,} bytes not kept …]\n{_whole(tail)}"

    def _keep(self, text: str) -> None:
        if not text:
            return
        if self._show:
            self._show(text)
        data = text.encode("utf-8", "replace")
        self._text_size += len(data)
        room = self._half - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail += data
        if len(self._tail) > 3 * self._half + 65536:
            del self._tail[: len(self._tail) - self._half]


def _whole(data: bytes | bytearray) -> str:
    """The text without the parts of characters at its cut ends."""
    return data.decode("utf-8", "ignore")


def check_encoding(encoding: str) -> None:
    """Refuse what is no codec of text.

    Raises:
        InvalidInputError: Unknown, or not for text.
    """
    try:
        "".encode(encoding)  # refuses codecs between bytes and bytes, or text and text
        codecs.getincrementaldecoder(encoding)
    except (LookupError, TypeError, ValueError) as error:
        problem = Problem("encoding", f"{encoding!r} is no text encoding", "such as utf-8, cp850, latin-1")
        raise InvalidInputError([problem]) from error
