"""Starting a run: what it needs is frozen in one transaction, and the worker hears of it at the commit."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from asgi_correlation_id import correlation_id

from flows.ledger.tables import JobRun
from flows.ledger.takeover import STOCK_CLAIM_SECONDS
from flows.plan import Plan
from flows.tracing import current_traceparent
from opsconductor.errors import InvalidInputError, NotFoundError, Problem
from opsconductor.sdk.job import Targets, bind_parameters
from opsconductor.sdk.outcome import RunOutcome
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_job, check_targets
from portal.credentials.models import Credential
from portal.credentials.repository import CredentialRepository
from portal.handover.repository import RunTokenRepository
from portal.jobs.models import Job
from portal.jobs.repository import JobRepository
from portal.jobs.service import check_active, find_job, find_plan, find_version
from portal.kit.ids import new_id, now
from portal.kit.wakeup import Wakeup
from portal.targets.allowed import check_allowed
from portal.targets.repository import TargetRepository
from portal.targets.selection import Selection, parse, select_targets

from .errors import EarlierRunHiddenError, IdempotencyKeyReusedError, NoTargetsError, TooManyTargetsError
from .freezing import Frozen, find_secrets, freeze_credentials, freeze_target, needs_targets, note_use
from .repository import RUNS_CHANNEL, RunRepository
from .schemas import RunStart, TargetsOverride

FIRST_EPOCH = 1


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that starting a run reads and writes.

    Attributes:
        run_tokens: Where runs of a stock worker get a token; None when our own worker runs them.
    """

    runs: RunRepository
    jobs: JobRepository
    targets: TargetRepository
    credentials: CredentialRepository
    audit: AuditLog
    wakeup: Wakeup
    run_tokens: RunTokenRepository | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request to start a run names.

    Attributes:
        own: The job's own targets.
        override: What the run says about them.
    """

    job: Job
    version: int
    plan: Plan
    own: Targets | None
    override: TargetsOverride | None

    def wanted(self) -> Targets | None:
        """The targets of the run: an override only narrows what the job says.

        Raises:
            InvalidInputError: Neither the job nor the run names any, or the override's selector is refused.
        """
        if self.override is None:
            if self.own is None and needs_targets(self.plan):
                raise InvalidInputError([Problem("targets.select", "the job names no targets; the run must")])
            return self.own
        parse(self.override.select)  # by itself, so that `a) or (b` does not reach out of its parentheses
        facts: dict[str, Any] = {**self.own.model_dump()} if self.own else {}
        facts["select"] = f"({self.own.select}) and ({self.override.select})" if self.own else self.override.select
        if self.override.allow_empty is not None:
            facts["allow_empty"] = self.override.allow_empty
        return Targets.model_validate(facts)


def fingerprint(actor: Actor, *content: Any) -> str:
    """Tells whether two requests ask for the same."""
    text = json.dumps([str(actor.user_id), *content], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


async def earlier_run(books: Books, actor: Actor, key: str | None, print_: str) -> JobRun | None:
    """The run that this idempotency key started before.

    Raises:
        IdempotencyKeyReusedError: It started something else.
        EarlierRunHiddenError: The run is out of sight; it is not started a second time.
    """
    request = await books.runs.find_request(key) if key else None
    if request is None or key is None:
        return None
    if request.fingerprint != print_:
        raise IdempotencyKeyReusedError(key)
    earlier = await books.runs.find(actor, request.run_id)
    if earlier is None:
        raise EarlierRunHiddenError(key)
    return earlier


async def start(books: Books, actor: Actor, body: RunStart, key: str | None) -> JobRun:
    """Start a run; the same request with the same idempotency key again finds the run it started.

    Raises:
        InvalidInputError: Parameters or targets are refused; nothing is kept.
    """
    print_ = fingerprint(actor, body.model_dump(mode="json"))
    if earlier := await earlier_run(books, actor, key, print_):
        return earlier
    asked = await read_request(books, actor, body)
    check_active(asked.job)
    parameters, secrets = await _bind_all(books, actor, asked.plan, body)
    selection = await select(books, actor, asked)
    run = JobRun(
        id=new_id(),
        job_id=asked.job.id,
        job_version=asked.version,
        job_name=asked.job.name,
        parameters=parameters,
        credentials={},
        secret_parameters={name: credential.name for name, credential in secrets.items()},
        check_only=body.check_only,
    )
    frozen = await _freeze(books, actor, selection, list(secrets.values()))
    nothing_to_do = not frozen.targets and needs_targets(asked.plan)
    return await record(books, actor, run, frozen, key, print_, nothing_to_do=nothing_to_do)


async def record(
    books: Books,
    actor: Actor,
    run: JobRun,
    frozen: Frozen,
    key: str | None,
    print_: str,
    *,
    nothing_to_do: bool = False,
) -> JobRun:
    """Write a new run down and tell the workers; without anything to do it ends at once."""
    if key and not await books.runs.claim_request(key, print_, run.id):
        # The other request with this key committed between our look and now.
        earlier = await earlier_run(books, actor, key, print_)
        if earlier is not None:
            return earlier
    run.credentials = dict(frozen.credentials)
    run.target_count = len(frozen.targets)
    run.requested_by = actor.username
    run.correlation_id = correlation_id.get() or ""
    run.traceparent = current_traceparent()
    run.idempotency_key = key
    run.epoch = FIRST_EPOCH
    run.created_at = now()
    if nothing_to_do:
        run.status, run.outcome = "ended", RunOutcome.NO_TARGETS
        run.summary = "no_targets: nothing was done"
        run.started_at = run.finished_at = run.created_at
    await books.runs.add(run, frozen.rows())
    await note_use(books.credentials, books.audit, actor, run, frozen)
    facts = {"job": run.job_name, "version": run.job_version, "targets": run.target_count}
    books.audit.record(actor, "run.started", "run", run.id, **facts, rerun_of=str(run.rerun_of or ""))
    if nothing_to_do:
        await books.runs.tell(run.id, "run.ended", json.dumps({"outcome": run.outcome, "summary": run.summary}))
    else:
        await announce(books, run)
    return run


async def announce(books: Books, run: JobRun) -> None:
    """Tell our workers of a run when this transaction commits; a stock worker hears of it from Prefect."""
    if books.run_tokens is None:
        await books.runs.notify(RUNS_CHANNEL, f"{run.id} {run.epoch}")
    else:
        await books.run_tokens.give(run.id)
        run.lease_until = now() + timedelta(seconds=STOCK_CLAIM_SECONDS)
        await books.runs.flush()
    await books.wakeup.send()


async def _job(books: Books, actor: Actor, body: RunStart) -> Job:
    if body.job_id is not None:
        return await find_job(books.jobs, actor, body.job_id, Permission.JOBS_RUN)
    job = await books.jobs.find_by_name(actor, body.job or "")
    if job is None:
        raise NotFoundError("job", body.job)
    check_job(actor, Permission.JOBS_RUN, job.folder)
    return job


async def read_request(books: Books, actor: Actor, body: RunStart) -> Asked:
    """What a request names: job, version, and which targets."""
    job = await _job(books, actor, body)
    version = await find_version(books.jobs, job, body.version or job.version)
    plan = await find_plan(books.jobs, job, version.version)
    own = Targets.model_validate(version.document["targets"]) if version.document.get("targets") else None
    return Asked(job, version.version, plan, own, body.targets)


async def _bind_all(
    books: Books, actor: Actor, plan: Plan, body: RunStart
) -> tuple[dict[str, Any], dict[str, Credential]]:
    """Values of the parameters and credentials of the secret ones; whatever is wrong with either is named at once."""
    problems: list[Problem] = []
    parameters: dict[str, Any] = {}
    secrets: dict[str, Credential] = {}
    secret = {parameter.name for parameter in plan.parameters if parameter.type == "secret"}
    references = {name: value for name, value in body.parameters.items() if name in secret and isinstance(value, str)}
    try:
        parameters, references = bind(plan, body)
    except InvalidInputError as error:
        problems += error.problems
    named = {problem.path for problem in problems}
    try:
        secrets = await find_secrets(books.credentials, actor, references)
    except InvalidInputError as error:
        problems += [problem for problem in error.problems if problem.path not in named]
    if problems:
        raise InvalidInputError(problems)
    return parameters, secrets


def bind(plan: Plan, body: RunStart) -> tuple[dict[str, Any], dict[str, str]]:
    """Values of the parameters, and of the secret ones the credentials they name.

    Raises:
        InvalidInputError: A value is refused, or one is missing.
    """
    bound = bind_parameters(plan.parameters, body.parameters)
    secret = {parameter.name for parameter in plan.parameters if parameter.type == "secret"}
    references = {name: bound.pop(name) for name in secret if name in bound}
    return bound, {name: reference for name, reference in references.items() if reference is not None}


async def select(books: Books, actor: Actor, asked: Asked) -> Selection:
    """The targets of a run.

    Raises:
        InvalidInputError: There are none, or too many.
        PermissionDeniedError: The actor may not connect to one of them.
    """
    wanted = asked.wanted()
    if wanted is None:
        return Selection([], [], {})
    selection = await select_targets(books.targets, books.credentials, actor, wanted.select, asked.job.id)
    check_selection(actor, wanted, selection)
    return selection


def check_selection(actor: Actor, wanted: Targets, selection: Selection) -> None:
    """Whether a run may have these targets.

    Raises:
        InvalidInputError: There are none, or too many.
        PermissionDeniedError: The actor may not connect to one of them.
        CredentialNotAllowedError: A credential is for other targets.
    """
    check_targets(actor, Permission.TARGETS_CONNECT, [(target.name, target.groups) for target in selection.targets])
    known = selection.credentials
    check_allowed((target, known[target.credential_id]) for target in selection.targets if target.credential_id)
    count = len(selection.targets)
    if count == 0 and not wanted.allow_empty:
        raise NoTargetsError(wanted.select)
    if wanted.at_most is not None and count > wanted.at_most:
        raise TooManyTargetsError(count, wanted.at_most)


async def _freeze(books: Books, actor: Actor, selection: Selection, secrets: Sequence[Credential]) -> Frozen:
    known = selection.credentials
    used = {row.id: row for row in [*known.values(), *secrets]}
    frozen = await freeze_credentials(books.credentials, actor, list(used.values()))
    rows = [
        freeze_target(target, known.get(target.credential_id) if target.credential_id else None)
        for target in selection.targets
    ]
    return Frozen(rows, frozen)
