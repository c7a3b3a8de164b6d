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

HEARD_CHARACTERS = 16_000
"""Held of one stream before it is redacted; what is told later is."""

PIECES = 50
"""Told at once; when more commands talk, the others are told next time."""

Stream = Literal["stdout", "stderr"]


class Tail:
    """What one stream said since it was last told.

    It is redacted when somebody is about to be told: most commands end before, and then it is for nothing.
    """

    __slots__ = ("_heard", "_redactor", "_shown", "_size", "_stream")

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._stream: RedactedStream | None = None
        self._heard: list[str] = []
        self._size = 0
        self._shown = ""

    def hear(self, text: str) -> None:
        """Take a piece of output."""
        self._heard.append(text)
        self._size += len(text)
        if self._size > HEARD_CHARACTERS:
            self._redact()

    def take(self) -> str:
        """What can be told, once."""
        self._redact()
        shown, self._shown = self._shown, ""
        return shown

    def _redact(self) -> None:
        self._stream = self._stream or self._redactor.stream()
        self._shown = (self._shown + self._stream.feed("".join(self._heard)))[-CHARACTERS:]
        self._heard.clear()
        self._size = 0


class LiveOutput:
    """Hears one attempt's output."""

    __slots__ = ("_key", "_outputs", "_tails")

    def __init__(self, outputs: "LiveOutputs", key: PairKey) -> None:
        self._outputs = outputs
        self._key = key
        self._tails: dict[Stream, Tail] = {}

    def __call__(self, stream: Stream, text: str) -> None:
        """Take a piece of output."""
        if stream not in self._tails:
            self._tails[stream] = Tail(self._outputs.redactor)
        self._tails[stream].hear(text)
        self._outputs.add(self._key, stream, self._tails[stream])


class LiveOutputs:
    """Gathers the output of all attempts and tells listeners about it."""

    def __init__(self, record: Record, redactor: Redactor) -> None:
        self._record = record
        self.redactor = redactor
        self._waiting: dict[tuple[PairKey, Stream], Tail] = {}
        self._pending = asyncio.Event()

    def of(self, key: PairKey) -> LiveOutput:
        """Where the output of an attempt goes."""
        return LiveOutput(self, key)

    def forget(self, key: PairKey) -> None:
        """The attempt ended: its output is recorded, nobody needs to be told."""
        self._waiting.pop((key, "stdout"), None)
        self._waiting.pop((key, "stderr"), None)

    def add(self, key: PairKey, stream: Stream, tail: Tail) -> None:
        """This stream has something to tell."""
        self._waiting[key, stream] = tail
        self._pending.set()

    async def tell(self) -> None:
        """Tell listeners what came, until cancelled."""
        while True:
            await self._pending.wait()
            await asyncio.sleep(SECONDS)
            if pieces := self._pieces():
                await self._record.event("output", {"pieces": pieces})

    def _pieces(self) -> list[list[object]]:
        talking = list(islice(self._waiting.items(), PIECES))
        for place, _ in talking:
            del self._waiting[place]
        if not self._waiting:
            self._pending.clear()
        return [[*key, stream, text] for (key, stream), tail in talking if (text := tail.take())]
