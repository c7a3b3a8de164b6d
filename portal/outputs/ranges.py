"""Lines of an output, and ranges of it."""

import re
from dataclasses import dataclass
from typing import Literal

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
Unit = Literal["lines", "bytes"]


def lines_of(text: str) -> list[str]:
    """The lines of a text, each with its line feed."""
    return _LINE.findall(text)


def count_lines(text: str) -> int:
    """How many lines a text has; the last one may lack its line feed."""
    return text.count("\n") + (not text.endswith("\n") and text != "")


@dataclass(frozen=True, slots=True)
class Range:
    """Which part of an output.

    Attributes:
        unit: What is counted; bytes are those of UTF-8.
        start: Where it begins; negative: so many before the end.
        count: How many; None: up to the end.
    """

    unit: Unit = "lines"
    start: int = 0
    count: int | None = None

    def cut(self, text: str) -> str:
        """The part of the text; a character that is cut through is left out."""
        if self.unit == "lines":
            lines = lines_of(text)
            return "".join(lines[self._slice(len(lines))])
        whole = text.encode()
        return whole[self._slice(len(whole))].decode("utf-8", "ignore")

    def _slice(self, length: int) -> slice:
        start = max(0, length + self.start) if self.start < 0 else self.start
        return slice(start, None if self.count is None else start + self.count)
