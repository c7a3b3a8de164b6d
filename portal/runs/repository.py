"""Queries over runs. Every one starts from what the actor may see."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from fastapi_pagination.cursor import CursorPage
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer
from sqlmodel import col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from flows.ledger.tables import (
    JobRun,
    JobRunCount,
    JobRunDecision,
    JobRunEvent,
    JobRunStep,
    JobRunTarget,
)
from opsconductor.sdk.outcome import Outcome
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.jobs.models import Job
from portal.kit.pages import PageParams, order, paginate
from portal.kit.wakeup import notify

from .filtering import RunFilter, conditions, visible_to
from .models import RunRequest

Pending = Literal["pending"]
PENDING: Final = "pending"
"""In place of the outcome of a target that has not ended."""
EVENTS_CHANNEL = "opsconductor_events"
COMMANDS_CHANNEL = "opsconductor_commands"
RUNS_CHANNEL = "opsconductor_runs"
_UNLISTED = [defer(getattr(JobRun, name)) for name in ("parameters", "credentials", "secret_parameters")]

# One statement however many targets: five thousand of them are one parameter.
_ADD_TARGETS = text("""
INSERT INTO job_run_targets (run_id, ord, target_id, name, address, port, platform, variables, tags, host_keys,
  encoding, credential, reason)
SELECT CAST(:run_id AS uuid), target.* FROM json_to_recordset(CAST(:rows AS json)) AS target (ord int, target_id text,
  name text, address text, port int, platform text, variables jsonb, tags jsonb, host_keys jsonb, encoding text,
  credential text, reason text)
""")
_TELL = text("""
WITH moved AS (UPDATE job_runs SET event_seq = event_seq + 1 WHERE id = :run_id RETURNING event_seq)
INSERT INTO job_run_events (run_id, seq, kind, data)
SELECT :run_id, event_seq, :kind, CAST(:data AS jsonb) FROM moved
RETURNING pg_notify('opsconductor_events', :run_id || ' ' || seq)
""")


_UNKNOWN = text("""
SELECT pair.target_ord, coalesce(target.name, ''), pair.attempt, decision, decided_by
FROM (
  SELECT DISTINCT ON (target_ord) target_ord, attempt, outcome FROM job_run_steps
  WHERE run_id = :run_id AND step_ord = :step_ord ORDER BY target_ord, attempt DESC
) pair
LEFT JOIN job_run_targets target ON target.run_id = :run_id AND target.ord = pair.target_ord
LEFT JOIN job_run_decisions decided ON decided.run_id = :run_id AND decided.step_ord = :step_ord
  AND decided.target_ord = pair.target_ord AND decided.attempt = pair.attempt
