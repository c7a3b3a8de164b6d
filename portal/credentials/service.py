"""What can be done to credentials."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from opsconductor.errors import InvalidInputError, NotFoundError, Problem
from opsconductor.sdk.selector import group_patterns, parse_selector
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_credentials, check_everywhere
from portal.gateway import Gateway
from portal.kit.ids import now
from portal.kit.pages import PageParams, paged

from .dates import check_order, check_renewed, days_left, is_rotation_due, is_valid
from .errors import CredentialInUseError, CredentialKindError, CredentialNameTakenError, DatedByCertificateError
from .models import Credential, CredentialVersion
from .repository import CredentialFilter, CredentialRepository
from .schemas import (
    CredentialCreate,
    CredentialExport,
    CredentialRead,
    CredentialRotate,
    CredentialsExport,
    CredentialUpdate,
    CredentialUsesRead,
    UseRead,
    UsesRead,
)
from .sealing import Sealer
from .secret_schemas import CredentialSecretIn, in_clear
from .uses import UsesRepository

_FACTS = {
    "name", "kind", "username", "description", "version", "details", "allowed_targets", "valid_from", "valid_until",
    "next_rotation_date",
}  # fmt: skip
_DATES = ("valid_from", "valid_until")


@dataclass(frozen=True, slots=True)
class Vault:
    """What keeping a secret takes: our row, the envelope, and Prefect's block."""

    credentials: CredentialRepository
    sealer: Sealer
    gateway: Gateway


async def list_credentials(
    credentials: CredentialRepository, actor: Actor, wanted: CredentialFilter, page: PageParams
) -> dict[str, Any]:
    """One page of credentials."""
    found = await credentials.list_page(actor, wanted, page)
    users = await credentials.users_of(actor, [row.id for row in found.items])
    return paged(found, lambda row: _read(row, users.get(row.id, [])))


async def create(vault: Vault, audit: AuditLog, actor: Actor, body: CredentialCreate) -> CredentialRead:
    """Seal a new credential."""
    check_everywhere(actor, Permission.CREDENTIALS_CREATE)
    credentials = vault.credentials
    credential = Credential(**body.model_dump(exclude={"secret"}), kind=body.secret.kind)
    await _check_selector(credentials, credential.allowed_targets)
    credentials.add(credential)
    await _flush(credentials, body.name)
    await _store(vault, actor, credential, body.secret, body.model_dump(include=set(_DATES), exclude_none=True))
    audit.record(actor, "credential.created", "credential", credential.id, after=_facts(credential))
    return _read(credential, [])


async def get(credentials: CredentialRepository, actor: Actor, credential_id: UUID) -> CredentialRead:
    """One credential, without its secret."""
    return await _read_one(credentials, actor, await get_credential(credentials, actor, credential_id))


async def update(
    credentials: CredentialRepository,
    uses: UsesRepository,
    audit: AuditLog,
    actor: Actor,
    credential_id: UUID,
    body: CredentialUpdate,
) -> CredentialRead:
    """Change what is known about a credential; what is absent stays.

    Raises:
        CredentialInUseError: It would get another name, and parameters of jobs say the one it has.
    """
    credential = await get_credential(credentials, actor, credential_id, Permission.CREDENTIALS_EDIT)
    before = _facts(credential)
    changes = body.model_dump(exclude_unset=True)
    nulls = [name for name in ("name", "description") if name in changes and changes[name] is None]
    if nulls:
        raise InvalidInputError([Problem(name, "must not be null; leave it out to keep it") for name in nulls])
    if credential.dated_by_certificate and changes.keys() & set(_DATES):
        raise DatedByCertificateError(credential.name)
    if body.name is not None and body.name.lower() != credential.name.lower():
        await _check_unnamed(uses, actor, credential)
    await _check_selector(credentials, changes.get("allowed_targets"))
    for name, value in changes.items():
        setattr(credential, name, value)
    check_order(credential)
    credential.updated_at = now()
    await _flush(credentials, credential.name)
    audit.record(actor, "credential.updated", "credential", credential.id, before=before, after=_facts(credential))
    return await _read_one(credentials, actor, credential)


async def rotate(
    vault: Vault, audit: AuditLog, actor: Actor, credential_id: UUID, body: CredentialRotate
) -> CredentialRead:
    """A new secret as a new version; runs that started keep the version they had."""
    credential = await get_credential(vault.credentials, actor, credential_id, Permission.CREDENTIALS_EDIT)
    if body.secret.kind != credential.kind:
        raise CredentialKindError(credential.name, credential.kind)
    before = _facts(credential)
    await vault.credentials.retire(credential.id)
    credential.version += 1
    credential.next_rotation_date = body.next_rotation_date
    if credential.dated_by_certificate:
        credential.valid_from = credential.valid_until = None
    given = body.model_dump(include=set(_DATES), exclude_unset=True)
    for name, value in given.items():
        setattr(credential, name, value)
    await _store(vault, actor, credential, body.secret, given)
    credential.rotated_at = credential.updated_at = now()
    audit.record(actor, "credential.rotated", "credential", credential.id, before=before, after=_facts(credential))
    return await _read_one(vault.credentials, actor, credential)


