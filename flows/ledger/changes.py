"""What a ledger can be asked to write.

A change knows its kind's batch limits only; `statements` writes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from opsconductor.sdk.outcome import Outcome, RunOutcome

from .pair import DONE, SENT, PairKey, PairResult
from .values import compressed, json_text, plain_text


class Printed(NamedTuple):
    """What an attempt printed, compressed."""

    stdout_bytes: int
    stderr_bytes: int
    truncated: bool
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True, slots=True)
class Transition:
    """A pair becomes sent, or done."""

    key: PairKey
    state: int
    outcome: int | None = None
    exit_code: int | None = None
    summary: str = ""
    outputs: str | None = None
    printed: Printed | None = None

    @classmethod
    def sent(cls, key: PairKey) -> "Transition":
        """The attempt's command may start once this is committed."""
        return cls(key, SENT)

    @classmethod
    def done(cls, key: PairKey, result: PairResult) -> "Transition":
        """The attempt ended."""
        return cls(
            key,
            DONE,
            int(result.outcome),
            result.exit_code,
            plain_text(result.summary),
            None if result.outputs is None else json_text(result.outputs),
            _printed(result),
        )


def _printed(result: PairResult) -> Printed | None:
    if not (result.stdout or result.stderr or result.stdout_bytes or result.stderr_bytes):
        return None
    return Printed(
        result.stdout_bytes,
        result.stderr_bytes,
        result.truncated,
        compressed(result.stdout),
        compressed(result.stderr),
    )


@dataclass(frozen=True, slots=True)
class TargetChange:
    """A target ended, or its host key was met for the first time."""

    key: int
    outcome: Outcome | None = None
    reason: str = ""
    host_key: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One event. With `ended` and `summary` it is the run's last."""

    key: None
    kind: str
    data: Mapping[str, Any]
    ended: RunOutcome | None = None
    summary: str = ""


Change = Transition | TargetChange | Fact
