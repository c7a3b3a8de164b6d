"""Output as a file: one step on one target, one target, or all of a run; as it was printed, without times."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Literal

import orjson

from opsconductor.sdk.outcome import Outcome
from portal.kit.database import Sessions

from .repository import Named, Part, Printed, batches

Format = Literal["text", "jsonl"]
_MEDIA_TYPES = {"text": "text/plain; charset=utf-8", "jsonl": "application/jsonl"}
_ENDINGS = {"text": "txt", "jsonl": "jsonl"}


@dataclass(frozen=True, slots=True)
class Labels:
    """What targets and steps are called.

    Attributes:
        targets: By number.
        steps: Number of a step → its id.
    """

    targets: Mapping[int, Named]
    steps: Mapping[int, str]

    def target(self, ord_: int) -> str:
        """Name of a target; empty for what ran once."""
        return self.targets[ord_].name if ord_ in self.targets else ""

    def step(self, ord_: int) -> str:
        """Id of a step."""
        return self.steps.get(ord_, str(ord_))


@dataclass(frozen=True, slots=True)
class Download:
    """A file to send.

    Attributes:
        name: Name of the file, without its ending.
        times: Whether it says when attempts began and ended.
    """

    part: Part
    labels: Labels
    name: str
    format: Format
    times: bool

    @property
    def media_type(self) -> str:
        """What kind of file it is."""
        return _MEDIA_TYPES[self.format]

    @property
    def file_name(self) -> str:
        """Its name; plain ASCII, whatever the job is called."""
        plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in self.name)
        return f"{plain}.{_ENDINGS[self.format]}"

    async def chunks(self, sessions: Sessions) -> AsyncGenerator[bytes]:
        """The file, as it is read."""
        alone = self.part.step_ord is not None and self.part.first == self.part.last
        async for batch in batches(sessions, self.part):
            if self.format == "jsonl":
                yield b"".join(self._json(printed) for printed in batch)
            elif alone:
                yield "".join(printed.stdout + printed.stderr for printed in batch).encode()
            else:
                yield "".join(self._section(printed) for printed in batch).encode()

    def _section(self, printed: Printed) -> str:
        target = self.labels.target(printed.key.target_ord) or "the run"
        facts = [target, self.labels.step(printed.key.step_ord)]
        if printed.key.attempt > 1:
            facts.append(f"attempt {printed.key.attempt}")
        facts.append("running" if printed.outcome is None else Outcome(printed.outcome).label)
        if self.times and printed.sent_at is not None:
            ended = printed.done_at.isoformat() if printed.done_at else "…"
            facts.append(f"{printed.sent_at.isoformat()} – {ended}")
        parts = [f"=== {' · '.join(facts)} ===\n", _closed(printed.stdout)]
        if stderr := printed.stderr:
            parts += ["--- stderr ---\n", _closed(stderr)]
        return "".join(parts)

    def _json(self, printed: Printed) -> bytes:
        row = {
            "target": self.labels.target(printed.key.target_ord),
            "step": self.labels.step(printed.key.step_ord),
            "attempt": printed.key.attempt,
            "outcome": None if printed.outcome is None else Outcome(printed.outcome).label,
            "exit_code": printed.exit_code,
            "stdout": printed.stdout,
            "stderr": printed.stderr,
            "truncated": printed.truncated,
        }
        if self.times:
            row |= {"sent_at": printed.sent_at, "done_at": printed.done_at}
        return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def _closed(text: str) -> str:
    return text if text.endswith("\n") or not text else f"{text}\n"
