"""What steps printed, read a batch at a time: a run may have printed more than memory holds."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from flows.ledger.pair import PairKey
from flows.ledger.tables import JobRunOutput
from flows.ledger.values import decompressed

Opened = Callable[[], AbstractAsyncContextManager[AsyncSession]]
"""Opens a session."""
BATCH = 200
BEFORE_ALL = PairKey(-2, 0, 0)

_BATCH_OF = text("""
SELECT o.target_ord, o.step_ord, o.attempt, o.stdout, o.stderr, o.truncated, s.outcome, s.exit_code, s.sent_at,
  s.done_at
FROM job_run_outputs o JOIN job_run_steps s USING (run_id, target_ord, step_ord, attempt)
WHERE o.run_id = :run_id AND (o.target_ord, o.step_ord, o.attempt) > (:target_ord, :step_ord, :attempt)
  AND o.target_ord BETWEEN :first AND :last
  AND (CAST(:step AS int) IS NULL OR o.step_ord = CAST(:step AS int))
ORDER BY o.target_ord, o.step_ord, o.attempt LIMIT :batch
""")
# Equal texts were compressed to equal bytes, so nothing has to be opened to find those that are the same.
_GROUPS = text("""
SELECT s.outcome, s.exit_code, min(s.summary), array_agg(s.target_ord ORDER BY s.target_ord),
  (array_agg(s.attempt ORDER BY s.target_ord))[1], bool_or(o.run_id IS NOT NULL)
FROM (
  SELECT DISTINCT ON (target_ord) target_ord, attempt, outcome, exit_code, summary FROM job_run_steps
  WHERE run_id = :run_id AND step_ord = :step_ord AND state = 2 ORDER BY target_ord, attempt DESC
) s LEFT JOIN job_run_outputs o
  ON o.run_id = :run_id AND o.target_ord = s.target_ord AND o.step_ord = :step_ord AND o.attempt = s.attempt
GROUP BY s.outcome, s.exit_code, md5(coalesce(o.stdout, '')), md5(coalesce(o.stderr, '')),
  CASE WHEN o.run_id IS NULL THEN s.summary END
""")
_SOME = text("""
SELECT target_ord, step_ord, attempt, stdout, stderr, stdout_bytes, stderr_bytes FROM job_run_outputs
WHERE run_id = :run_id AND step_ord = :step_ord AND (target_ord, attempt) IN (
  SELECT * FROM unnest(CAST(:target_ords AS int[]), CAST(:attempts AS int[])))
""")
_NAMES = text("SELECT ord, name, address FROM job_run_targets WHERE run_id = :run_id ORDER BY ord")


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a run's output.

    Attributes:
        first: Number of the first target; -1 for the steps that run once.
        last: Number of the last target.
        step_ord: Only this step.
    """

    run_id: UUID
    first: int = -1
    last: int = 2**31 - 1
    step_ord: int | None = None


class Printed(NamedTuple):
    """What one attempt printed, still compressed, and how it ended."""

    key: PairKey
    stdout_zst: bytes
    stderr_zst: bytes
    truncated: bool
    outcome: int | None
    exit_code: int | None
    sent_at: datetime | None
    done_at: datetime | None

    @property
    def stdout(self) -> str:
        """Kept part of standard output."""
        return decompressed(self.stdout_zst)

    @property
    def stderr(self) -> str:
        """Kept part of standard error."""
        return decompressed(self.stderr_zst)


class Same(NamedTuple):
    """Targets on which a step ended the same way and printed the same bytes."""

    outcome: int | None
    exit_code: int | None
    summary: str
    target_ords: list[int]
    attempt: int
    printed: bool


class Example(NamedTuple):
    """What one of them printed."""

    stdout: str
    stderr: str
    stdout_bytes: int
    stderr_bytes: int


class Named(NamedTuple):
    """What a target is called."""

    name: str
    address: str


class OutputRepository:
    """The output of runs that the actor was found to see."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, run_id: UUID, key: PairKey) -> JobRunOutput | None:
        """What one attempt printed."""
        return await self._session.get(JobRunOutput, (run_id, *key))

    async def list_names(self, run_id: UUID) -> Mapping[int, Named]:
        """Number of a target → its name and address."""
        rows = await self._session.execute(_NAMES, {"run_id": run_id})
        return {ord_: Named(name, address) for ord_, name, address in rows}

    def opened(self) -> AbstractAsyncContextManager[AsyncSession]:
        """The request's session for `batches`: a second one beside it could wait for ever in a pool that is used up."""
        return nullcontext(self._session)

    async def list_same(self, run_id: UUID, step_ord: int) -> Sequence[Same]:
        """Targets by what a step came to on them, byte for byte."""
        return [Same(*row) for row in await self._session.execute(_GROUPS, {"run_id": run_id, "step_ord": step_ord})]

    async def list_examples(self, run_id: UUID, step_ord: int, groups: Sequence[Same]) -> Mapping[int, Example]:
        """Number of the first target of each group → what it printed."""
        values = {
            "run_id": run_id,
            "step_ord": step_ord,
            "target_ords": [group.target_ords[0] for group in groups],
            "attempts": [group.attempt for group in groups],
        }
        return {
            target_ord: Example(decompressed(stdout), decompressed(stderr), stdout_bytes, stderr_bytes)
            for target_ord, _, _, stdout, stderr, stdout_bytes, stderr_bytes in await self._session.execute(
                _SOME, values
            )
        }


async def batches(opened: Opened, part: Part, after: PairKey = BEFORE_ALL) -> AsyncGenerator[list[Printed]]:
    """A part of a run's output in the order of targets, steps and attempts; a session is opened for each batch."""
    values = {"run_id": part.run_id, "first": part.first, "last": part.last, "step": part.step_ord, "batch": BATCH}
    while True:
        async with opened() as session:
            rows = (await session.execute(_BATCH_OF, {**values, **after._asdict()})).all()
        found = [Printed(PairKey(row[0], row[1], row[2]), *row[3:]) for row in rows]
        if found:
            yield found
        if len(found) < BATCH:
            return
        after = found[-1].key
