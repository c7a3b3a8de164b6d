"""Binding credentials to targets, groups and jobs, and saying which of them counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from opsconductor.errors import InvalidInputError, NotFoundError, Problem
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_targets
from portal.credentials.models import Credential, CredentialBinding
from portal.credentials.precedence import Candidate
from portal.credentials.repository import CredentialRepository
from portal.credentials.service import get_credential
from portal.jobs.models import Job
from portal.jobs.repository import JobRepository
from portal.jobs.service import find_job
from portal.kit.ids import now
from portal.targets.allowed import check_allowed
from portal.targets.models import Target, TargetRow
from portal.targets.repository import TargetRepository

from .errors import BindingChangedError, NotBoundError
from .repository import BindingRepository
from .schemas import BindingRead, CandidateRead, Place, TargetCredentialRead

LOGIN_KINDS = ("ssh_password", "ssh_key", "winrm")


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that binding a credential reads and writes."""

    credentials: CredentialRepository
    bindings: BindingRepository
    targets: TargetRepository
    jobs: JobRepository
    audit: AuditLog


async def bind(books: Books, actor: Actor, credential_id: UUID, place: Place, place_id: UUID) -> BindingRead:
    """Let a target, the targets of a group, or those of a job sign in with a credential.

    Raises:
        PermissionDeniedError: They may not use the credential, or not change the place.
        CredentialNotAllowedError: The credential is for other targets.
    """
    credential = await get_credential(books.credentials, actor, credential_id, Permission.CREDENTIALS_USE)
    if credential.kind not in LOGIN_KINDS:
        raise InvalidInputError([Problem("credential_id", f"a {credential.kind} signs in to no target")])
    match place:
        case "target":
            name, before = await _bind_target(books, actor, credential, place_id)
        case "group":
            name = await _group(books, actor, place_id)
            before = await _put(books, actor, CredentialBinding(credential_id=credential.id, group_id=place_id), name)
        case "job":
            name = (await _job(books, actor, place_id)).name
            before = await _put(books, actor, CredentialBinding(credential_id=credential.id, job_id=place_id), name)
    replaced = (await books.credentials.names(actor, [before])).get(before) if before else None
    facts = {"place": place, "place_id": str(place_id), "name": name, "replaced": str(before or "")}
    books.audit.record(actor, "credential.bound", "credential", credential.id, **facts)
    return BindingRead(credential=credential.name, place=place, name=name, replaced=replaced)


async def unbind(books: Books, actor: Actor, credential_id: UUID, place: Place, place_id: UUID) -> None:
    """Let a target, a group or a job sign in with the credential no longer.

    Raises:
        NotBoundError: It did not.
    """
    credential = await get_credential(books.credentials, actor, credential_id, Permission.CREDENTIALS_USE)
    match place:
        case "target":
            target = await _target(books, actor, place_id)
            name, bound = target.name, target.credential_id == credential.id
            if bound:
                target.credential_id, target.updated_at = None, now()
        case "group":
            name = await _group(books, actor, place_id)
            bound = await _take(books, credential, await books.bindings.find(group_id=place_id))
        case "job":
            name = (await _job(books, actor, place_id)).name
            bound = await _take(books, credential, await books.bindings.find(job_id=place_id))
    if not bound:
        raise NotBoundError(credential.name, place, name)
    facts = {"place": place, "place_id": str(place_id), "name": name}
    books.audit.record(actor, "credential.unbound", "credential", credential.id, **facts)


async def explain(books: Books, actor: Actor, target_id: UUID, job_id: UUID | None) -> TargetCredentialRead:
    """Which credential a target signs in with, and why; with a job, as in its runs."""
    target = await books.targets.find(actor, target_id)
    if target is None:
        raise NotFoundError("target", target_id)
    if job_id is not None:
        await find_job(books.jobs, actor, job_id)
    bindings = await books.credentials.find_bindings(target.groups, job_id)
    found = bindings.candidates(target.credential_id, target.groups)
    names = await books.credentials.names(actor, [candidate.credential_id for candidate in found])
    order = [_candidate(candidate, names) for candidate in found]
    return TargetCredentialRead(credential=order[0] if order else None, why=_why(found, job_id), order=order)


def _why(found: Sequence[Candidate], job_id: UUID | None) -> str:
    if not found:
        rest = "" if job_id else "; a job that has one could still bring it"
        return f"neither the target nor one of its groups has a credential{rest}"
    match found[0]:
        case Candidate(source="target"):
            return "it is the target's own"
        case Candidate(source="group", place=group):
            return f"the target has none of its own, and {group} is its nearest group that has one"
        case _:
            return "neither the target nor one of its groups has one, so the job's serves"


def _candidate(candidate: Candidate, names: Mapping[UUID, str]) -> CandidateRead:
    seen = candidate.credential_id in names
    return CandidateRead(
        source=candidate.source,
        place=candidate.place,
        credential_id=candidate.credential_id if seen else None,
        credential=names.get(candidate.credential_id),
    )


async def _bind_target(books: Books, actor: Actor, credential: Credential, target_id: UUID) -> tuple[str, UUID | None]:
    target = await _target(books, actor, target_id)
    check_allowed([(TargetRow(*(getattr(target, name) for name in TargetRow._fields)), credential)])
    before = target.credential_id
    target.credential_id, target.updated_at = credential.id, now()
    return target.name, before


async def _put(books: Books, actor: Actor, new: CredentialBinding, name: str) -> UUID | None:
    """Bind in place of what was bound there; gives what that was."""
    found = await books.bindings.find(group_id=new.group_id, job_id=new.job_id)
    if found is not None:
        before, found.credential_id = found.credential_id, new.credential_id
        found.created_at, found.created_by = now(), actor.username
        return before
    new.created_by = actor.username
    books.bindings.add(new)
    try:
        await books.bindings.flush()
    except IntegrityError as error:
        raise BindingChangedError("group" if new.group_id else "job", name) from error
    return None


async def _take(books: Books, credential: Credential, found: CredentialBinding | None) -> bool:
    if found is None or found.credential_id != credential.id:
        return False
    await books.bindings.delete(found)
    return True


async def _target(books: Books, actor: Actor, target_id: UUID) -> Target:
    target = await books.targets.find(actor, target_id, lock=True)
    if target is None:
        raise NotFoundError("target", target_id)
    check_targets(actor, Permission.TARGETS_EDIT, [(target.name, target.groups)])
    return target


async def _group(books: Books, actor: Actor, group_id: UUID) -> str:
    found = await books.bindings.find_group(actor, group_id)
    if found is None:
        raise NotFoundError("group", group_id)
    group, names = found
    check_targets(actor, Permission.GROUPS_MANAGE, [(group.name, names)])
    return group.name


async def _job(books: Books, actor: Actor, job_id: UUID) -> Job:
    return await find_job(books.jobs, actor, job_id, Permission.JOBS_EDIT)