WHERE pair.outcome = :unknown ORDER BY pair.target_ord
""")
_BEGUN = text("SELECT DISTINCT target_ord FROM job_run_steps WHERE run_id = :run_id AND sent_at IS NOT NULL")
# A target is the same in both runs by its key, whatever it is called now.
_COUNT_CHANGES = text("""
SELECT x.outcome, x.ord IS NOT NULL, y.outcome, y.ord IS NOT NULL, count(*)
FROM (SELECT * FROM job_run_targets WHERE run_id = :run) x
FULL JOIN (SELECT * FROM job_run_targets WHERE run_id = :other) y USING (target_id)
GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 2, 3, 4
""")
_CHANGES = text("""
SELECT coalesce(y.name, x.name), x.outcome, x.ord IS NOT NULL, y.outcome, y.ord IS NOT NULL, x.reason, y.reason
FROM (SELECT * FROM job_run_targets WHERE run_id = :run) x
FULL JOIN (SELECT * FROM job_run_targets WHERE run_id = :other) y USING (target_id)
WHERE (x.outcome, x.ord IS NULL) IS DISTINCT FROM (y.outcome, y.ord IS NULL)
ORDER BY lower(coalesce(y.name, x.name)) LIMIT :limit
""")


class UnknownPair(NamedTuple):
    """An attempt of unknown outcome; `name` is empty for a step that runs once."""

    target_ord: int
    name: str
    attempt: int
    decision: str | None
    decided_by: str | None


class Moved(NamedTuple):
    """Targets that went from one outcome in a run to another in the other run, if they are in it at all."""

    before: int | None
    was_there: bool
    after: int | None
    is_there: bool
    targets: int

    @property
    def changed(self) -> bool:
        """Whether the two are not the same."""
        return (self.before, self.was_there) != (self.after, self.is_there)


class Pairing(NamedTuple):
    """A target in two runs."""

    name: str
    before: int | None
    was_there: bool
    after: int | None
    is_there: bool
    reason_before: str | None
    reason_after: str | None


class RunRepository:
    """Runs and their record."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_page(self, actor: Actor, wanted: RunFilter, page: PageParams) -> CursorPage[JobRun]:
        """One page of the runs that pass the filter."""
        query = _visible_to(actor).where(*await conditions(self._session, actor, wanted)).options(*_UNLISTED)
        # Keys are UUIDv7: their order is that of creation, and the primary key serves it.
        columns = order(wanted.sort, {"created_at": col(JobRun.id), "job": col(JobRun.job_name)}, col(JobRun.id))
        by_key = wanted.sort.removeprefix("-") == "created_at"
        return await paginate(self._session, query.order_by(*columns[: 1 if by_key else 2]), page)

    async def find(self, actor: Actor, run_id: UUID, *, lock: bool = False) -> JobRun | None:
        """The run, or None when it is absent or out of the actor's sight."""
        query = _visible_to(actor).where(col(JobRun.id) == run_id)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self._session.scalars(query)).one_or_none()

    async def find_request(self, key: str) -> RunRequest | None:
        """What an idempotency key was used for."""
        return await self._session.get(RunRequest, key)

    async def claim_request(self, key: str, fingerprint: str, run_id: UUID) -> bool:
        """Use an idempotency key up; False when it was used, also by a request that is under way now."""
        statement = (
            upsert(RunRequest)
            .values(idempotency_key=key, fingerprint=fingerprint, run_id=run_id, created_at=func.now())
            .on_conflict_do_nothing()
            .returning(col(RunRequest.run_id))
        )
        return (await self._session.scalar(statement)) is not None

    async def find_folder(self, run: JobRun) -> str:
        """The folder of a run's job, also of one that was deleted."""
        return (await self._session.scalar(select(Job.folder).where(col(Job.id) == run.job_id))) or ""

    async def add(self, run: JobRun, targets: Sequence[Mapping[str, Any]]) -> None:
        """Keep a new run with its frozen targets."""
        self._session.add(run)
        await self._session.flush()
        if targets:
            await self._session.execute(_ADD_TARGETS, {"run_id": run.id, "rows": json.dumps(list(targets))})

    async def tell(self, run_id: UUID, kind: str, data: str) -> None:
        """Add an event to the run's record; `data` is JSON text."""
        await self._session.execute(_TELL, {"run_id": str(run_id), "kind": kind, "data": data})

    async def notify(self, channel: str, payload: str) -> None:
        """Tell the listeners of a channel, when and if this transaction commits."""
        await notify(self._session, channel, payload)

    async def list_targets_page(
        self, run: JobRun, outcome: int | Pending | None, page: PageParams
    ) -> CursorPage[JobRunTarget]:
        """One page of a run's targets, or of those that ended so, or have not ended."""
        query = select(JobRunTarget).where(col(JobRunTarget.run_id) == run.id)
        if outcome == PENDING:
            query = query.where(col(JobRunTarget.outcome).is_(None))
        elif outcome is not None:
            query = query.where(col(JobRunTarget.outcome) == outcome)
        return await paginate(self._session, query.order_by(col(JobRunTarget.ord)), page)

    async def list_targets(self, run: JobRun) -> Sequence[JobRunTarget]:
        """All targets of a run."""
        query = select(JobRunTarget).where(col(JobRunTarget.run_id) == run.id).order_by(col(JobRunTarget.ord))
        return (await self._session.scalars(query)).all()

    async def find_target(self, run: JobRun, name: str) -> JobRunTarget | None:
        """The target of that name in a run."""
        query = select(JobRunTarget).where(
            col(JobRunTarget.run_id) == run.id, func.lower(JobRunTarget.name) == name.lower()
        )
        return (await self._session.scalars(query)).one_or_none()

    async def list_ends(self, target_id: UUID, run_ids: Sequence[UUID]) -> Mapping[UUID, JobRunTarget]:
        """Run → its row for one target."""
        query = select(JobRunTarget).where(
            col(JobRunTarget.target_id) == str(target_id), col(JobRunTarget.run_id).in_(run_ids)
        )
        return {row.run_id: row for row in await self._session.scalars(query)}

    async def count_changes(self, run: JobRun, other: JobRun) -> Sequence[Moved]:
        """How many targets went from which outcome to which."""
        rows = await self._session.execute(_COUNT_CHANGES, {"run": run.id, "other": other.id})
        return [Moved(*row) for row in rows]

    async def list_changes(self, run: JobRun, other: JobRun, limit: int) -> Sequence[Pairing]:
        """Targets that ended another way, by name."""
        rows = await self._session.execute(_CHANGES, {"run": run.id, "other": other.id, "limit": limit})
        return [Pairing(*row) for row in rows]

    async def count_targets(self, run: JobRun) -> Mapping[int | None, int]:
        """Outcome → targets of a run."""
        query = (
            select(JobRunTarget.outcome, func.count())
            .where(col(JobRunTarget.run_id) == run.id)
            .group_by(col(JobRunTarget.outcome))
        )
        return dict((await self._session.execute(query)).tuples().all())

    async def list_counts(self, run: JobRun) -> Mapping[int, JobRunCount]:
        """Counters by step."""
        query = select(JobRunCount).where(col(JobRunCount.run_id) == run.id)
        return {row.step_ord: row for row in await self._session.scalars(query)}

    async def list_attempts(self, run: JobRun, target_ord: int) -> Sequence[JobRunStep]:
        """Every attempt on one target, in the order of steps."""
        query = (
            select(JobRunStep)
            .where(col(JobRunStep.run_id) == run.id, col(JobRunStep.target_ord) == target_ord)
            .order_by(col(JobRunStep.step_ord), col(JobRunStep.attempt))
        )
        return (await self._session.scalars(query)).all()

    async def list_unknown(self, run: JobRun, step_ord: int) -> Sequence[UnknownPair]:
        """The latest attempts of a step whose outcome nobody knows, and what was decided about them."""
        rows = await self._session.execute(
            _UNKNOWN, {"run_id": run.id, "step_ord": step_ord, "unknown": int(Outcome.UNKNOWN)}
        )
        return [UnknownPair(*row) for row in rows]

    async def list_decisions(self, run: JobRun, target_ord: int) -> Mapping[tuple[int, int], str]:
        """(Step, attempt) → decision, for one target."""
        query = select(JobRunDecision).where(
            col(JobRunDecision.run_id) == run.id, col(JobRunDecision.target_ord) == target_ord
        )
        return {(row.step_ord, row.attempt): row.decision for row in await self._session.scalars(query)}

    async def add_decisions(self, decisions: Iterable[JobRunDecision]) -> None:
        """Keep decisions."""
        self._session.add_all(decisions)
        await self._session.flush()

    async def list_begun(self, run: JobRun) -> set[int]:
        """Numbers of the targets on which a command may have started."""
        return set(await self._session.scalars(_BEGUN, {"run_id": run.id}))

    async def list_events(self, run_id: UUID, after: int, limit: int) -> Sequence[JobRunEvent]:
        """Events after a cursor, in order."""
        query = (
            select(JobRunEvent)
            .where(col(JobRunEvent.run_id) == run_id, col(JobRunEvent.seq) > after)
            .order_by(col(JobRunEvent.seq))
            .limit(limit)
        )
        return (await self._session.scalars(query)).all()

    async def flush(self) -> None:
        """Send changes now."""
        await self._session.flush()


def _visible_to(actor: Actor) -> SelectOfScalar[JobRun]:
    everywhere = actor.scope(Permission.JOBS_VIEW).everywhere
    return select(JobRun) if everywhere else select(JobRun).where(visible_to(actor))
