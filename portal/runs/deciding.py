"""What became of attempts of unknown outcome: only a person can say, once."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flows.ledger.tables import JobRun, JobRunDecision
from flows.plan import PlannedStep
from opsconductor.errors import InvalidInputError, NotFoundError, Problem
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.jobs.repository import JobRepository
from portal.kit.ids import now

from .decision_schemas import Decide, DecideMany, DecisionRead, Decisions, NotDecided
from .errors import DecidedAlreadyError, NotUnknownError
from .reading import get_run, steps_of
from .repository import COMMANDS_CHANNEL, RunRepository, UnknownPair

_RUN_SCOPED = -1


async def decide(
    runs: RunRepository, jobs: JobRepository, audit: AuditLog, actor: Actor, run_id: UUID, body: Decide
) -> DecisionRead:
    """Keep what a person found out about one attempt; it cannot be taken back."""
    run = await get_run(runs, actor, run_id, Permission.APPROVALS_DECIDE, lock=True)
    step = await _step(jobs, run, body.step)
    target_ord = _RUN_SCOPED
    if body.target:
        target = await runs.find_target(run, body.target)
        if target is None:
            raise NotFoundError("target", f"{body.target} in run {run.id}")
        target_ord = target.ord
    pair = next((pair for pair in await runs.list_unknown(run, step.ord) if pair.target_ord == target_ord), None)
    if pair is None:
        raise NotUnknownError(body.target or "the run", body.step)
    if pair.decision is not None:
        raise DecidedAlreadyError(pair.decision, pair.decided_by or "")
    await _keep(runs, actor, run, step, [pair], body)
    facts: dict[str, Any] = {"target": pair.name, "step": step.id, "attempt": pair.attempt, "decision": body.decision}
    await runs.tell(run.id, "pair.decided", _told(facts, actor, step, [pair]))
    audit.record(actor, "run.pair_decided", "run", run.id, **facts, reason=body.reason)
    return _read(pair, step, body, actor)


async def decide_many(
    runs: RunRepository, jobs: JobRepository, audit: AuditLog, actor: Actor, run_id: UUID, body: DecideMany
) -> Decisions:
    """Keep what a person found out about one step, on some targets or on all where nobody knows."""
    run = await get_run(runs, actor, run_id, Permission.APPROVALS_DECIDE, lock=True)
    step = await _step(jobs, run, body.step)
    pairs = await runs.list_unknown(run, step.ord)
    found, missing = _wanted(pairs, body.targets)
    open_pairs = [pair for pair in found if pair.decision is None]
    if not body.dry_run and open_pairs:
        await _keep(runs, actor, run, step, open_pairs, body)
        names = [pair.name for pair in open_pairs]
        facts: dict[str, Any] = {"step": step.id, "decision": body.decision, "targets": names}
        await runs.tell(run.id, "pairs.decided", _told(facts, actor, step, open_pairs))
        audit.record(actor, "run.pairs_decided", "run", run.id, **facts, reason=body.reason)
    earlier = [
        NotDecided(target=pair.name, reason=f"{pair.decided_by} decided already: {pair.decision}")
        for pair in found
        if pair.decision is not None
    ]
    return Decisions(
        dry_run=body.dry_run,
        decided=[_read(pair, step, body, actor) for pair in open_pairs],
        not_decided=[*earlier, *(NotDecided(target=name, reason="is not of unknown outcome") for name in missing)],
    )


def _wanted(pairs: Sequence[UnknownPair], names: Sequence[str] | None) -> tuple[Sequence[UnknownPair], list[str]]:
    if names is None:
        return pairs, []
    by_name = {pair.name.lower(): pair for pair in pairs}
    wanted = {name.lower(): name for name in names}
    return [by_name[key] for key in wanted if key in by_name], [wanted[key] for key in wanted if key not in by_name]


async def _step(jobs: JobRepository, run: JobRun, step_id: str) -> PlannedStep:
    steps = await steps_of(jobs, run)
    step = next((step for step in steps if step.id == step_id), None)
    if step is None:
        hint = f"its steps: {', '.join(step.id for step in steps) or 'none'}"
        raise InvalidInputError([Problem("step", "the run has no step of that id", hint)])
    return step


async def _keep(
    runs: RunRepository,
    actor: Actor,
    run: JobRun,
    step: PlannedStep,
    pairs: Sequence[UnknownPair],
    body: Decide | DecideMany,
) -> None:
    await runs.add_decisions(
        JobRunDecision(
            run_id=run.id,
            target_ord=pair.target_ord,
            step_ord=step.ord,
            attempt=pair.attempt,
            decision=body.decision,
            decided_by=actor.username,
            reason=body.reason,
            decided_at=now(),
        )
        for pair in pairs
    )
    await runs.notify(COMMANDS_CHANNEL, str(run.id))


def _told(facts: dict[str, Any], actor: Actor, step: PlannedStep, pairs: Sequence[UnknownPair]) -> str:
    """An event's data; `rows` names the pairs as the events of engines do."""
    return json.dumps({**facts, "by": actor.username, "rows": [[pair.target_ord, step.ord] for pair in pairs]})


def _read(pair: UnknownPair, step: PlannedStep, body: Decide | DecideMany, actor: Actor) -> DecisionRead:
    return DecisionRead(
        target=pair.name, step=step.id, attempt=pair.attempt, decision=body.decision, decided_by=actor.username
    )
