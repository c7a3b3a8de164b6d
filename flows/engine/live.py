"""Output while it comes: redacted, a little of it, a few times a second."""

import asyncio
from itertools import islice
from typing import Literal

from flows.ledger.pair import PairKey

from .record import Record
from .redaction import RedactedStream, Redactor

SECONDS = 0.5
CHARACTERS = 4000
"""Kept of one stream between two events; more is left to the recorded output."""

PIECES = 50
"""Told at once; when more commands talk, not everything is shown while it comes."""

Stream = Literal["stdout", "stderr"]


class LiveOutput:
    """Hears one attempt's output."""

    __slots__ = ("_key", "_outputs", "_streams")

    def __init__(self, outputs: "LiveOutputs", key: PairKey) -> None:
        self._outputs = outputs
        self._key = key
        self._streams: dict[Stream, RedactedStream] = {}

    def __call__(self, stream: Stream, text: str) -> None:
        """Take a piece of output."""
        if stream not in self._streams:
            self._streams[stream] = self._outputs.redactor.stream()
        if shown := self._streams[stream].feed(text):
            self._outputs.add(self._key, stream, shown)


class LiveOutputs:
    """Gathers the output of all attempts and tells listeners about it."""

    def __init__(self, record: Record, redactor: Redactor) -> None:
        self._record = record
        self.redactor = redactor
        self._waiting: dict[tuple[PairKey, Stream], str] = {}
        self._pending = asyncio.Event()

    def of(self, key: PairKey) -> LiveOutput:
        """Where the output of an attempt goes."""
        return LiveOutput(self, key)

    def forget(self, key: PairKey) -> None:
        """The attempt ended: its output is recorded, nobody needs to be told."""
        self._waiting.pop((key, "stdout"), None)
        self._waiting.pop((key, "stderr"), None)

    def add(self, key: PairKey, stream: Stream, text: str) -> None:
        """Keep what is new, as far as there is room."""
        self._waiting[key, stream] = (self._waiting.get((key, stream), "") + text)[-CHARACTERS:]
        self._pending.set()

    async def tell(self) -> None:
        """Tell listeners what came, until cancelled."""
        while True:
            await self._pending.wait()
            await asyncio.sleep(SECONDS)
            self._pending.clear()
            waiting, self._waiting = self._waiting, {}
            pieces = [[*key, stream, text] for (key, stream), text in islice(waiting.items(), PIECES)]
            if not pieces:
                continue
            await self._record.event("output", {"pieces": pieces})
