"""What the record says of a run's pairs and targets, read in few rows however many they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, INTEGER
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only

from flows.ledger.tables import JobRun
from opsconductor.sdk.outcome import Outcome

from .cells import DECISION_CODES, OUTCOME_CODES, RUNNING, Grid, Latest

# One value whatever the number of pairs, in no order: sorting a hundred thousand rows costs the server more than
# everything else here.
_CODES = ",".join(map(str, OUTCOME_CODES))
_DECIDED = " ".join(f"WHEN '{decision}' THEN {code}" for decision, code in DECISION_CODES.items())
_PACKED = f"""
string_agg(int8send(
  ((CAST((target_ord + :shift) AS bigint) * :width + (:columns)[step_ord + 1]) << 24) | (CAST(attempt AS bigint) << 8)
  | CASE WHEN state = 1 OR outcome IS NULL THEN {RUNNING}
    WHEN outcome = {int(Outcome.UNKNOWN)} THEN coalesce((
      SELECT CASE decision {_DECIDED} END FROM job_run_decisions decided
      WHERE decided.run_id = :run_id AND decided.target_ord = pairs.target_ord
        AND decided.step_ord = pairs.step_ord AND decided.attempt = pairs.attempt
    ), {OUTCOME_CODES[Outcome.UNKNOWN]})
    ELSE (ARRAY[{_CODES}])[outcome + 1] END
), '')
"""  # noqa: S608 (numbers and words of this module only)
_COLUMNS = bindparam("columns", type_=ARRAY(INTEGER))
_PAIRS = text(f"""
SELECT {_PACKED} FROM (
  SELECT target_ord, step_ord, attempt, state, outcome FROM job_run_steps
  WHERE run_id = :run_id AND target_ord BETWEEN :first AND :last
) pairs
""").bindparams(_COLUMNS)  # noqa: S608 (numbers of this module only)
# Which pairs changed is what the events say; what became of them is what their rows say now: an event of an
# attempt that gave way to the next one must not win. All in one statement: one look, and one way to the server.
_CHANGES = text(f"""
SELECT {_PACKED}, count(*),
  EXISTS (SELECT FROM job_run_events WHERE run_id = :run_id AND seq = :after + 1),
  (SELECT json_agg(json_build_array(ord, name, outcome, reason) ORDER BY ord) FROM (
    SELECT DISTINCT CAST(ended->>0 AS int) AS target FROM job_run_events, jsonb_array_elements(data->'rows') AS ended
    WHERE run_id = :run_id AND seq > :after AND seq <= :upto AND kind = 'targets' LIMIT :limit
  ) ended CROSS JOIN LATERAL (
    SELECT ord, name, outcome, reason FROM job_run_targets WHERE run_id = :run_id AND ord = target
  ) targets)
FROM (
  SELECT DISTINCT CAST(pair->>0 AS int) AS target, CAST(pair->>1 AS int) AS step
  FROM job_run_events, jsonb_array_elements(data->'rows') AS pair
  WHERE run_id = :run_id AND seq > :after AND seq <= :upto
    AND kind IN ('pairs', 'pair.decided', 'pairs.decided') LIMIT :limit
) touched CROSS JOIN LATERAL (
  SELECT target_ord, step_ord, attempt, state, outcome FROM job_run_steps
  WHERE run_id = :run_id AND target_ord = target AND step_ord = step ORDER BY attempt DESC LIMIT 1
) pairs
""").bindparams(_COLUMNS)  # noqa: S608 (numbers of this module only)
_TARGETS = text("""
SELECT ord, name, outcome, reason FROM job_run_targets
WHERE run_id = :run_id AND ord BETWEEN :first AND :last ORDER BY ord
""")

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


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of what the events of a stretch tell of.

    Attributes:
        pairs: The pairs as they are now.
        count: How many.
        targets: The targets as they are now.
        told: Whether the first event of the stretch is still on record.
    """

    pairs: Latest
    count: int
    targets: Sequence[EndedTarget]
    told: bool


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

    async def read_changed(self, run_id: UUID, grid: Grid, since: Since, limit: int) -> Changed:
        """The pairs and targets that events tell of; of each at most so many."""
        values = {"run_id": run_id, **since._asdict(), "limit": limit, "shift": 1}
        found = (await self._session.execute(_CHANGES, {**values, **_layout(grid)})).one()
        packed, count, told, targets = found
        return Changed(Latest(packed or b""), count, [EndedTarget(*row) for row in targets or ()], told)

    async def list_targets(self, run_id: UUID, first: int, last: int) -> Sequence[EndedTarget]:
        """Targets from one number to another."""
        rows = await self._session.execute(_TARGETS, {"run_id": run_id, "first": first, "last": last})
        return [EndedTarget(*row) for row in rows]


def _layout(grid: Grid) -> dict[str, object]:
    return {"width": grid.width, "columns": list(grid.columns)}
