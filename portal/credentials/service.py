"""What can be done to credentials."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy.exc import IntegrityError

from opsconductor.errors import NotFoundError
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_credentials, check_everywhere
from portal.gateway import Gateway
from portal.kit.ids import now
from portal.kit.pages import PageParams, paged

from .errors import CredentialInUseError, CredentialKindError, CredentialNameTakenError
from .models import Credential, CredentialVersion
from .repository import CredentialRepository
from .schemas import CredentialCreate, CredentialRead, CredentialSecretIn, CredentialUpdate, Kind
from .sealing import Sealer


@dataclass(frozen=True, slots=True)
class Vault:
    """What keeping a secret takes: our row, the envelope, and Prefect's block."""

    credentials: CredentialRepository
    sealer: Sealer
    gateway: Gateway


async def list_credentials(
    credentials: CredentialRepository, actor: Actor, page: PageParams, kind: Kind | None, q: str | None, sort: str
) -> dict[str, Any]:
    """One page of credentials."""
    found = await credentials.list_page(actor, page, kind=kind, q=q, sort=sort)
    users = await credentials.users_of([row.id for row in found.items])
    return paged(found, lambda row: _read(row, users.get(row.id, [])))


async def create(vault: Vault, audit: AuditLog, actor: Actor, body: CredentialCreate) -> CredentialRead:
    """Seal a new credential."""
    check_everywhere(actor, Permission.CREDENTIALS_CREATE)
    credentials = vault.credentials
    credential = Credential(
        name=body.name,
        kind=body.secret.kind,
        username=_username(body.secret),
        description=body.description,
    )
    credentials.add(credential)
    await _flush(credentials, body.name)
    await _store(vault, actor, credential, body.secret)
    audit.record(actor, "credential.created", "credential", credential.id, after=_facts(credential))
    return _read(credential, [])


async def get(credentials: CredentialRepository, actor: Actor, credential_id: UUID) -> CredentialRead:
    """One credential, without its secret."""
    credential = await _get(credentials, actor, credential_id)
    return _read(credential, (await credentials.users_of([credential.id])).get(credential.id, []))


async def update(
    vault: Vault, audit: AuditLog, actor: Actor, credential_id: UUID, body: CredentialUpdate
) -> CredentialRead:
    """Change what is known about a credential, or its secret; runs that started keep the version they had."""
    credentials = vault.credentials
    credential = await _get(credentials, actor, credential_id, Permission.CREDENTIALS_EDIT)
    before = _facts(credential)
    if body.name is not None:
        credential.name = body.name
    if body.description is not None:
        credential.description = body.description
    credential.updated_at = now()
    if body.secret is not None:
        if body.secret.kind != credential.kind:
            raise CredentialKindError(credential.name, credential.kind)
        await credentials.retire(credential.id)
        credential.username = _username(body.secret)
        credential.version += 1
    await _flush(credentials, credential.name)
    if body.secret is not None:
        await _store(vault, actor, credential, body.secret)
    event = "credential.rotated" if body.secret is not None else "credential.updated"
    audit.record(actor, event, "credential", credential.id, before=before, after=_facts(credential))
    return _read(credential, (await credentials.users_of([credential.id])).get(credential.id, []))


async def delete(credentials: CredentialRepository, audit: AuditLog, actor: Actor, credential_id: UUID) -> None:
    """Remove a credential that no target signs in with. Its block goes when no run needs it any more."""
    credential = await _get(credentials, actor, credential_id, Permission.CREDENTIALS_DELETE)
    users = (await credentials.users_of([credential.id])).get(credential.id)
    if users:
        raise CredentialInUseError(credential.name, users)
    await credentials.retire(credential.id)
    await credentials.delete(credential)
    try:
        await credentials.flush()
    except IntegrityError as error:  # a target began to use it meanwhile
        raise CredentialInUseError(credential.name, ["a target"]) from error
    audit.record(actor, "credential.deleted", "credential", credential.id, before=_facts(credential))


async def _store(vault: Vault, actor: Actor, credential: Credential, secret: CredentialSecretIn) -> None:
    clear = {
        name: value.get_secret_value()
        for name in type(secret).model_fields
        if isinstance(value := getattr(secret, name), SecretStr)
    }
    if credential.username:
        clear["username"] = credential.username
    order = await vault.sealer.seal(credential.kind, clear, credential.id, credential.version)
    document = await vault.gateway.save_block(order)
    vault.credentials.add(
        CredentialVersion(
            credential_id=credential.id,
            version=credential.version,
            block_document_id=document,
            created_by=actor.username,
        )
    )


async def _get(
    credentials: CredentialRepository,
    actor: Actor,
    credential_id: UUID,
    permission: Permission = Permission.CREDENTIALS_VIEW,
) -> Credential:
    """The credential, if the actor may do this to it; locked unless it is only looked at."""
    credential = await credentials.find(actor, credential_id, lock=permission is not Permission.CREDENTIALS_VIEW)
    if credential is None:
        raise NotFoundError("credential", credential_id)
    check_credentials(actor, permission, [(credential.id, credential.name)])
    return credential


def _username(secret: CredentialSecretIn) -> str:
    return getattr(secret, "username", "")


def _facts(credential: Credential) -> dict[str, Any]:
    return credential.model_dump(mode="json", include={"name", "kind", "username", "description", "version"})


def _read(credential: Credential, users: list[str]) -> CredentialRead:
    read = CredentialRead.model_validate(credential)
    read.used_by = users
    return read


async def _flush(credentials: CredentialRepository, name: str) -> None:
    try:
        await credentials.flush()
    except IntegrityError as error:
        if "credentials_name_key" in str(error.orig):
            raise CredentialNameTakenError(name) from error
        raise
