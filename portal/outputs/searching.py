"""A text in everything that a run printed."""

import asyncio
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from flows.ledger.pair import PairKey
from opsconductor.errors import InvalidInputError, Problem

from .ranges import lines_of
from .repository import BATCH, BEFORE_ALL, Opened, Part, Printed, batches
from .schemas import Stream

SEARCHED_BYTES = 64 * 1024 * 1024

_CURSOR = re.compile(r"^(-?\d{1,10})\.(\d{1,5})\.(\d{1,5})\.(\d{1,9})$")
_SHOWN = 400
_BEFORE = 80


class Found(NamedTuple):
    """A line that holds the text."""

    key: PairKey
    stream: Stream
    line: int
    text: str


class Place(NamedTuple):
    """Where a search goes on: with the hits of one output that come after the first few."""

    key: PairKey
    hits: int

    @classmethod
    def read(cls, cursor: str | None) -> "Place | None":
        """The place that a cursor names.

        Raises:
            InvalidInputError: It names none.
        """
        if cursor is None:
            return None
        match = _CURSOR.match(cursor)
        if match is None:
            raise InvalidInputError([Problem("cursor", "is not a cursor of this search", "start again without it")])
        target, step, attempt, hits = map(int, match.groups())
        return cls(PairKey(target, step, attempt), hits)

    def __str__(self) -> str:
        return ".".join(map(str, (*self.key, self.hits)))


@dataclass(slots=True)
class Search:
    """One page of a search.

    Args:
        q: What to look for, in any case of letters.
        limit: Hits a page.
        begin: Where to begin.
        budget_bytes: After so much text the answer is given, and its cursor goes on behind that.
    """

    q: str
    limit: int
    begin: Place | None = None
    budget_bytes: int = SEARCHED_BYTES
    hits: list[Found] = field(default_factory=list[Found])
    count: int = 0
    outputs: int = 0
    complete: bool = True
    next: Place | None = None
    _read: int = 0

    async def over(self, opened: Opened, part: Part) -> "Search":
        """Search a part of a run's output, as far as one answer goes."""
        async for batch in batches(opened, part, self._before()):
            # Opening and comparing megabytes would hold up everybody else of this process.
            await asyncio.to_thread(self._take, batch)
            if self._read > self.budget_bytes and len(batch) == BATCH:
                self.complete = False
                if self.next is None:
                    self.next = Place(PairKey(*batch[-1].key[:2], batch[-1].key.attempt + 1), 0)
                break
        return self

    def _before(self) -> PairKey:
        """The last output that is not looked at any more."""
        if self.begin is None:
            return BEFORE_ALL
        return self.begin.key._replace(attempt=self.begin.key.attempt - 1)

    def _take(self, batch: list[Printed]) -> None:
        wanted = self.q.casefold()
        for printed in batch:
            self.outputs += 1
            known = self.begin.hits if self.begin is not None and printed.key == self.begin.key else 0
            for number, found in enumerate(self._lines(printed, wanted)):
                if number < known:
                    continue
                self.count += 1
                if len(self.hits) < self.limit:
                    self.hits.append(found)
                elif self.next is None:
                    self.next = Place(printed.key, number)

    def _lines(self, printed: Printed, wanted: str) -> Iterator[Found]:
        streams: tuple[tuple[Stream, str], ...] = (("stdout", printed.stdout), ("stderr", printed.stderr))
        for stream, text in streams:
            self._read += len(text)
            if wanted not in text.casefold():
                continue
            for number, line in enumerate(lines_of(text), 1):
                at = line.casefold().find(wanted)
                if at >= 0:
                    yield Found(printed.key, stream, number, _around(line.rstrip("\r\n"), at))


def _around(line: str, at: int) -> str:
    if len(line) <= _SHOWN:
        return line
    # The place counts letters of the folded line, which may be longer: `ß` becomes `ss`.
    at = bisect_right(range(len(line)), at, key=lambda end: len(line[:end].casefold())) - 1
    start = max(0, at - _BEFORE)
    cut = line[start : start + _SHOWN]
    return ("…" if start else "") + cut + ("…" if start + _SHOWN < len(line) else "")
