"""A pair: one attempt of one step on one target, and what the record says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from opsconductor.sdk.outcome import Outcome

SENT = 1
DONE = 2


class PairKey(NamedTuple):
    """Names one attempt within a run. `target_ord` is -1 for run-scoped steps; attempts count from 1."""

    target_ord: int
    step_ord: int
    attempt: int


@dataclass(frozen=True, slots=True)
class PairResult:
    """How an attempt ended. Texts are capped and redacted by whoever makes them.

    Attributes:
        outcome: How it ended.
        exit_code: Exit status of the main command, if there was one.
        summary: One sentence for people.
        outputs: Values that later steps may read; JSON.
        stdout: Kept part of standard output.
        stderr: Kept part of standard error.
        stdout_bytes: Bytes written to stdout before any cap.
        stderr_bytes: Bytes written to stderr before any cap.
        truncated: Whether the middle of an output was cut.
    """

    outcome: Outcome
    exit_code: int | None = None
    summary: str = ""
    outputs: Mapping[str, Any] | None = None
    stdout: str = ""
    stderr: str = ""
    stdout_bytes: int = 0
    stderr_bytes: int = 0
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class PairState:
    """What the record says of the latest attempt of a pair. No state at all: it was never sent.

    Attributes:
        attempt: Number of the attempt.
        state: `SENT` (its command may have started) or `DONE`.
        outcome: How it ended, when done.
        outputs: Its outputs, when done.
        epoch: Epoch of the engine that wrote the state.
        exit_code: Exit status, when done and known.
        summary: Its summary, when done.
    """

    attempt: int
    state: int
    outcome: Outcome | None = None
    outputs: Mapping[str, Any] | None = None
    epoch: int = 0
    exit_code: int | None = None
    summary: str = ""


def op_token(run_id: UUID, target_id: str, step_ord: int, attempt: int) -> str:
    """The 32 hex digits that name an attempt's marker on its target."""
    return sha256(f"{run_id}\n{target_id}\n{step_ord}\n{attempt}".encode()).hexdigest()[:32]
