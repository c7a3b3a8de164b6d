"""A record without a database behind it, for tests of the engine and of what is built on it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from flows.ledger.pair import DONE, SENT, PairKey, PairResult, PairState
from flows.ledger.record import RunRecord
from flows.plan import Plan
from opsconductor.errors import FencedError, PairRefusedError
from opsconductor.sdk.outcome import Outcome, RunOutcome
from opsconductor.sdk.transport import Target


def run_record(plan: Plan, targets: Sequence[Target], **facts: Any) -> RunRecord:
    """A run of the plan on the targets; `facts` replace what else is said of it."""
    now = datetime.now(UTC)
    record = RunRecord(
        id=uuid4(),
        job_id=UUID(int=1),
        job_version=1,
        job_name=plan.name,
        plan=plan,
        parameters={},
        secret_parameters={},
        credentials={},
        targets=tuple(targets),
        check_only=False,
        epoch=1,
        requested_by="someone",
        created_at=now,
        started_at=now,
    )
    return replace(record, **facts)


class MemoryRecord:
    """Keeps what the engine records, with the same refusals as the ledger.

    Attributes:
        run: The run.
        restored: What an earlier engine recorded.
        decisions: What people decided.
        rows: (target_ord, step_ord, attempt) → state and result.
        history: What was recorded, in order.
        events: Events.
        targets: How targets ended, and why.
        ended: How the run ended, and its summary.
        host_keys: Host keys met for the first time.
    """

    def __init__(self, run: RunRecord, restored: Mapping[tuple[int, int], PairState] | None = None) -> None:
        self.run = run
        self.restored: Mapping[tuple[int, int], PairState] = dict(restored or {})
        self.decisions: dict[PairKey, str] = {}
        self.cancelled = asyncio.Event()
        self.fenced = asyncio.Event()
        self.rows: dict[PairKey, tuple[int, PairResult | None]] = {
            PairKey(*place, pair.attempt): (pair.state, None) for place, pair in self.restored.items()
        }
        self.history: list[tuple[str, PairKey]] = []
        self.events: list[tuple[str, Mapping[str, Any]]] = []
        self.targets: dict[int, tuple[Outcome, str]] = {}
        self.ended: tuple[RunOutcome, str] | None = None
        self.host_keys: dict[int, str] = {}

    async def sent(self, key: PairKey) -> None:
        """See `RunLedger.sent`."""
        await self._owned()
        if key in self.rows:
            raise PairRefusedError(f"{key} is recorded already")
        self.rows[key] = (SENT, None)
        self.history.append(("sent", key))

    async def done(self, key: PairKey, result: PairResult) -> None:
        """See `RunLedger.done`."""
        await self._owned()
        if self.rows.get(key, (SENT, None))[0] == DONE:
            raise PairRefusedError(f"{key} is done already")
        self.rows[key] = (DONE, result)
        self.history.append(("done", key))

    async def event(self, kind: str, data: Mapping[str, Any]) -> None:
        """See `RunLedger.event`."""
        await self._owned()
        self.events.append((kind, data))

    async def target_ended(self, target_ord: int, outcome: Outcome, reason: str = "") -> None:
        """See `RunLedger.target_ended`."""
        await self._owned()
        self.targets[target_ord] = (outcome, reason)

    async def host_key_seen(self, target_ord: int, host_key: str) -> None:
        """See `RunLedger.host_key_seen`."""
        await self._owned()
        self.host_keys[target_ord] = host_key

    async def end(self, outcome: RunOutcome, summary: str) -> None:
        """See `RunLedger.end`."""
        await self._owned()
        self.ended = (outcome, summary)

    async def _owned(self) -> None:
        await asyncio.sleep(0)
        if self.fenced.is_set():
            raise FencedError(f"run {self.run.id}: another process owns it now")

    def state(self) -> dict[tuple[int, int], PairState]:
        """What a later engine would restore: the latest attempt of each pair."""
        states = dict(self.restored)
        for key, (state, result) in sorted(self.rows.items(), key=lambda row: row[0]):
            if result is not None:
                outcome, code = result.outcome, result.exit_code
                pair = PairState(key.attempt, state, outcome, result.outputs, 1, code, result.summary)
            elif (known := states.get(key[:2])) is not None and known.attempt == key.attempt:
                continue
            else:
                pair = PairState(key.attempt, state)
            states[key.target_ord, key.step_ord] = pair
        return states
