"""Looking at runs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from cachetools import LRUCache

from flows.ledger.tables import JobRun, JobRunCount, JobRunStep, JobRunTarget
from flows.plan import Plan, PlannedStep
from opsconductor.errors import InvalidInputError, NotFoundError, Problem
from opsconductor.sdk.outcome import Outcome
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_job
from portal.jobs.repository import JobRepository
from portal.kit.pages import PageParams, paged
from portal.targets.repository import TargetRepository

from .filtering import RunFilter
from .freezing import planned_steps
from .repository import PENDING, Pending, RunRepository
from .schemas import (
    AttemptRead,
    EventRead,
    EventsRead,
    RunDetail,
    RunRead,
    RunTargetRead,
    StepRead,
    TargetRunRead,
)

_EVENTS_AT_ONCE = 1000
_steps: LRUCache[tuple[UUID, int], Sequence[PlannedStep]] = LRUCache(256)


async def get_run(
    runs: RunRepository,
    actor: Actor,
    run_id: UUID,
    permission: Permission = Permission.JOBS_VIEW,
    *,
    lock: bool = False,
) -> JobRun:
    """The run, if the actor may do this to it: what holds for a job's folder holds for its runs.

    Raises:
        NotFoundError: It is absent or out of sight.
        PermissionDeniedError: They may not.
    """
    run = await runs.find(actor, run_id, lock=lock)
    if run is None:
        raise NotFoundError("run", run_id)
    if permission not in actor.permissions:
        check_job(actor, permission, await runs.find_folder(run))
    return run


async def steps_of(jobs: JobRepository, run: JobRun) -> Sequence[PlannedStep]:
    """The steps of the version that runs; what is published never changes, so it is read once."""
    version = run.job_id, run.job_version
    if version not in _steps:
        published = await jobs.find_published(*version)
        if published is None:
            return ()
        _steps[version] = tuple(planned_steps(Plan.model_validate(published.plan).nodes))
    return _steps[version]


async def read_steps(runs: RunRepository, run: JobRun, steps: Sequence[PlannedStep]) -> list[StepRead]:
    """The steps, and how far each is."""
    counts = await runs.list_counts(run)
    return [_step(step, counts.get(step.ord)) for step in steps]


async def list_runs(runs: RunRepository, actor: Actor, wanted: RunFilter, page: PageParams) -> dict[str, Any]:
    """One page of runs."""
    return paged(await runs.list_page(actor, wanted, page), RunRead.model_validate)


async def list_target_runs(
    runs: RunRepository, targets: TargetRepository, actor: Actor, target_id: UUID, wanted: RunFilter, page: PageParams
) -> dict[str, Any]:
    """One page of the runs on a target, and how each ended there.

    Raises:
        NotFoundError: It is out of sight; a target that is gone is remembered for those who see all targets.
    """
    seen = await targets.find(actor, target_id)
    if seen is None and not actor.scope(Permission.TARGETS_VIEW).everywhere:
        raise NotFoundError("target", target_id)
    found = await runs.list_page(actor, replace(wanted, target=str(target_id)), page)
    if seen is None and not found.items and page.cursor is None and wanted == RunFilter():
        raise NotFoundError("target", target_id)
    ends = await runs.list_ends(target_id, [run.id for run in found.items])
    return paged(found, lambda run: _target_run(run, ends[run.id]))


async def read_run(runs: RunRepository, jobs: JobRepository, actor: Actor, run_id: UUID) -> RunDetail:
    """One run with its counts."""
    run = await get_run(runs, actor, run_id)
    outcomes = await runs.count_targets(run)
    return RunDetail(
        **RunRead.model_validate(run).model_dump(),
        parameters=run.parameters,
        secret_parameters=run.secret_parameters,
        correlation_id=run.correlation_id,
        last_seq=run.event_seq,
        steps=await read_steps(runs, run, await steps_of(jobs, run)),
        targets_by_outcome={_label(outcome) or PENDING: count for outcome, count in outcomes.items()},
    )


async def list_targets(
    runs: RunRepository, actor: Actor, run_id: UUID, outcome: str | None, page: PageParams
) -> dict[str, Any]:
    """One page of a run's targets."""
    run = await get_run(runs, actor, run_id)
    number = _number(outcome) if outcome else None
    found = await runs.list_targets_page(run, number, page)
    return paged(
        found,
        lambda row: RunTargetRead.model_validate({**row.model_dump(), "outcome": _label(row.outcome)}),
    )


async def list_attempts(
    runs: RunRepository, jobs: JobRepository, actor: Actor, run_id: UUID, target_ord: int
) -> list[AttemptRead]:
    """Every attempt of every step on one target; -1 for the steps that run once."""
    run = await get_run(runs, actor, run_id)
    steps = {step.ord: step for step in await steps_of(jobs, run)}
    decisions = await runs.list_decisions(run, target_ord)
    return [
        _attempt(row, steps.get(row.step_ord), decisions.get((row.step_ord, row.attempt)))
        for row in await runs.list_attempts(run, target_ord)
    ]


async def read_events(runs: RunRepository, actor: Actor, run_id: UUID, after: int) -> EventsRead:
    """Events after a cursor, up to a thousand at once."""
    # The run is read first: once it has ended, what a later look does not find will not come, or is deleted already.
    run = await get_run(runs, actor, run_id)
    found = await runs.list_events(run_id, after, _EVENTS_AT_ONCE)
    return EventsRead(
        items=[EventRead.model_validate(event) for event in found],
        last_seq=found[-1].seq if found else after,
        ended=run.status == "ended" and len(found) < _EVENTS_AT_ONCE,
    )


def _target_run(run: JobRun, end: JobRunTarget) -> TargetRunRead:
    return TargetRunRead(
        **RunRead.model_validate(run).model_dump(),
        target_ord=end.ord,
        target_outcome=_label(end.outcome),
        target_reason=end.reason,
    )


def _step(step: PlannedStep, count: JobRunCount | None) -> StepRead:
    counted: Mapping[str, Any] = count.model_dump(exclude={"run_id", "step_ord"}) if count else {}
    return StepRead(ord=step.ord, id=step.id, uses=step.uses, scope=step.scope, **counted)


def _attempt(row: JobRunStep, step: PlannedStep | None, decision: str | None) -> AttemptRead:
    return AttemptRead(
        step_ord=row.step_ord,
        step=step.id if step else "",
        uses=step.uses if step else "",
        attempt=row.attempt,
        state="sent" if row.state == 1 else "done",
        outcome=_label(row.outcome),
        exit_code=row.exit_code,
        summary=row.summary,
        outputs=row.outputs,
        sent_at=row.sent_at,
        done_at=row.done_at,
        decision=decision,
    )


def _label(outcome: int | None) -> str | None:
    return None if outcome is None else Outcome(outcome).label


def _number(label: str) -> int | Pending:
    if label == PENDING:
        return PENDING
    try:
        return Outcome[label.upper()]
    except KeyError:
        names = ", ".join([*(outcome.label for outcome in Outcome), PENDING])
        raise InvalidInputError([Problem("outcome", f"is not an outcome; one of {names}")]) from None
