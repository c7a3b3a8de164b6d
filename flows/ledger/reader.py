"""What the portal shows of a run. Every function asks one question of an SQLAlchemy connection or session."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from opsconductor.sdk.outcome import Outcome

from .pair import PairKey
from .values import decompressed

Database = AsyncConnection | AsyncSession

CELL_SENT: Final = 254
"""Cell of a pair that was sent and has no result yet."""
CELL_NONE: Final = 255
"""Cell of a pair that was never sent."""

_CELL: Final = struct.Struct(">iB")


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every pair of a run, one byte each: an Outcome's number, CELL_SENT or CELL_NONE.

    Attributes:
        seq: Last event the matrix holds; deltas go on from here.
        steps: step_ord → one byte for each target, by target_ord. A step nobody reached is absent.
        run_steps: step_ord → the byte of a run-scoped step.
    """

    seq: int
    steps: Mapping[int, bytes]
    run_steps: Mapping[int, int]


_MATRIX: Final = text("""
SELECT step_ord, string_agg(int4send(target_ord) || set_byte('\\x00'::bytea, 0, coalesce(outcome, 254)), ''::bytea
  ORDER BY target_ord, attempt)
FROM job_run_steps WHERE run_id = :run GROUP BY step_ord ORDER BY step_ord
""")

_SIZE: Final = text("SELECT event_seq, target_count FROM job_runs WHERE id = :run")


async def read_matrix(database: Database, run_id: UUID) -> Matrix:
    """The latest attempt of every pair; empty for a run that is not there.

    The event number is read first: a delta may repeat what the matrix already shows, and none is missed.
    """
    size = (await database.execute(_SIZE, {"run": run_id})).one_or_none()
    if size is None:
        return Matrix(0, {}, {})
    steps: dict[int, bytes] = {}
    run_steps: dict[int, int] = {}
    for step_ord, cells in await database.execute(_MATRIX, {"run": run_id}):
        row = bytearray([CELL_NONE]) * size.target_count
        for target_ord, cell in _CELL.iter_unpack(cells):
            if target_ord < 0:
                run_steps[step_ord] = cell
            else:
                row[target_ord] = cell
        if step_ord not in run_steps:
            steps[step_ord] = bytes(row)
    return Matrix(size.event_seq, steps, run_steps)


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a run's outbox."""

    seq: int
    at: datetime
    kind: str
    data: Mapping[str, Any]


_EVENTS: Final = text("""
SELECT seq, at, kind, data FROM job_run_events WHERE run_id = :run AND seq > :after ORDER BY seq LIMIT :limit
""")


async def read_events(database: Database, run_id: UUID, after: int, limit: int = 500) -> Sequence[Event]:
    """What happened after the event numbered `after`, in order and without a gap, at most `limit` events."""
    rows = await database.execute(_EVENTS, {"run": run_id, "after": after, "limit": limit})
    return [Event(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of one step on one target; `outcome` is None while it is sent and not done."""

    key: PairKey
    outcome: Outcome | None
    exit_code: int | None
    epoch: int
    sent_at: datetime | None
    done_at: datetime | None
    summary: str
    outputs: Mapping[str, Any] | None


_ATTEMPTS: Final = text("""
SELECT target_ord, step_ord, attempt, outcome, exit_code, epoch, sent_at, done_at, summary, outputs
FROM job_run_steps WHERE run_id = :run AND target_ord = :target ORDER BY step_ord, attempt
""")


async def read_attempts(database: Database, run_id: UUID, target_ord: int) -> Sequence[Attempt]:
    """Every attempt on one target, by step and attempt; -1 is the run itself."""
    rows = await database.execute(_ATTEMPTS, {"run": run_id, "target": target_ord})
    return [Attempt(PairKey(*row[:3]), None if row.outcome is None else Outcome(row.outcome), *row[4:]) for row in rows]


@dataclass(frozen=True, slots=True)
class AttemptOutput:
    """What an attempt printed, as kept: `truncated` says that the middle was cut."""

    stdout: str
    stderr: str
    stdout_bytes: int
    stderr_bytes: int
    truncated: bool


_OUTPUT: Final = text("""
SELECT stdout, stderr, stdout_bytes, stderr_bytes, truncated FROM job_run_outputs
WHERE run_id = :run AND target_ord = :target AND step_ord = :step AND attempt = :attempt
""")


async def find_output(database: Database, run_id: UUID, key: PairKey) -> AttemptOutput | None:
    """What one attempt printed; None when it printed nothing or is not there."""
    values = {"run": run_id, "target": key.target_ord, "step": key.step_ord, "attempt": key.attempt}
    row = (await database.execute(_OUTPUT, values)).one_or_none()
    if row is None:
        return None
    return AttemptOutput(
        decompressed(row.stdout), decompressed(row.stderr), row.stdout_bytes, row.stderr_bytes, row.truncated
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one step is: pairs begun, and how the latest attempts of the others ended."""

    begun: int
    ok: int
    changed: int
    skipped: int
    bad: int

    @property
    def running(self) -> int:
        """Pairs that have begun and not ended."""
        return self.begun - self.ok - self.changed - self.skipped - self.bad


_COUNTS: Final = text("SELECT step_ord, sent, ok, changed, skipped, bad FROM job_run_counts WHERE run_id = :run")


async def read_progress(database: Database, run_id: UUID) -> Mapping[int, Progress]:
    """step_ord → progress, from counters; a step nobody reached is absent."""
    rows = await database.execute(_COUNTS, {"run": run_id})
    return {row.step_ord: Progress(*row[1:]) for row in rows}
