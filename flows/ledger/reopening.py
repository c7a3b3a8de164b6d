"""A run that has ended goes on: what failed or is unknown gets another engine."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from opsconductor.errors import ConflictError

from .takeover import UNCLAIMED_SECONDS

_REOPEN: Final = text("""
WITH fence AS (
  UPDATE job_runs SET status = 'queued', outcome = NULL, summary = '', finished_at = NULL, owner = NULL,
    resume_of_epoch = epoch, epoch = epoch + 1, event_seq = event_seq + 1, cancel_requested_at = NULL,
    cancel_requested_by = NULL, lease_until = now() + make_interval(secs => :unclaimed)
  WHERE id = :run AND status = 'ended'
  RETURNING epoch, event_seq
)
INSERT INTO job_run_events (run_id, seq, kind, data)
SELECT :run, event_seq, 'run.reopened', jsonb_build_object('epoch', epoch) FROM fence
RETURNING (data->>'epoch')::int, pg_notify('opsconductor_events', cast(:run AS text) || ' ' || seq::text)
""")


async def reopen(database: AsyncConnection | AsyncSession, run_id: UUID) -> int:
    """Let an ended run go on under a new epoch, which the caller dispatches; pairs that are done stay done.

    Raises:
        ConflictError: The run is not there or has not ended.
    """
    row = (await database.execute(_REOPEN, {"run": run_id, "unclaimed": UNCLAIMED_SECONDS})).one_or_none()
    if row is None:
        raise ConflictError(f"run {run_id} has not ended: there is nothing to resume")
    return row[0]
