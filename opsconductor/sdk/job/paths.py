"""Places in a document, as people read them: `steps[2].with.unit`."""

import difflib
import re
from collections.abc import Iterable, Iterator

Place = tuple[str | int, ...]

MAX_NAMED = 200
"""Problems named at once; nobody reads more, and a hostile document could hold many thousands."""

_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]*")


def path_of(place: Place) -> str:
    """The path of a place; empty for the whole document."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{printable(part)!r}]"
    return text


def printable(text: str, limit: int = 60) -> str:
    """A text from a stranger, safe to show: one line, no control characters, not long."""
    shown = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the closest known word, or else the words there are."""
    names = sorted(known)
    folded = {name.lower(): name for name in names}
    close = difflib.get_close_matches(word.lower()[:100], folded, n=1, cutoff=0.6)
    near = [folded[name] for name in close] or [name for name in names if len(word) > 2 and name.startswith(word)]
    if near:
        return f"did you mean `{near[0]}`?"
    if not names:
        return ""
    shown = ", ".join(names[:12])
    return f"there is {shown}" + (", …" if len(names) > 12 else "")


class SourceLines:
    """Lines of a document's places in the text it was read from.

    Where a document was written is no part of what it says, so all of them are equal.
    """

    __slots__ = ("_lines",)

    def __init__(self, lines: dict[Place, int] | None = None) -> None:
        self._lines = lines or {}

    def find(self, place: Place) -> int | None:
        """The line of a place, or of the nearest place around it that has one."""
        return next((self._lines[around] for around in _outward(place) if around in self._lines), None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SourceLines)

    def __hash__(self) -> int:
        return 0


def _outward(place: Place) -> Iterator[Place]:
    for length in range(len(place), -1, -1):
        yield place[:length]
