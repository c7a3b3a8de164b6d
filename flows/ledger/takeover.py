"""What happens to a run whose engine is gone, or never came: each a transaction of its own.

Raising the epoch fences whoever still holds the old one. The epoch is that of the row that was judged, so
that two judges, or a claim in between, cannot both have their way.
"""

from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from opsconductor.sdk.outcome import Outcome, RunOutcome

from .values import json_text

UNCLAIMED_SECONDS: Final = 10
STOCK_CLAIM_SECONDS: Final = 600
"""How long a stock Prefect worker may take to begin a run: it polls, and may not have been started yet."""

LOST_ENGINES: Final = 10
"""After so many engines were lost without a step finished in between, the run is given up."""

Reason = Literal["lease expired", "unclaimed"]


class Stray(NamedTuple):
    """A run that nobody works on."""

    run_id: UUID
    epoch: int
    owner: str | None
    cancelled: bool
    begun: bool
    """Whether any pair is recorded."""

    @property
    def reason(self) -> Reason:
        """Why nobody works on it."""
        return "unclaimed" if self.owner is None else "lease expired"


# After the server itself was away every lease has run out: engines get the time to renew.
_STRAYS: Final = """
SELECT id, epoch, owner, cancel_requested_at IS NOT NULL,
  EXISTS (SELECT FROM job_run_steps WHERE run_id = job_runs.id)
FROM job_runs
WHERE status <> 'ended' AND coalesce(lease_until, created_at + make_interval(secs => %s)) < now()
  AND (owner IS NULL OR pg_postmaster_start_time() < now() - make_interval(secs => %s))
ORDER BY id
"""


async def find_strays(connection: AsyncConnection[Any], *, grace_seconds: float) -> list[Stray]:
    """Runs whose lease ran out, and runs unclaimed for too long.

    Args:
        connection: In autocommit mode.
        grace_seconds: How long after a start of the database server no lease is held to have run out.
    """
    rows = await (await connection.execute(_STRAYS, (UNCLAIMED_SECONDS, grace_seconds))).fetchall()
    return [Stray(*row) for row in rows]


_TAKE: Final = """
WITH done AS (
  SELECT coalesce(sum(ok + changed + skipped + bad), 0) AS pairs FROM job_run_counts WHERE run_id = %(run)s
), earlier AS (
  SELECT count(*) AS n FROM job_run_events, done
  WHERE run_id = %(run)s AND kind = 'run.taken_over' AND data->>'reason' = %(reason)s
    AND (data->>'done')::bigint = done.pairs
), fence AS (
  UPDATE job_runs SET epoch = epoch + 1, owner = NULL, event_seq = event_seq + 1,
    lease_until = now() + make_interval(secs => %(unclaimed)s * (1 + least(2, (SELECT n FROM earlier))))
  WHERE id = %(run)s AND epoch = %(epoch)s AND owner IS NOT DISTINCT FROM %(owner)s AND status <> 'ended'
    AND coalesce(lease_until, created_at + make_interval(secs => %(unclaimed)s)) < now()
    AND (%(reason)s = 'unclaimed' OR (SELECT n FROM earlier) < %(limit)s)
  RETURNING epoch, event_seq
)
INSERT INTO job_run_events (run_id, seq, kind, data)
SELECT %(run)s, event_seq, 'run.taken_over', jsonb_build_object('epoch', epoch, 'owner', %(owner)s::text,
  'reason', %(reason)s::text, 'done', done.pairs) FROM fence, done
RETURNING (data->>'epoch')::int, pg_notify('opsconductor_events', %(run)s::text || ' ' || seq::text)
"""


async def take_over(connection: AsyncConnection[Any], stray: Stray) -> int | None:
    """Raise the run's epoch and free it for the next engine; the new epoch.

    None when somebody claimed, renewed or ended it in the meantime, or when too many engines were lost.
    """
    values = {
        "run": stray.run_id,
        "epoch": stray.epoch,
        "owner": stray.owner,
        "reason": stray.reason,
        "unclaimed": UNCLAIMED_SECONDS,
        "limit": LOST_ENGINES,
    }
    row = await (await connection.execute(_TAKE, values)).fetchone()
    return None if row is None else row[0]


_KEEP_FREE: Final = """
UPDATE job_runs SET lease_until = now() + make_interval(secs => %s)
WHERE id = %s AND epoch = %s AND owner IS NULL AND status <> 'ended'
RETURNING epoch
"""


async def keep_free(connection: AsyncConnection[Any], run_id: UUID, epoch: int) -> bool:
    """Give the engine of this epoch more time to come; False when it came, or the epoch has moved."""
    row = await (await connection.execute(_KEEP_FREE, (UNCLAIMED_SECONDS, run_id, epoch))).fetchone()
    return row is not None


_END: Final = """
WITH fence AS (
  UPDATE job_runs SET epoch = epoch + 1, owner = NULL, lease_until = NULL, event_seq = event_seq + 1,
    status = 'ended', outcome = %(outcome)s, summary = %(summary)s, finished_at = now()
  WHERE id = %(run)s AND epoch = %(epoch)s AND owner IS NOT DISTINCT FROM %(owner)s AND status <> 'ended'
    AND coalesce(lease_until, created_at + make_interval(secs => %(unclaimed)s)) < now()
  RETURNING event_seq
), targets AS (
  UPDATE job_run_targets SET outcome = %(target_outcome)s, reason = %(summary)s
  WHERE run_id = %(run)s AND outcome IS NULL AND EXISTS (SELECT FROM fence)
)
INSERT INTO job_run_events (run_id, seq, kind, data)
SELECT %(run)s, event_seq, 'run.ended', %(data)s::jsonb FROM fence
RETURNING seq, pg_notify('opsconductor_events', %(run)s::text || ' ' || seq::text)
"""


async def end_cancelled(connection: AsyncConnection[Any], stray: Stray) -> bool:
    """End a run that was cancelled before any engine began it."""
    return await _end(connection, stray, RunOutcome.CANCELLED, Outcome.CANCELLED, "cancelled before it began")


async def give_up(connection: AsyncConnection[Any], stray: Stray) -> bool:
    """End a run whose engines are lost again and again without finishing a step."""
    unclear = "SELECT EXISTS (SELECT FROM job_run_steps WHERE run_id = %s AND state = 1)"
    row = await (await connection.execute(unclear, (stray.run_id,))).fetchone()
    known = row is not None and not row[0]
    summary = f"given up: {LOST_ENGINES + 1} engines were lost, one after the other, without finishing a step"
    if known:
        return await _end(connection, stray, RunOutcome.FAILED, Outcome.FAILED, summary)
    summary += "; what became of the steps that were sent is not known"
    return await _end(connection, stray, RunOutcome.UNKNOWN, Outcome.UNKNOWN, summary)


async def _end(
    connection: AsyncConnection[Any], stray: Stray, outcome: RunOutcome, target: Outcome, summary: str
) -> bool:
    values = {
        "run": stray.run_id,
        "epoch": stray.epoch,
        "owner": stray.owner,
        "unclaimed": UNCLAIMED_SECONDS,
        "outcome": outcome,
        "target_outcome": int(target),
        "summary": summary,
        "data": json_text({"outcome": outcome, "summary": summary}),
    }
    return await (await connection.execute(_END, values)).fetchone() is not None