async def delete(
    credentials: CredentialRepository, uses: UsesRepository, audit: AuditLog, actor: Actor, credential_id: UUID
) -> None:
    """Remove a credential that nothing uses, and roles in it. Its block goes when no run needs it any more."""
    credential = await get_credential(credentials, actor, credential_id, Permission.CREDENTIALS_DELETE)
    found = await uses.find(actor, credential)
    if any(use.total for use in found.values()):
        raise CredentialInUseError(credential.name, {way: use.named() for way, use in found.items()})
    await credentials.retire(credential.id)
    await credentials.delete(credential)
    try:
        await credentials.flush()
    except IntegrityError as error:  # something began to use it meanwhile
        raise CredentialInUseError(credential.name, {"others": ["1 more"]}) from error
    revoked = list(await credentials.revoke_grants(credential.id))
    audit.record(
        actor, "credential.deleted", "credential", credential.id, before=_facts(credential), grants_revoked=revoked
    )


async def list_uses(
    credentials: CredentialRepository, uses: UsesRepository, actor: Actor, credential_id: UUID
) -> CredentialUsesRead:
    """Everything that uses a credential."""
    found = await uses.find(actor, await get_credential(credentials, actor, credential_id))
    read = {
        way: UsesRead(total=use.total, items=[UseRead(id=key, name=name) for key, name in use.items])
        for way, use in found.items()
    }
    return CredentialUsesRead(**read)


async def export(credentials: CredentialRepository, audit: AuditLog, actor: Actor) -> CredentialsExport:
    """All credentials in sight, without their secrets."""
    found = await credentials.list_all(actor)
    audit.record(actor, "credentials.exported", "credential", "", count=len(found))
    return CredentialsExport(exported_at=now(), credentials=[CredentialExport.model_validate(row) for row in found])


async def get_credential(
    credentials: CredentialRepository,
    actor: Actor,
    credential_id: UUID,
    permission: Permission = Permission.CREDENTIALS_VIEW,
) -> Credential:
    """The credential, if the actor may do this to it; locked for a change.

    Raises:
        NotFoundError: It is absent or out of sight.
        PermissionDeniedError: They may not.
    """
    lock = permission in (Permission.CREDENTIALS_EDIT, Permission.CREDENTIALS_DELETE)
    credential = await credentials.find(actor, credential_id, lock=lock)
    if credential is None:
        raise NotFoundError("credential", credential_id)
    check_credentials(actor, permission, [(credential.id, credential.name)])
    return credential


async def _store(
    vault: Vault, actor: Actor, credential: Credential, secret: CredentialSecretIn, dates: Mapping[str, Any]
) -> None:
    """Seal the secret, and keep with the credential what may be known of it."""
    await vault.credentials.hold_keys()
    sealed = await vault.sealer.seal(credential.kind, in_clear(secret), credential.id, credential.version)
    if sealed.validity is not None:
        if dates:
            hint = "leave it out"
            raise InvalidInputError([Problem(name, "is said by the certificate", hint) for name in sorted(dates)])
        credential.valid_from, credential.valid_until = sealed.validity.since, sealed.validity.until
    elif "valid_until" not in dates:
        check_renewed(credential, now())
    credential.dated_by_certificate = sealed.validity is not None
    credential.username, credential.details = sealed.username, dict(sealed.details)
    check_order(credential)
    document = await vault.gateway.save_block(sealed.order)
    vault.credentials.add(
        CredentialVersion(
            credential_id=credential.id,
            version=credential.version,
            block_document_id=document,
            created_by=actor.username,
        )
    )


async def _check_unnamed(uses: UsesRepository, actor: Actor, credential: Credential) -> None:
    """Jobs name it by its name: they would find none, or whoever has that name next."""
    naming = (await uses.find(actor, credential))["parameters"]
    if naming.total:
        raise CredentialInUseError(credential.name, {"parameters": naming.named()})


async def _check_selector(credentials: CredentialRepository, select: str | None) -> None:
    """A group that is written otherwise than it is would let `not group:…` out everywhere."""
    if select is None:
        return
    try:
        patterns = group_patterns(parse_selector(select))
    except InvalidInputError as error:
        raise InvalidInputError([replace(found, path="allowed_targets") for found in error.problems]) from error
    names = [name for name in sorted(patterns) if "*" not in name and "?" not in name]
    known = await credentials.group_names(names)
    wrong = {name: known.get(name.lower()) for name in names if known.get(name.lower()) != name}
    problems = [
        Problem("allowed_targets", f"there is no group {name}", f"did you mean {there}?" if there else "make it first")
        for name, there in wrong.items()
    ]
    if problems:
        raise InvalidInputError(problems)


def _facts(credential: Credential) -> dict[str, Any]:
    return credential.model_dump(mode="json", include=_FACTS)


async def _read_one(credentials: CredentialRepository, actor: Actor, credential: Credential) -> CredentialRead:
    users = await credentials.users_of(actor, [credential.id])
    return _read(credential, users.get(credential.id, []))


def _read(credential: Credential, users: Sequence[str]) -> CredentialRead:
    read, moment = CredentialRead.model_validate(credential), now()
    read.used_by = list(users)
    read.valid = is_valid(credential, moment)
    read.expires_in_days = days_left(credential, moment)
    read.rotation_due = is_rotation_due(credential, moment)
    return read


async def _flush(credentials: CredentialRepository, name: str) -> None:
    try:
        await credentials.flush()
    except IntegrityError as error:
        if "credentials_name_key" in str(error.orig):
            raise CredentialNameTakenError(name) from error
        raise
