"""Testing whether targets can be logged in to.

A test is a run of a built-in job: the warm worker makes it, with the credentials that the broker hands over for
this run and no other. Only stored targets are tested, each with its own credential or one that is for it, and only
by those who may connect to the target and use the credential; nobody can send a credential to a host of their choice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flows.compiler import ActionCatalogue
from flows.ledger.tables import JobRun, JobRunStep, JobRunTarget
from flows.maintenance_plan import TEST_JOB_ID
from opsconductor.errors import InvalidInputError, NotFoundError, Problem, UnavailableError
from opsconductor.sdk.job import Targets
from opsconductor.sdk.outcome import Outcome
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.credentials.errors import CredentialNotAllowedError
from portal.credentials.service import get_credential
from portal.kit.ids import new_id, now
from portal.runs.freezing import Frozen, freeze_credentials, freeze_target
from portal.runs.starting import Books, check_selection, record
from portal.targets.selection import Selection, select_targets

from .built_in import TEST_JOB_NAME, test_plan, version_of
from .permitted import freeze_permitted
from .repository import ConnectionRepository
from .schemas import ConnectionResult, ConnectionTestRead, ConnectionTestStart, ResultStatus

_TESTED_KINDS = ("ssh_password", "ssh_key")
_BAD: dict[Outcome, ResultStatus] = {
    Outcome.UNREACHABLE: "unreachable",
    Outcome.AUTH_FAILED: "auth_failed",
    Outcome.TIMED_OUT: "unreachable",
}


async def start(
    connections: ConnectionRepository,
    books: Books,
    actions: ActionCatalogue,
    actor: Actor,
    body: ConnectionTestStart,
) -> ConnectionTestRead:
    """Log in to every target that a selector picks.

    Raises:
        InvalidInputError: The selector is refused, or picks no target or too many.
        PermissionDeniedError: The actor may not connect to one of them, or not use its credential.
    """
    wanted = Targets(select=body.select, at_most=body.at_most)
    return await _start(connections, books, actions, actor, wanted, select=body.select)


async def start_one(
    connections: ConnectionRepository, books: Books, actions: ActionCatalogue, actor: Actor, target_id: UUID
) -> ConnectionTestRead:
    """Log in to one target.

    Raises:
        NotFoundError: There is no such target.
        PermissionDeniedError: The actor may not connect to it, or not use its credential.
    """
    target = await books.targets.find(actor, target_id)
    if target is None:
        raise NotFoundError("target", target_id)
    wanted = Targets(select=f'name:"{target.name}"')
    return await _start(connections, books, actions, actor, wanted, target=target.name)


async def start_with(
    connections: ConnectionRepository,
    books: Books,
    actions: ActionCatalogue,
    actor: Actor,
    credential_id: UUID,
    target_id: UUID,
) -> ConnectionTestRead:
    """Log in to one target with this credential: one that it signs in with, or that the credential is for.

    Raises:
        NotFoundError: There is no such credential or target.
        PermissionDeniedError: The actor may not use the credential, or not connect to the target.
        CredentialNotAllowedError: It is neither bound to the target nor for it.
    """
    _refuse_stock_worker(books)
    credential = await get_credential(books.credentials, actor, credential_id, Permission.CREDENTIALS_USE)
    if credential.kind not in _TESTED_KINDS:
        raise InvalidInputError([Problem("credential_id", f"a {credential.kind} cannot be tried on a target")])
    target = await books.targets.find(actor, target_id)
    if target is None:
        raise NotFoundError("target", target_id)
    wanted = Targets(select=f'name:"{target.name}"')
    found = await select_targets(books.targets, books.credentials, actor, wanted.select)
    if credential.allowed_targets is None and credential.id not in {row.credential_id for row in found.targets}:
        raise CredentialNotAllowedError(credential.name, [target.name], None)
    with_it = [row._replace(credential_id=credential.id) for row in found.targets]
    selection = Selection(with_it, found.dropped, {credential.id: credential})
    check_selection(actor, wanted, selection)
    frozen = await _freeze(books, actor, selection)
    run = await _record(connections, books, actions, actor, frozen, "test")
    facts = {"run_id": str(run.id), "version": credential.version, "targets": 1, "target": target.name}
    books.audit.record(actor, "credential.tested", "credential", credential.id, **facts)
    return _read(run, Counter({"waiting": run.target_count}))


async def start_permitted(
    connections: ConnectionRepository, books: Books, actions: ActionCatalogue, actor: Actor, target_ids: Sequence[UUID]
) -> tuple[JobRun | None, Mapping[UUID, str]]:
    """Log in to these targets as far as the actor may: the run, if there is one, and why targets were left out."""
    _refuse_stock_worker(books)
    frozen, refused = await freeze_permitted(books, actor, target_ids)
    if not frozen.targets:
        return None, refused
    return await _record(connections, books, actions, actor, frozen, "health"), refused


async def _start(
    connections: ConnectionRepository,
    books: Books,
    actions: ActionCatalogue,
    actor: Actor,
    wanted: Targets,
    **facts: Any,
) -> ConnectionTestRead:
    _refuse_stock_worker(books)
    selection = await select_targets(books.targets, books.credentials, actor, wanted.select)
    check_selection(actor, wanted, selection)
    frozen = await _freeze(books, actor, selection)
    run = await _record(connections, books, actions, actor, frozen, "test")
    books.audit.record(actor, "connection.tested", "run", run.id, targets=run.target_count, **facts)
    return _read(run, Counter({"waiting": run.target_count}))


async def _freeze(books: Books, actor: Actor, selection: Selection) -> Frozen:
    known = selection.credentials
    rows = [
        freeze_target(row, known.get(row.credential_id) if row.credential_id else None) for row in selection.targets
    ]
    return Frozen(rows, await freeze_credentials(books.credentials, actor, list(known.values())))


def _refuse_stock_worker(books: Books) -> None:
    if books.run_tokens is not None:
        raise UnavailableError("connection tests need OpsConductor's own worker; this installation runs on another")


async def _record(
    connections: ConnectionRepository,
    books: Books,
    actions: ActionCatalogue,
    actor: Actor,
    frozen: Frozen,
    trigger: str,
) -> JobRun:
    plan = test_plan(actions)
    version = version_of(plan)
    await connections.publish(version, plan)
    run = JobRun(
        id=new_id(), job_id=TEST_JOB_ID, job_version=version, job_name=TEST_JOB_NAME,
        parameters={}, credentials={}, secret_parameters={}, trigger=trigger,
    )  # fmt: skip
    return await record(books, actor, run, frozen, None, "")


async def read(connections: ConnectionRepository, actor: Actor, test_id: UUID) -> ConnectionTestRead:
    """How far a test is.

    Raises:
        NotFoundError: There is no such test, or none of its targets is in sight.
    """
    run = await _get(connections, actor, test_id)
    results = await _results(connections, actor, run)
    return _read(run, Counter(result.status for result in results))


async def list_results(
    connections: ConnectionRepository, actor: Actor, test_id: UUID, status: ResultStatus | None
) -> list[ConnectionResult]:
    """What came of every login, in the order of names.

    Raises:
        NotFoundError: There is no such test, or none of its targets is in sight.
    """
    run = await _get(connections, actor, test_id)
    results = await _results(connections, actor, run)
    return [result for result in results if status is None or result.status == status]


async def _get(connections: ConnectionRepository, actor: Actor, test_id: UUID) -> JobRun:
    run = await connections.find(actor, test_id)
    if run is None:
        raise NotFoundError("connection test", test_id)
    return run


async def results_of(connections: ConnectionRepository, run: JobRun) -> list[ConnectionResult]:
    """What came of every login of a test, for the portal itself."""
    return await _read_results(connections, await connections.list_frozen(run.id), run)


async def _results(connections: ConnectionRepository, actor: Actor, run: JobRun) -> list[ConnectionResult]:
    return await _read_results(connections, await connections.list_targets(actor, run.id), run)


async def _read_results(
    connections: ConnectionRepository, rows: Sequence[JobRunTarget], run: JobRun
) -> list[ConnectionResult]:
    attempts = await connections.latest_attempts(run.id)
    return [_result(row, attempts.get(row.ord), ended=run.status == "ended") for row in rows]


def _result(row: JobRunTarget, attempt: JobRunStep | None, *, ended: bool) -> ConnectionResult:
    outputs: Mapping[str, Any] = (attempt.outputs if attempt else None) or {}
    found = ConnectionResult(
        target_id=UUID(row.target_id), name=row.name, address=row.address, port=row.port, credential=row.credential,
        status=_status(row, attempt, outputs, ended=ended), reason="", first_seen=row.first_seen_key is not None,
    )  # fmt: skip
    if found.status == "connected":
        return found.model_copy(update={name: value for name, value in outputs.items() if name in _TOLD})
    found.reason = (attempt.summary if attempt else "") or row.reason or ("the test was stopped" if ended else "")
    found.expected_fingerprint = outputs.get("expected_fingerprint")
    found.fingerprint = outputs.get("offered_fingerprint")
    return found


_TOLD = frozenset({"user", "hostname", "os", "kernel", "login_ms", "host_key", "fingerprint"})


def _status(row: JobRunTarget, attempt: JobRunStep | None, outputs: Mapping[str, Any], *, ended: bool) -> ResultStatus:
    code = attempt.outcome if attempt else row.outcome
    if code is None:
        return "failed" if ended else "waiting"
    outcome = Outcome(code)
    if outcome.good and attempt is not None:
        return "connected"
    if "offered_fingerprint" in outputs:
        return "host_key_changed"
    return _BAD.get(outcome, "failed")


def _read(run: JobRun, counts: Mapping[ResultStatus, int]) -> ConnectionTestRead:
    return ConnectionTestRead(
        id=run.id,
        status=run.status,  # pyright: ignore[reportArgumentType] (one of three, said by the ledger)
        requested_by=run.requested_by,
        created_at=run.created_at or now(),
        finished_at=run.finished_at,
        total=sum(counts.values()),
        counts=dict(counts),
    )
