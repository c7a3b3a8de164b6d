"""Running again: a new run on what failed, or the same run from where it stopped."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from flows.ledger.tables import JobRun, JobRunTarget
from flows.ledger.takeover import UNCLAIMED_SECONDS
from opsconductor.sdk.outcome import Outcome
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_targets
from portal.credentials.models import Credential
from portal.jobs.service import check_active
from portal.kit.ids import new_id, now
from portal.targets.allowed import check_allowed
from portal.targets.models import TargetRow
from portal.targets.selection import signing_in

from .errors import NothingToRepeatError, NothingToResumeError, RunNotEndedError
from .freezing import Frozen, find_secrets, freeze_credentials, freeze_target, note_use, refreeze_target
from .reading import get_run
from .schemas import Rerun, RerunPreview, RerunTarget, RerunTargets
from .starting import Books, announce, earlier_run, fingerprint, record

_RESUMABLE = ("unknown", "cancelled")


async def rerun(books: Books, actor: Actor, run_id: UUID, body: Rerun, key: str | None) -> JobRun:
    """A new run of the same version with the same parameters, on the targets that did not end well.

    Targets and credentials are taken as they are now: whoever mended an address or a password meant it.
    """
    former = await get_run(books.runs, actor, run_id, Permission.JOBS_RUN)
    if former.status != "ended":
        raise RunNotEndedError(run_id)
    print_ = fingerprint(actor, str(run_id), body.model_dump(mode="json"))
    if earlier := await earlier_run(books, actor, key, print_):
        return earlier
    await _check_job_active(books, actor, former)
    rows = await _wanted(books, former, body.targets)
    frozen = await _refreeze(books, actor, former, rows)
    run = JobRun(
        id=new_id(),
        job_id=former.job_id,
        job_version=former.job_version,
        job_name=former.job_name,
        parameters=former.parameters,
        credentials={},
        secret_parameters=former.secret_parameters,
        check_only=former.check_only,
        rerun_of=former.id,
        trigger="rerun",
    )
    return await record(books, actor, run, frozen, key, print_)


async def preview(books: Books, actor: Actor, run_id: UUID, body: Rerun) -> RerunPreview:
    """Exactly which targets a rerun would run on, refused as the rerun would be."""
    former = await get_run(books.runs, actor, run_id, Permission.JOBS_RUN)
    if former.status != "ended":
        raise RunNotEndedError(run_id)
    await _check_job_active(books, actor, former)
    rows = await _wanted(books, former, body.targets)
    frozen = await _refreeze(books, actor, former, rows)
    current = {str(target.id) for target in await books.targets.list_rows(actor)}
    return RerunPreview(
        rerun_of=former.id,
        job_version=former.job_version,
        parameters=former.parameters,
        total=len(rows),
        targets=[
            RerunTarget(
                name=str(target["name"]),
                address=str(target["address"]),
                outcome=None if row.outcome is None else Outcome(row.outcome).label,
                reason=row.reason,
                gone=row.target_id not in current,
            )
            for row, target in zip(rows, frozen.targets, strict=True)
        ],
    )


async def _wanted(books: Books, former: JobRun, which: RerunTargets) -> Sequence[JobRunTarget]:
    rows = await books.runs.list_targets(former)
    if which == "all" or not rows:
        return rows
    begun = await books.runs.list_begun(former) if which == "not_started" else set[int]()
    found = [row for row in rows if _FITS[which](row, begun)]
    if not found:
        raise NothingToRepeatError(former.id, which)
    return found


async def resume(books: Books, actor: Actor, run_id: UUID) -> JobRun:
    """Let a run go on from where it stopped; what was completed is not repeated."""
    run = await get_run(books.runs, actor, run_id, Permission.JOBS_RUN, lock=True)
    if run.status != "ended":
        raise RunNotEndedError(run_id)
    if run.outcome not in _RESUMABLE:
        raise NothingToResumeError(run_id, run.outcome or "")
    await _check_job_active(books, actor, run)
    rows = await books.runs.list_targets(run)
    frozen = await _refreeze(books, actor, run, rows)
    await note_use(books.credentials, books.audit, actor, run, frozen)
    run.credentials = {**run.credentials, **frozen.credentials}
    run.resume_of_epoch = run.epoch
    run.epoch += 1
    run.status, run.outcome, run.summary = "queued", None, ""
    run.owner = run.finished_at = run.prefect_flow_run_id = None
    run.lease_until = now() + timedelta(seconds=UNCLAIMED_SECONDS)  # or the reconciler would take it at once
    run.cancel_requested_at = run.cancel_requested_by = None
    await books.runs.flush()
    await books.runs.tell(run.id, "run.resumed", json.dumps({"epoch": run.epoch, "by": actor.username}))
    books.audit.record(actor, "run.resumed", "run", run.id, epoch=run.epoch)
    await announce(books, run)
    return run


async def _check_job_active(books: Books, actor: Actor, run: JobRun) -> None:
    """A run can be repeated after its job was removed, but not while its job is switched off."""
    job = await books.jobs.find(actor, run.job_id)
    if job is not None:
        check_active(job)


def _ended_badly(row: JobRunTarget, _: set[int]) -> bool:
    if row.outcome is None:
        return True
    outcome = Outcome(row.outcome)
    return not outcome.good or _left_out(row)


def _was_not_reached(row: JobRunTarget, _: set[int]) -> bool:
    return row.outcome in (Outcome.UNREACHABLE, Outcome.AUTH_FAILED)


def _was_not_begun(row: JobRunTarget, begun: set[int]) -> bool:
    ended_so = row.outcome in (None, Outcome.CANCELLED, Outcome.TIMED_OUT) or _left_out(row)
    return ended_so and row.ord not in begun


def _left_out(row: JobRunTarget) -> bool:
    """A target that was left out because too much went wrong before is skipped, with a reason."""
    return row.outcome == Outcome.SKIPPED and bool(row.reason)


_FITS: dict[str, Callable[[JobRunTarget, set[int]], bool]] = {
    "failed": _ended_badly,
    "unreachable": _was_not_reached,
    "not_started": _was_not_begun,
}


async def _refreeze(books: Books, actor: Actor, run: JobRun, rows: Sequence[JobRunTarget]) -> Frozen:
    ids = {row.target_id for row in rows}
    there = [target for target in await books.targets.list_rows(actor) if str(target.id) in ids]
    current = {str(target.id): target for target in await signing_in(books.credentials, there, run.job_id)}
    await _check_in_sight(books, actor, [row for row in rows if row.target_id not in current])
    wanted = [current.get(row.target_id) for row in rows]
    places = [(row.name, target.groups if target else []) for row, target in zip(rows, wanted, strict=True)]
    check_targets(actor, Permission.TARGETS_CONNECT, places)
    keys = [target.credential_id for target in wanted if target and target.credential_id]
    known = {row.id: row for row in await books.credentials.find_used(keys)}
    check_allowed((target, known[target.credential_id]) for target in wanted if target and target.credential_id)
    gone = {row.credential for row, target in zip(rows, wanted, strict=True) if target is None and row.credential}
    former = await books.credentials.find_by_names(actor, sorted(gone))
    secrets = await find_secrets(books.credentials, actor, run.secret_parameters)
    used = {row.id: row for row in [*known.values(), *former, *secrets.values()]}
    targets = [_frozen(row, target, known) for row, target in zip(rows, wanted, strict=True)]
    _tell_apart(targets, gone={row.target_id for row, target in zip(rows, wanted, strict=True) if target is None})
    return Frozen(targets, await freeze_credentials(books.credentials, actor, list(used.values())))


def _tell_apart(targets: Sequence[dict[str, Any]], gone: Collection[str]) -> None:
    """Mark targets that are gone where another one has their name by now: in a run, a name is one target."""
    taken = {target["name"].lower() for target in targets if target["target_id"] not in gone}
    for target in targets:
        if target["target_id"] in gone:
            while target["name"].lower() in taken:
                target["name"] += " (gone)"
            taken.add(target["name"].lower())


async def _check_in_sight(books: Books, actor: Actor, absent: Sequence[JobRunTarget]) -> None:
    """A target that is there is taken as it is now, or not at all: its former address may be another host by now.

    Raises:
        PermissionDeniedError: A target is there, but out of the actor's sight.
    """
    there = await books.targets.groups_of([row.target_id for row in absent])
    hidden = [(row.name, there[row.target_id]) for row in absent if row.target_id in there]
    check_targets(actor, Permission.TARGETS_VIEW, hidden)


def _frozen(row: JobRunTarget, target: TargetRow | None, known: Mapping[UUID, Credential]) -> dict[str, Any]:
    if target is None:
        return refreeze_target(row)
    return freeze_target(target, known.get(target.credential_id) if target.credential_id else None)
