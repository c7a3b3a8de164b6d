"""HTTP surface of runs."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query

from flows.ledger.tables import JobRun
from portal.audit.log import AuditDep
from portal.jobs.actions import ActionsDep
from portal.jobs.deps import JobsDep
from portal.kit.pages import Page, PageDep
from portal.kit.problems import problems
from portal.kit.routing import Router
from portal.kit.text import Line
from portal.targets.deps import TargetsDep

from . import commands, comparing, deciding, previewing, reading, repeating, starting
from .decision_schemas import Decide, DecideMany, DecisionRead, Decisions
from .deps import BooksDep, FilterDep, KeyDep, MayCancel, MayDecide, MayRun, MayView, RunsDep
from .schemas import (
    AttemptRead,
    Rerun,
    RerunPreview,
    RunComparison,
    RunDetail,
    RunPreview,
    RunRead,
    RunStart,
    RunTargetRead,
    TargetRunRead,
)

router = Router(prefix="/runs", tags=["runs"])
target_router = Router(prefix="/targets", tags=["targets"])
TargetOrd = Annotated[int, Path(ge=-1, le=10_000_000, description="Number in the run; -1 for steps that run once.")]


@router.get("", response_model=Page[RunRead], responses=problems())
async def list_runs(actor: MayView, runs: RunsDep, wanted: FilterDep, page: PageDep) -> dict[str, Any]:
    """Runs, the newest first, a page at a time."""
    return await reading.list_runs(runs, actor, wanted, page)


@router.post("", status_code=201, response_model=RunRead, responses=problems(404, 409))
async def start_run(body: RunStart, actor: MayRun, books: BooksDep, key: KeyDep = None) -> JobRun:
    """Start a run on the targets its selector picks now."""
    return await starting.start(books, actor, body, key)


@router.post("/preview", responses=problems(404))
async def preview_run(body: RunStart, actor: MayRun, books: BooksDep, actions: ActionsDep) -> RunPreview:
    """What the same request would start, what a dry run can tell, and what keeps it from starting."""
    return await previewing.preview(books, actions, actor, body)


@router.get("/{run_id}", responses=problems(404))
async def read_run(run_id: UUID, actor: MayView, runs: RunsDep, jobs: JobsDep) -> RunDetail:
    """One run with its counts."""
    return await reading.read_run(runs, jobs, actor, run_id)


@router.get("/{run_id}/targets", response_model=Page[RunTargetRead], responses=problems(404))
async def list_run_targets(
    run_id: UUID,
    actor: MayView,
    runs: RunsDep,
    page: PageDep,
    outcome: Annotated[
        Line | None, Query(description="Only targets that ended so; `pending`: that have not ended.")
    ] = None,
) -> dict[str, Any]:
    """Targets of a run and how they ended, a page at a time."""
    return await reading.list_targets(runs, actor, run_id, outcome, page)


@router.get("/{run_id}/targets/{target_ord}/steps", responses=problems(404))
async def list_attempts(
    run_id: UUID, target_ord: TargetOrd, actor: MayView, runs: RunsDep, jobs: JobsDep
) -> list[AttemptRead]:
    """Every attempt of every step on one target."""
    return await reading.list_attempts(runs, jobs, actor, run_id, target_ord)


@router.get("/{run_id}/compare/{other_id}", responses=problems(404))
async def compare_runs(run_id: UUID, other_id: UUID, actor: MayView, runs: RunsDep) -> RunComparison:
    """Targets that ended another way in the other run."""
    return await comparing.compare(runs, actor, run_id, other_id)


@router.put("/{run_id}/pin", response_model=RunRead, responses=problems(404))
async def pin_run(run_id: UUID, actor: MayRun, runs: RunsDep, audit: AuditDep) -> JobRun:
    """Keep a run and all that belongs to it, whatever its age; doing it twice is fine."""
    return await commands.pin(runs, audit, actor, run_id)


@router.delete("/{run_id}/pin", response_model=RunRead, responses=problems(404))
async def unpin_run(run_id: UUID, actor: MayRun, runs: RunsDep, audit: AuditDep) -> JobRun:
    """Leave a run to retention again."""
    return await commands.unpin(runs, audit, actor, run_id)


@router.post("/{run_id}/cancel", status_code=202, response_model=RunRead, responses=problems(404, 409))
async def cancel_run(run_id: UUID, actor: MayCancel, runs: RunsDep, audit: AuditDep) -> JobRun:
    """Ask a run to stop; it says `cancelled` when that is confirmed."""
    return await commands.cancel(runs, audit, actor, run_id)


@router.post("/{run_id}/rerun", status_code=201, response_model=RunRead, responses=problems(404, 409))
async def rerun(run_id: UUID, body: Rerun, actor: MayRun, books: BooksDep, key: KeyDep = None) -> JobRun:
    """A new run of the same version and parameters, on the targets that did not end well, or on others of it."""
    return await repeating.rerun(books, actor, run_id, body, key)


@router.post("/{run_id}/rerun/preview", responses=problems(404, 409))
async def preview_rerun(run_id: UUID, body: Rerun, actor: MayRun, books: BooksDep) -> RerunPreview:
    """Exactly which targets a rerun would run on."""
    return await repeating.preview(books, actor, run_id, body)


@router.post("/{run_id}/resume", status_code=202, response_model=RunRead, responses=problems(404, 409))
async def resume_run(run_id: UUID, actor: MayRun, books: BooksDep) -> JobRun:
    """Let an unknown or cancelled run go on from where it stopped."""
    return await repeating.resume(books, actor, run_id)


@router.post("/{run_id}/decisions", status_code=201, responses=problems(404, 409))
async def decide(
    run_id: UUID, body: Decide, actor: MayDecide, runs: RunsDep, jobs: JobsDep, audit: AuditDep
) -> DecisionRead:
    """Say what became of an attempt of unknown outcome; it cannot be taken back."""
    return await deciding.decide(runs, jobs, audit, actor, run_id, body)


@router.post("/{run_id}/decisions/many", responses=problems(404))
async def decide_many(
    run_id: UUID, body: DecideMany, actor: MayDecide, runs: RunsDep, jobs: JobsDep, audit: AuditDep
) -> Decisions:
    """Say what became of a step on many targets; it cannot be taken back. Answers target by target."""
    return await deciding.decide_many(runs, jobs, audit, actor, run_id, body)


@target_router.get("/{target_id}/runs", response_model=Page[TargetRunRead], responses=problems(404))
async def list_target_runs(
    target_id: UUID, actor: MayView, runs: RunsDep, targets: TargetsDep, wanted: FilterDep, page: PageDep
) -> dict[str, Any]:
    """Runs on one target, the newest first, and how each ended there."""
    return await reading.list_target_runs(runs, targets, actor, target_id, wanted, page)
