"""HTTP surface of credentials."""

from typing import Any
from uuid import UUID

from portal.audit.log import AuditDep
from portal.identity.deps import SettingsDep
from portal.kit.pages import Page, PageDep
from portal.kit.problems import problems
from portal.kit.routing import Router

from . import access, service
from .deps import (
    CredentialsDep,
    FilterDep,
    MayCreate,
    MayDelete,
    MayEdit,
    MayReveal,
    MayView,
    UsesDep,
    VaultDep,
)
from .schemas import (
    AccessRead,
    CredentialCreate,
    CredentialRead,
    CredentialRotate,
    CredentialsExport,
    CredentialUpdate,
    CredentialUsesRead,
    RevealRead,
    RevealRequest,
)

router = Router(prefix="/credentials", tags=["credentials"])


@router.get("", response_model=Page[CredentialRead], responses=problems())
async def list_credentials(
    actor: MayView, credentials: CredentialsDep, wanted: FilterDep, page: PageDep
) -> dict[str, Any]:
    """Credentials, a page at a time; never their secrets."""
    return await service.list_credentials(credentials, actor, wanted, page)


@router.post("", status_code=201, responses=problems(409, 503))
async def create_credential(
    body: CredentialCreate, actor: MayCreate, vault: VaultDep, audit: AuditDep
) -> CredentialRead:
    """Seal a new credential."""
    return await service.create(vault, audit, actor, body)


@router.get("/export", responses=problems())
async def export_credentials(actor: MayView, credentials: CredentialsDep, audit: AuditDep) -> CredentialsExport:
    """All credentials in sight, for a file: names, kinds and dates, never a secret."""
    return await service.export(credentials, audit, actor)


@router.get("/{credential_id}", responses=problems(404))
async def read_credential(credential_id: UUID, actor: MayView, credentials: CredentialsDep) -> CredentialRead:
    """One credential, without its secret."""
    return await service.get(credentials, actor, credential_id)


@router.patch("/{credential_id}", responses=problems(404, 409))
async def update_credential(
    credential_id: UUID,
    body: CredentialUpdate,
    actor: MayEdit,
    credentials: CredentialsDep,
    uses: UsesDep,
    audit: AuditDep,
) -> CredentialRead:
    """Change what is known about a credential; its secret is changed by rotating it.

    The name that a parameter of a job is filled by stays as long as the job says it.
    """
    return await service.update(credentials, uses, audit, actor, credential_id, body)


@router.post("/{credential_id}/rotate", responses=problems(404, 409, 503))
async def rotate_credential(
    credential_id: UUID, body: CredentialRotate, actor: MayEdit, vault: VaultDep, audit: AuditDep
) -> CredentialRead:
    """Give a credential a new secret as a new version; runs that started keep the one they had."""
    return await service.rotate(vault, audit, actor, credential_id, body)


@router.post("/{credential_id}/reveal", responses=problems(404, 429, 503))
async def reveal_credential(
    credential_id: UUID,
    body: RevealRequest,
    actor: MayReveal,
    vault: VaultDep,
    settings: SettingsDep,
    audit: AuditDep,
) -> RevealRead:
    """The secret in clear. The reason goes on record; so many an hour, and nothing keeps the answer."""
    return await access.reveal(vault, audit, actor, credential_id, body, settings.reveals_per_hour)


@router.get("/{credential_id}/accesses", response_model=Page[AccessRead], responses=problems(404))
async def list_accesses(
    credential_id: UUID, actor: MayEdit, credentials: CredentialsDep, page: PageDep
) -> dict[str, Any]:
    """Who used, tested or saw the secret, the newest first."""
    return await access.list_accesses(credentials, actor, credential_id, page)


@router.get("/{credential_id}/uses", responses=problems(404))
async def list_uses(
    credential_id: UUID, actor: MayView, credentials: CredentialsDep, uses: UsesDep
) -> CredentialUsesRead:
    """What would lack a login without it: targets, groups and jobs."""
    return await service.list_uses(credentials, uses, actor, credential_id)


@router.delete("/{credential_id}", status_code=204, responses=problems(404, 409))
async def delete_credential(
    credential_id: UUID, actor: MayDelete, credentials: CredentialsDep, uses: UsesDep, audit: AuditDep
) -> None:
    """Remove a credential that nothing uses."""
    await service.delete(credentials, uses, audit, actor, credential_id)
