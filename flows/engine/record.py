"""What the engine asks of the record of its run; `flows.ledger.RunLedger` is the one that exists."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from flows.ledger.pair import PairKey, PairResult, PairState
from flows.ledger.record import RunRecord
from opsconductor.sdk.outcome import Outcome, RunOutcome


class Record(Protocol):
    """The record of one claimed run. Everything awaited is durable when it returns.

    Attributes:
        run: What was asked for.
        restored: (target_ord, step_ord) → latest recorded attempt.
    """

    run: RunRecord
    restored: Mapping[tuple[int, int], PairState]

    @property
    def decisions(self) -> Mapping[PairKey, str]:
        """What people decided about attempts of unknown outcome."""
        ...

    @property
    def cancelled(self) -> asyncio.Event:
        """Set once somebody asked for the run to stop."""
        ...

    @property
    def fenced(self) -> asyncio.Event:
        """Set once another process owns the run."""
        ...

    async def sent(self, key: PairKey) -> None:
        """The attempt's command may start."""
        ...

    async def done(self, key: PairKey, result: PairResult) -> None:
        """The attempt ended."""
        ...

    async def event(self, kind: str, data: Mapping[str, Any]) -> None:
        """Tell listeners a fact."""
        ...

    async def target_ended(self, target_ord: int, outcome: Outcome, reason: str = "") -> None:
        """The target as a whole ended."""
        ...

    async def host_key_seen(self, target_ord: int, host_key: str) -> None:
        """A host key was met for the first time."""
        ...

    async def end(self, outcome: RunOutcome, summary: str) -> None:
        """The run ended."""
        ...
