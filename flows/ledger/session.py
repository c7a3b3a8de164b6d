"""A run, claimed by one engine."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

import psycopg
from psycopg import AsyncConnection

from opsconductor.errors import RunNotClaimableError
from opsconductor.sdk.outcome import Outcome, RunOutcome

from .changes import Fact, TargetChange, Transition
from .lease import LEASE_SECONDS, Lease
from .pair import PairKey, PairResult, PairState
from .record import RunRecord, read_decisions, read_pairs, read_run
from .statements import Claimed
from .writer import CrashPoint, LedgerWriter, survive

CLAIM_PATIENCE_SECONDS: Final = 60.0

# The second half is a claim of ours whose answer was lost.
_CLAIM: Final = """
UPDATE job_runs SET owner = %(owner)s, status = 'running', started_at = coalesce(started_at, now()),
  lease_until = now() + make_interval(secs => %(lease)s),
  prefect_flow_run_id = coalesce(%(flow_run)s, prefect_flow_run_id)
WHERE id = %(run)s AND epoch = %(epoch)s AND status <> 'ended' AND (owner IS NULL OR owner = %(owner)s)
RETURNING event_seq, cancel_requested_at IS NOT NULL
"""


class _Restored(NamedTuple):
    run: RunRecord
    pairs: dict[tuple[int, int], PairState]
    decisions: dict[PairKey, str]
    seq: int
    cancelled: bool


class RunLedger:
    """What an engine reads and writes of its run.

    Attributes:
        run: What was asked for.
        restored: (target_ord, step_ord) → latest attempt an earlier engine recorded. A pair in state sent
            is settled by `states.resume` before anything else happens on it.
    """

    def __init__(self, dsn: str, restored: _Restored, owner: str, crash_point: CrashPoint) -> None:
        claimed = Claimed(restored.run.id, restored.run.epoch)
        self.run = restored.run
        self.restored: Mapping[tuple[int, int], PairState] = restored.pairs
        self._writer = LedgerWriter(dsn, claimed, seq=restored.seq, crash_point=crash_point)
        self._lease = Lease(dsn, claimed, owner, lost=self._writer.fence)
        self._lease.decisions.update(restored.decisions)
        if restored.cancelled:
            self._lease.cancelled.set()
        self._crash_point = crash_point

    @classmethod
    async def claim(
        cls,
        dsn: str,
        run_id: UUID,
        epoch: int,
        *,
        owner: str,
        flow_run_id: UUID | None = None,
        crash_point: CrashPoint = survive,
    ) -> "RunLedger":
        """Become the one engine of this epoch, and restore what is recorded.

        While the database is away it is asked again for a minute.

        Args:
            dsn: Where the record is; psycopg conninfo or URL.
            run_id: The run.
            epoch: The epoch this engine was started for; a take-over has made it void.
            owner: Names this process to people.
            flow_run_id: Prefect's flow run.
            crash_point: For tests.

        Raises:
            RunNotClaimableError: It is owned, ended, or in another epoch.
            FencedError: It was taken over the moment it was claimed.
        """
        name = f"{owner}#{uuid4().hex[:8]}"
        give_up = time.monotonic() + CLAIM_PATIENCE_SECONDS
        while True:
            try:
                restored = await _claim(dsn, Claimed(run_id, epoch), name, flow_run_id)
            except psycopg.OperationalError:
                if time.monotonic() > give_up:
                    raise
                await asyncio.sleep(0.5)
            else:
                break
        crash_point("after_claim_commit")
        ledger = cls(dsn, restored, name, crash_point)
        try:
            await ledger.event("run.claimed", {"epoch": epoch, "owner": owner})
        except BaseException:
            await ledger.close()
            raise
        return ledger

    @property
    def decisions(self) -> Mapping[PairKey, str]:
        """What people decided about attempts of unknown outcome: `ran`, `not_ran` or `skip`."""
        return self._lease.decisions

    @property
    def decided(self) -> asyncio.Event:
        """Set when a decision arrives; whoever waits for decisions clears it."""
        return self._lease.decided

    @property
    def cancelled(self) -> asyncio.Event:
        """Set once somebody asked for the run to stop."""
        return self._lease.cancelled

    @property
    def fenced(self) -> asyncio.Event:
        """Set once another process owns the run; nothing can be written any more."""
        return self._writer.fenced

    async def sent(self, key: PairKey) -> None:
        """Record that the attempt's command may start; return when that is durable.

        When it is cancelled the row may exist all the same: call `done` with what the attempt came to.

        Raises:
            FencedError: Another process owns the run: do not start the command.
            PairRefusedError: This attempt is already recorded: do not start the command.
        """
        self._crash_point("before_sent_commit")
        await self._writer.write(Transition.sent(key))
        self._crash_point("after_sent_commit")

    async def done(self, key: PairKey, result: PairResult) -> None:
        """Record how the attempt ended, whether it had been sent or not; return when that is durable.

        Raises:
            FencedError: Another process owns the run; it finds out itself what became of the attempt.
            PairRefusedError: A result is already recorded for this attempt.
        """
        self._crash_point("before_result_commit")
        await self._writer.write(Transition.done(key, result))
        self._crash_point("after_result_commit")

    async def event(self, kind: str, data: Mapping[str, Any]) -> None:
        """Tell listeners a fact of the run, in order with everything else that happens to it."""
        await self._writer.write(Fact(None, kind, data))

    async def target_ended(self, target_ord: int, outcome: Outcome, reason: str = "") -> None:
        """Record how a target as a whole ended."""
        await self._writer.write(TargetChange(target_ord, outcome, reason))

    async def host_key_seen(self, target_ord: int, host_key: str) -> None:
        """Record a host key met for the first time; the portal pins it on the target."""
        await self._writer.write(TargetChange(target_ord, host_key=host_key))

    async def end(self, outcome: RunOutcome, summary: str) -> None:
        """End the run: its last event, after which nothing is written.

        Raises:
            FencedError: Another process owns the run.
        """
        await self._lease.stop_renewing()
        self._crash_point("before_end_commit")
        data = {"outcome": outcome, "summary": summary}
        await self._writer.write(Fact(None, "run.ended", data, outcome, summary))
        self._crash_point("after_end_commit")

    async def close(self) -> None:
        """Write what waits, and give up the claim: a run that has not ended is taken over at once."""
        await self._writer.close()
        await self._lease.release()


async def _claim(dsn: str, claimed: Claimed, owner: str, flow_run_id: UUID | None) -> _Restored:
    async with await AsyncConnection.connect(dsn) as connection:
        values = {"owner": owner, "lease": LEASE_SECONDS, "flow_run": flow_run_id, **claimed._asdict()}
        cursor = await connection.execute(_CLAIM, {**values, "run": claimed.run_id})
        row = await cursor.fetchone()
        if row is None:
            raise RunNotClaimableError(await _why_not(connection, claimed))
        return _Restored(
            await read_run(connection, claimed.run_id),
            await read_pairs(connection, claimed.run_id),
            await read_decisions(connection, claimed.run_id),
            row[0],
            row[1],
        )


async def _why_not(connection: AsyncConnection[Any], claimed: Claimed) -> str:
    query = "SELECT status, outcome, epoch, owner FROM job_runs WHERE id = %s"
    row = await (await connection.execute(query, (claimed.run_id,))).fetchone()
    if row is None:
        return f"there is no run {claimed.run_id}"
    status, outcome, epoch, owner = row
    if status == "ended":
        return f"run {claimed.run_id} has ended: {outcome}"
    if epoch != claimed.epoch:
        return f"run {claimed.run_id} is in epoch {epoch}, not {claimed.epoch}: it was taken over"
    return f"run {claimed.run_id} is owned by {owner}"
