"""What is kept of runs that ended: by age, by count a job, and by the size of their output.

A run that goes on, or is pinned, keeps everything. Rows go in small transactions, each of which notes what it
deleted in a report that the portal puts on its audit log. Killed anywhere, the next time goes on: a run's own row
goes first, with a note that its parts are left over, so that nobody can resume a run that lost half of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg import AsyncConnection

BATCH: Final = 5000
RUNS_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Keep:
    """How much of one kind of thing is kept. What is absent limits nothing.

    Attributes:
        days: Since the run ended.
        runs_per_job: The newest runs of each job.
    """

    days: int | None = None
    runs_per_job: int | None = None


_DUE: Final[LiteralString] = """
SELECT id FROM (
  SELECT id, finished_at, row_number() OVER (PARTITION BY job_id ORDER BY id DESC) AS place
  FROM job_runs WHERE status = 'ended' AND pinned_at IS NULL
) run
WHERE finished_at < now() - make_interval(days => %s) OR place > %s
ORDER BY id
"""
# What is pinned or goes on takes its room, but is not deleted.
_TOO_MUCH: Final[LiteralString] = """
SELECT id FROM (
  SELECT run.id, run.status, run.pinned_at, sum(printed.bytes) OVER (ORDER BY run.id DESC) AS bytes
  FROM job_runs run JOIN (
    SELECT run_id, sum(octet_length(stdout) + octet_length(stderr)) AS bytes FROM job_run_outputs GROUP BY run_id
  ) printed ON printed.run_id = run.id
) run
WHERE status = 'ended' AND pinned_at IS NULL AND bytes > %s::bigint * 1048576
ORDER BY id
"""
# Locked, so that nobody resumes or pins one of them meanwhile; one that somebody holds waits for the next time.
HOLD: Final[LiteralString] = """
SELECT id FROM job_runs WHERE id = ANY(%s) AND status = 'ended' AND pinned_at IS NULL FOR UPDATE SKIP LOCKED
"""
_OUTPUTS: Final[LiteralString] = """
DELETE FROM job_run_outputs WHERE ctid = ANY(ARRAY(SELECT ctid FROM job_run_outputs WHERE run_id = ANY(%s) LIMIT %s))
"""
_EVENTS: Final[LiteralString] = """
DELETE FROM job_run_events WHERE ctid = ANY(ARRAY(SELECT ctid FROM job_run_events WHERE run_id = ANY(%s) LIMIT %s))
"""
_STEPS: Final[LiteralString] = """
DELETE FROM job_run_steps WHERE ctid = ANY(ARRAY(SELECT ctid FROM job_run_steps WHERE run_id = ANY(%s) LIMIT %s))
"""
_TARGETS: Final[LiteralString] = """
DELETE FROM job_run_targets WHERE ctid = ANY(ARRAY(SELECT ctid FROM job_run_targets WHERE run_id = ANY(%s) LIMIT %s))
"""
_FEW: Final[tuple[LiteralString, ...]] = (
    "DELETE FROM job_run_counts WHERE run_id = ANY(%s)",
    "DELETE FROM job_run_decisions WHERE run_id = ANY(%s)",
    "DELETE FROM job_run_leftovers WHERE run_id = ANY(%s)",
)
_RUNS: Final[LiteralString] = """
WITH gone AS (DELETE FROM job_runs WHERE id = ANY(%s) RETURNING id)
INSERT INTO job_run_leftovers (run_id) SELECT id FROM gone
"""
_LEFT: Final[LiteralString] = "SELECT run_id FROM job_run_leftovers ORDER BY run_id LIMIT %s"
_NOTE: Final[LiteralString] = """
INSERT INTO retention_reports (id, outputs, events, runs, flow_runs) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (id) DO UPDATE SET outputs = retention_reports.outputs + excluded.outputs,
  events = retention_reports.events + excluded.events, runs = retention_reports.runs + excluded.runs,
  flow_runs = retention_reports.flow_runs + excluded.flow_runs
"""


async def runs_due(connection: AsyncConnection[Any], keep: Keep) -> list[UUID]:
    """Ended runs that are too old, or have too many newer ones of the same job; the oldest first."""
    if keep.days is None and keep.runs_per_job is None:
        return []
    rows = await (await connection.execute(_DUE, (keep.days, keep.runs_per_job))).fetchall()
    return [row[0] for row in rows]


async def runs_beyond(connection: AsyncConnection[Any], megabytes: int) -> list[UUID]:
    """Ended runs whose output no longer fits when that of newer runs is kept first; the oldest first."""
    return [row[0] for row in await (await connection.execute(_TOO_MUCH, (megabytes,))).fetchall()]


async def delete_outputs(connection: AsyncConnection[Any], report: UUID, runs: Sequence[UUID]) -> int:
    """Delete what these runs printed; how many outputs went."""
    return await _delete_held(connection, report, runs, _OUTPUTS, "outputs")


async def delete_events(connection: AsyncConnection[Any], report: UUID, runs: Sequence[UUID]) -> int:
    """Delete the events of these runs; how many went."""
    return await _delete_held(connection, report, runs, _EVENTS, "events")


async def delete_runs(connection: AsyncConnection[Any], report: UUID, runs: Sequence[UUID]) -> int:
    """Delete these runs with all that belongs to them, and what an earlier time left over; how many went."""
    deleted = 0
    for some in _chunks(runs):
        async with connection.transaction():
            held = await _hold(connection, some)
            gone = (await connection.execute(_RUNS, (held,))).rowcount
            await note(connection, report, runs=gone)
        deleted += gone
    await _delete_leftovers(connection)
    return deleted


async def _delete_held(
    connection: AsyncConnection[Any], report: UUID, runs: Sequence[UUID], statement: LiteralString, what: str
) -> int:
    deleted = 0
    for some in _chunks(runs):
        count = BATCH
        while count == BATCH:
            async with connection.transaction():
                held = await _hold(connection, some)
                count = (await connection.execute(statement, (held, BATCH))).rowcount
                await note(connection, report, **{what: count})
            deleted += count
    return deleted


async def _delete_leftovers(connection: AsyncConnection[Any]) -> None:
    while left := [row[0] for row in await (await connection.execute(_LEFT, (RUNS_AT_ONCE,))).fetchall()]:
        for statement in (_OUTPUTS, _EVENTS, _STEPS, _TARGETS):
            while (await connection.execute(statement, (left, BATCH))).rowcount == BATCH:
                continue
        async with connection.transaction():
            for statement in _FEW:
                await connection.execute(statement, (left,))


async def _hold(connection: AsyncConnection[Any], runs: Sequence[UUID]) -> list[UUID]:
    return [row[0] for row in await (await connection.execute(HOLD, (list(runs),))).fetchall()]


async def note(
    connection: AsyncConnection[Any],
    report: UUID,
    *,
    outputs: int = 0,
    events: int = 0,
    runs: int = 0,
    flow_runs: int = 0,
) -> None:
    """Add to a report what was deleted."""
    if outputs or events or runs or flow_runs:
        await connection.execute(_NOTE, (report, outputs, events, runs, flow_runs))


def _chunks(runs: Sequence[UUID]) -> list[Sequence[UUID]]:
    return [runs[start : start + RUNS_AT_ONCE] for start in range(0, len(runs), RUNS_AT_ONCE)]
