"""Runs that ended are counted, each end once, whichever portal does it."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, or_, select

from flows.compiler import ActionCatalogue
from flows.ledger.tables import JobRun
from portal.jobs.repository import JobRepository
from portal.runs.reading import steps_of

BOUNDS: Final = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0)
"""Upper ends of the buckets, in seconds; the last bucket has none."""

OTHER: Final = "other"
"""What an action is called that no installed library knows: the names in old plans have no limit."""

_AT_ONCE = 20
_ENDED: Final[LiteralString] = """
INSERT INTO run_ends AS known (outcome, count) VALUES (:outcome, 1)
ON CONFLICT (outcome) DO UPDATE SET count = known.count + 1
"""
# Attempts that an earlier end of this run counted have been done before it.
_DURATIONS: Final[LiteralString] = """
INSERT INTO action_durations AS known (action, bucket, count, seconds)
SELECT action, width_bucket(took, CAST(:bounds AS double precision[])), count(*), sum(took)
FROM unnest(CAST(:ords AS smallint[]), CAST(:actions AS text[])) AS named (ord, action)
JOIN job_run_steps s ON s.step_ord = named.ord
CROSS JOIN LATERAL (SELECT greatest(extract(epoch FROM s.done_at - s.sent_at)::double precision, 0) AS took) AS t
WHERE s.run_id = :run AND s.sent_at IS NOT NULL AND s.done_at > coalesce(:since, '-infinity'::timestamptz)
GROUP BY 1, 2
ON CONFLICT (action, bucket) DO UPDATE
  SET count = known.count + excluded.count, seconds = known.seconds + excluded.seconds
"""


async def count_ended_runs(session: AsyncSession, actions: ActionCatalogue) -> bool:
    """Count some runs that ended; whether there may be more."""
    uncounted = or_(col(JobRun.counted_at).is_(None), col(JobRun.counted_at) < col(JobRun.finished_at))
    query = select(JobRun).where(col(JobRun.status) == "ended", uncounted).order_by(col(JobRun.id)).limit(_AT_ONCE)
    ended = (await session.scalars(query.with_for_update(skip_locked=True))).all()
    for run in ended:
        await session.execute(text(_ENDED), {"outcome": run.outcome or "unknown"})
        await _count_steps(session, actions, run)
        run.counted_at = run.finished_at
    return len(ended) == _AT_ONCE


async def _count_steps(session: AsyncSession, actions: ActionCatalogue, run: JobRun) -> None:
    steps = await steps_of(JobRepository(session), run)
    named = [(step.ord, step.uses if actions.find(step.uses) else OTHER) for step in steps]
    if named:
        await session.execute(text(_DURATIONS), _values(run.id, named) | {"since": run.counted_at})


def _values(run_id: UUID, named: Sequence[tuple[int, str]]) -> dict[str, Any]:
    ords, actions = zip(*named, strict=True)
    return {"run": run_id, "ords": list(ords), "actions": list(actions), "bounds": list(BOUNDS)}
