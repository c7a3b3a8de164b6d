"""What people say to a run while it lasts, or after it: stop, keep."""

import json
from uuid import UUID

from flows.ledger.tables import JobRun
from opsconductor.sdk.outcome import RunOutcome
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.kit.ids import now

from .errors import RunEndedError
from .reading import get_run
from .repository import COMMANDS_CHANNEL, RunRepository


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
