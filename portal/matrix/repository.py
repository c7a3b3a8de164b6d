"""What the record says of a run's pairs and targets, read in few rows however many they are."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, INTEGER
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only

from flows.ledger.tables import JobRun

from .cells import OUTCOME_CODES, RUNNING, Grid, Latest

# One value whatever the number of pairs, in no order: sorting a hundred thousand rows costs the server more than
# everything else here.
_CODES = ",".join(map(str, OUTCOME_CODES))
_PACKED = f"""
string_agg(int8send(
  ((CAST((target_ord + :shift) AS bigint) * :width + (:columns)[step_ord + 1]) << 24) | (CAST(attempt AS bigint) << 8)
  | CASE WHEN state = 1 OR outcome IS NULL THEN {RUNNING} ELSE (ARRAY[{_CODES}])[outcome + 1] END
), '')
"""
_COLUMNS = bindparam("columns", type_=ARRAY(INTEGER))
_PAIRS = text(f"""
SELECT {_PACKED} FROM (
  SELECT target_ord, step_ord, attempt, state, outcome FROM job_run_steps
  WHERE run_id = :run_id AND target_ord BETWEEN :first AND :last
) pairs
""").bindparams(_COLUMNS)  # noqa: S608 (numbers of this module only)
# Which pairs changed is what the events say; what became of them is what their rows say now: an event of an
# attempt that gave way to the next one must not win.
_CHANGED_PAIRS = text(f"""
SELECT {_PACKED}, count(*) FROM (
  SELECT DISTINCT CAST(pair->>0 AS int) AS target, CAST(pair->>1 AS int) AS step
  FROM job_run_events, jsonb_array_elements(data->'rows') AS pair
  WHERE run_id = :run_id AND seq > :after AND seq <= :upto AND kind = 'pairs' LIMIT :limit
) touched CROSS JOIN LATERAL (
  SELECT target_ord, step_ord, attempt, state, outcome FROM job_run_steps
  WHERE run_id = :run_id AND target_ord = target AND step_ord = step ORDER BY attempt DESC LIMIT 1
) pairs
""").bindparams(_COLUMNS)  # noqa: S608 (numbers of this module only)
_TARGETS = text("""
SELECT ord, name, outcome, reason FROM job_run_targets
WHERE run_id = :run_id AND ord BETWEEN :first AND :last ORDER BY ord
""")
_CHANGED_TARGETS = text("""
SELECT ord, name, outcome, reason FROM job_run_targets WHERE run_id = :run_id AND ord = ANY(ARRAY(
  SELECT CAST(target->>0 AS int) FROM job_run_events, jsonb_array_elements(data->'rows') AS target
  WHERE run_id = :run_id AND seq > :after AND seq <= :upto AND kind = 'targets' LIMIT :limit
)) ORDER BY ord
""")
_TOLD = text("SELECT EXISTS (SELECT FROM job_run_events WHERE run_id = :run_id AND seq = :seq)")


_SHOWN = [
    getattr(JobRun, name)
    for name in ("job_id", "job_version", "event_seq", "status", "outcome", "summary", "target_count")
]


class EndedTarget(NamedTuple):
    """A target of a run and how it ended, if it did."""

    ord: int
    name: str
    outcome: int | None
    reason: str


class Since(NamedTuple):
    """A stretch of a run's events: those after one, up to another."""

    after: int
    upto: int


class MatrixRepository:
    """The pairs of runs that the actor was found to see."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get_run(self, run_id: UUID) -> JobRun:
        """A run that somebody watches who may see it."""
        return await self._session.get_one(JobRun, run_id, options=[load_only(*_SHOWN)])

    async def read_pairs(self, run_id: UUID, grid: Grid, first: int, last: int) -> Latest:
        """Every attempt on the targets from one number to another; places count from the first one's row."""
        values = {"run_id": run_id, "first": first, "last": last, "shift": -first}
        return Latest(await self._session.scalar(_PAIRS, {**values, **_layout(grid)}) or b"")

    async def list_changed_pairs(self, run_id: UUID, grid: Grid, since: Since, limit: int) -> tuple[Latest, int]:
        """The pairs that events tell of, as they are now, and how many; at most so many."""
        values = {"run_id": run_id, **since._asdict(), "limit": limit, "shift": 1}
        row = (await self._session.execute(_CHANGED_PAIRS, {**values, **_layout(grid)})).one()
        return Latest(row[0] or b""), row[1]

    async def list_targets(self, run_id: UUID, first: int, last: int) -> Sequence[EndedTarget]:
        """Targets from one number to another."""
        rows = await self._session.execute(_TARGETS, {"run_id": run_id, "first": first, "last": last})
        return [EndedTarget(*row) for row in rows]

    async def list_changed_targets(self, run_id: UUID, since: Since, limit: int) -> Sequence[EndedTarget]:
        """The targets that events tell of, as they are now."""
        values = {"run_id": run_id, **since._asdict(), "limit": limit}
        return [EndedTarget(*row) for row in await self._session.execute(_CHANGED_TARGETS, values)]

    async def has_event(self, run_id: UUID, seq: int) -> bool:
        """Whether an event is still on record."""
        return bool(await self._session.scalar(_TOLD, {"run_id": run_id, "seq": seq}))


def _layout(grid: Grid) -> dict[str, object]:
    return {"width": grid.width, "columns": list(grid.columns)}
