"""When the attempts of a run began and ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# What was never sent, such as a skipped step, took no time and is left out.
_STEPS = text("""
SELECT step_ord, count(*), count(*) FILTER (WHERE done_at IS NULL), min(sent_at), max(done_at),
  min(ms), percentile_disc(0.5) WITHIN GROUP (ORDER BY ms), max(ms)
FROM (
  SELECT step_ord, sent_at, done_at, CAST(extract(epoch FROM done_at - sent_at) * 1000 AS bigint) AS ms
  FROM job_run_steps WHERE run_id = :run_id AND sent_at IS NOT NULL
) attempts GROUP BY step_ord
""")
_TARGETS = text("""
SELECT target_ord, CAST(extract(epoch FROM min(sent_at) - :origin) * 1000 AS bigint),
  CASE WHEN bool_and(done_at IS NOT NULL)
    THEN CAST(extract(epoch FROM max(done_at) - min(sent_at)) * 1000 AS bigint) END
FROM job_run_steps WHERE run_id = :run_id AND sent_at IS NOT NULL AND target_ord BETWEEN :first AND :last
GROUP BY target_ord ORDER BY target_ord
""")
_SPANS = text("""
SELECT target_ord, step_ord, attempt, CAST(extract(epoch FROM sent_at - :origin) * 1000 AS bigint),
  CAST(extract(epoch FROM done_at - sent_at) * 1000 AS bigint)
FROM job_run_steps WHERE run_id = :run_id AND sent_at IS NOT NULL AND target_ord BETWEEN :first AND :last
ORDER BY target_ord, step_ord, attempt
""")


class StepTimes(NamedTuple):
    """All attempts of one step; durations in milliseconds."""

    step_ord: int
    attempts: int
    running: int
    first_sent_at: datetime
    last_done_at: datetime | None
    min_ms: int | None
    median_ms: int | None
    max_ms: int | None


class Span(NamedTuple):
    """One attempt: milliseconds since the run began, and how long it took; None while it goes on."""

    target_ord: int
    step_ord: int
    attempt: int
    start_ms: int
    ms: int | None


class TimelineRepository:
    """The times of runs that the actor was found to see."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_steps(self, run_id: UUID) -> Sequence[StepTimes]:
        """Every step that was begun."""
        return [StepTimes(*row) for row in await self._session.execute(_STEPS, {"run_id": run_id})]

    async def list_targets(self, run_id: UUID, origin: datetime, first: int, last: int) -> list[tuple[int, int, int]]:
        """Number of a target, when its first attempt began, how long it took until the last one's end; -1: goes on."""
        values = {"run_id": run_id, "origin": origin, "first": first, "last": last}
        rows = await self._session.execute(_TARGETS, values)
        return [(ord_, start, -1 if ms is None else ms) for ord_, start, ms in rows]

    async def list_spans(self, run_id: UUID, origin: datetime, first: int, last: int) -> Sequence[Span]:
        """Every attempt on the targets from one number to another."""
        values = {"run_id": run_id, "origin": origin, "first": first, "last": last}
        return [Span(*row) for row in await self._session.execute(_SPANS, values)]
