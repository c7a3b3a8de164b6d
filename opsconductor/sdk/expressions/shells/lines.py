"""A command line with expressions in it: each is quoted for the place where it stands."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from opsconductor.errors import ExpressionError
from opsconductor.sdk.expressions.pieces import Piece

from .cmd import CmdLine
from .posix import PosixLine
from .powershell import PowerShellLine
from .values import Write

Shell = Literal["posix", "powershell", "cmd"]
Quote = Write


class Line(Protocol):
    """Reads a command line as its shell does, to know what quoting an expression's place asks for."""

    def read(self, text: str) -> None:
        """Read on through literal text."""
        ...

    def place(self, following: str) -> Quote | str:
        """How to quote a value that stands here, or why none can; `following` is the next character or empty."""
        ...

    def finish(self) -> str:
        """After all of it: why no value may stand anywhere in this line, or nothing."""
        ...


_LINES: dict[str, Callable[[], Line]] = {"posix": PosixLine, "powershell": PowerShellLine, "cmd": CmdLine}


def quotes(pieces: Sequence[str | Piece], shell: Shell) -> list[Quote]:
    """How to quote each piece of a command line; literal texts and `raw(…)` stay as they are.

    A quote raises ValueError for a value that has no safe form.

    Raises:
        ExpressionError: An expression stands where no value can be quoted.
    """
    line = _LINES[shell]()
    found: list[Quote] = []
    sources: list[str] = []
    for at, piece in enumerate(pieces):
        if isinstance(piece, str):
            if "\0" in piece:
                raise ExpressionError("a command line cannot hold a NUL character", source=piece)
            line.read(piece)
            found.append(str)
            continue
        place = line.place(_first(pieces[at + 1 : at + 2]))
        if isinstance(place, str) and not piece.raw:
            raise ExpressionError(f"a value cannot be quoted here: {place}", source=piece.source)
        found.append(str if isinstance(place, str) else place)
        sources += [] if piece.raw else [piece.source]
    if sources and (problem := line.finish()):
        raise ExpressionError(f"a value cannot be quoted here: {problem}", source=sources[0])
    return found


def _first(pieces: Sequence[str | Piece]) -> str:
    if not pieces:
        return ""
    return pieces[0][0] if isinstance(pieces[0], str) else "$"
