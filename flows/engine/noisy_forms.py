"""Forms of secrets with something in between: digits broken over lines, texts escaped again and again."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

SHORTEST = 8
"""Fewer characters that only together look like a secret are none."""
SHORTEST_LINE = 20
"""Programs break digits into columns or long lines: nothing that begins inside a short word goes on after it."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Characters that count for nothing.

    Attributes:
        expression: Finds one.
        strip: Takes them out of a text.
        ends_words: Whether they end words.
    """

    expression: re.Pattern[str]
    strip: Callable[[str], str]
    ends_words: bool


def _without_blanks(text: str) -> str:
    if "\\" in text:
        text = _LINE_ENDS.sub("", text)
    return "".join(text.split())


_LINE_ENDS = re.compile(r"\\+[nrt]")
BLANKS = Noise(re.compile(r"\s|\\+[nrt]"), _without_blanks, ends_words=True)
"""Blanks and line ends, also as they are written in quotes."""
BACKSLASHES = Noise(re.compile(r"\\"), lambda text: text.replace("\\", ""), ends_words=False)


class NoisyForms:
    """Finds patterns in texts with noise in them, and only there.

    Args:
        patterns: What to find.
        noise: What may stand between their characters.
    """

    def __init__(self, patterns: Iterable[str], noise: Noise) -> None:
        stripped = (noise.strip(pattern) for pattern in patterns)
        self._patterns = longest_first(pattern for pattern in stripped if len(pattern) >= SHORTEST)
        self._noise = noise
        self._compiled: dict[str, re.Pattern[str]] = {}

    def hidden(self, text: str, mask: str) -> str:
        """The text with each of them replaced."""
        for expression in self._in(text):
            text = expression.sub(mask, text)
        return text

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where they begin and end."""
        return [found.span() for expression in self._in(text) for found in expression.finditer(text)]

    def begun(self, text: str) -> int:
        """Length of the end of the text that may be the beginning of one."""
        bare = self._noise.strip(text)
        if len(bare) == len(text):
            return 0
        left = max((overlap(bare, pattern) for pattern in self._patterns), default=0)
        if left == 0 or (self._noise.ends_words and left < len(text.split()[-1]) < SHORTEST_LINE):
            return 0
        at = len(text)
        for begin, over in reversed([found.span() for found in self._noise.expression.finditer(text)]):
            if at - over >= left:
                break
            left -= at - over
            at = begin
        return len(text) - at + left

    def _in(self, text: str) -> Iterator[re.Pattern[str]]:
        bare = self._noise.strip(text)
        if len(bare) == len(text):
            return
        for pattern in fitting(self._patterns, bare):
            if pattern in bare:
                if pattern not in self._compiled:
                    between = f"(?:{self._noise.expression.pattern})*"
                    self._compiled[pattern] = re.compile(between.join(map(re.escape, pattern)))
                yield self._compiled[pattern]


def overlap(left: str, right: str) -> int:
    """Length of the longest end of `left` that is a beginning of `right`, but not all of it."""
    if not right:
        return 0
    begin = max(0, len(left) - len(right) + 1)
    while (begin := left.find(right[0], begin)) >= 0:
        if right.startswith(left[begin:]):
            return len(left) - begin
        begin += 1
    return 0


def longest_first(patterns: Iterable[str]) -> list[str]:
    """Each pattern once; longer ones come before their parts."""
    return sorted(set(patterns), key=lambda pattern: (-len(pattern), pattern))


def fitting(patterns: list[str], text: str) -> list[str]:
    """Those, of patterns with the longest first, that are not longer than the text: few of them, mostly."""
    return patterns[bisect_left(patterns, -len(text), key=_shortness) :]


def _shortness(pattern: str) -> int:
    return -len(pattern)
