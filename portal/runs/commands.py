"""What people say to a run while it lasts, or after it: stop, and what became of an unknown attempt."""

import json
from typing import Any
from uuid import UUID

from flows.ledger.tables import JobRun, JobRunDecision, JobRunStep
from opsconductor.errors import InvalidInputError, NotFoundError, Problem
from opsconductor.sdk.outcome import Outcome, RunOutcome
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.jobs.repository import JobRepository
from portal.kit.ids import now

from .errors import DecidedAlreadyError, NotUnknownError, RunEndedError
from .reading import get_run, steps_of
from .repository import COMMANDS_CHANNEL, RunRepository
from .schemas import Decide, DecisionRead

_RUN_SCOPED = -1


async def cancel(runs: RunRepository, audit: AuditLog, actor: Actor, run_id: UUID) -> JobRun:
    """Ask a run to stop. One that nobody has begun ends here; asking twice is fine."""
    run = await get_run(runs, actor, run_id, Permission.JOBS_CANCEL, lock=True)
    if run.status == "ended":
        raise RunEndedError(run_id, run.outcome or "")
    if run.cancel_requested_at is not None:
        return run
    run.cancel_requested_at, run.cancel_requested_by = now(), actor.username
    if run.status == "queued" and run.owner is None:
        run.epoch += 1  # whoever was about to claim it finds it gone
        run.status, run.outcome = "ended", RunOutcome.CANCELLED
        run.summary = "cancelled before it began"
        run.finished_at = now()
    await runs.flush()
    await runs.tell(run.id, "run.cancel_requested", json.dumps({"by": actor.username}))
    if run.status == "ended":
        await runs.tell(run.id, "run.ended", json.dumps({"outcome": run.outcome, "summary": run.summary}))
    await runs.notify(COMMANDS_CHANNEL, str(run.id))
    audit.record(actor, "run.cancel_requested", "run", run.id)
    return run


async def pin(runs: RunRepository, audit: AuditLog, actor: Actor, run_id: UUID) -> JobRun:
    """Keep a run from retention."""
    run = await get_run(runs, actor, run_id, Permission.JOBS_RUN, lock=True)
    if run.pinned_at is None:
        run.pinned_at, run.pinned_by = now(), actor.username
        audit.record(actor, "run.pinned", "run", run.id, job=run.job_name)
    return run


async def unpin(runs: RunRepository, audit: AuditLog, actor: Actor, run_id: UUID) -> JobRun:
    """Leave a run to retention again."""
    run = await get_run(runs, actor, run_id, Permission.JOBS_RUN, lock=True)
    if run.pinned_at is not None:
        run.pinned_at = run.pinned_by = None
        audit.record(actor, "run.unpinned", "run", run.id, job=run.job_name)
    return run


async def decide(
    runs: RunRepository, jobs: JobRepository, audit: AuditLog, actor: Actor, run_id: UUID, body: Decide
) -> DecisionRead:
    """Keep what a person found out about an attempt of unknown outcome; it cannot be taken back."""
    run = await get_run(runs, actor, run_id, Permission.APPROVALS_DECIDE, lock=True)
    pair = await _unknown_pair(runs, jobs, run, body)
    earlier = await runs.find_decision(run, pair)
    if earlier is not None:
        raise DecidedAlreadyError(earlier.decision, earlier.decided_by)
    await runs.add_decision(
        JobRunDecision(
            run_id=run.id,
            target_ord=pair.target_ord,
            step_ord=pair.step_ord,
            attempt=pair.attempt,
            decision=body.decision,
            decided_by=actor.username,
            reason=body.reason,
            decided_at=now(),
        )
    )
    facts: dict[str, Any] = {
        "target": body.target,
        "step": body.step,
        "attempt": pair.attempt,
        "decision": body.decision,
    }
    await runs.tell(run.id, "pair.decided", json.dumps({**facts, "by": actor.username}))
    await runs.notify(COMMANDS_CHANNEL, str(run.id))
    audit.record(actor, "run.pair_decided", "run", run.id, **facts, reason=body.reason)
    return DecisionRead(**facts, decided_by=actor.username)


async def _unknown_pair(runs: RunRepository, jobs: JobRepository, run: JobRun, body: Decide) -> JobRunStep:
    step = next((step for step in await steps_of(jobs, run) if step.id == body.step), None)
    if step is None:
        raise InvalidInputError([Problem("step", "the run has no step of that id")])
    target_ord = _RUN_SCOPED
    if body.target:
        target = await runs.find_target(run, body.target)
        if target is None:
            raise NotFoundError("target", f"{body.target} in run {run.id}")
        target_ord = target.ord
    pair = await runs.find_latest(run, target_ord, step.ord)
    if pair is None or pair.outcome != Outcome.UNKNOWN:
        raise NotUnknownError(body.target or "the run", body.step)
    return pair
