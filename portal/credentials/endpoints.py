"""HTTP surface of credentials."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from portal.audit.log import AuditDep
from portal.kit.pages import Page, PageDep
from portal.kit.problems import problems
from portal.kit.text import Line

from . import service
from .deps import CredentialsDep, MayCreate, MayDelete, MayEdit, MayView, VaultDep
from .schemas import CredentialCreate, CredentialRead, CredentialUpdate, Kind

router = APIRouter(prefix="/credentials", tags=["credentials"])


@router.get("", response_model=Page[CredentialRead], responses=problems())
async def list_credentials(
    actor: MayView,
    credentials: CredentialsDep,
    page: PageDep,
    kind: Kind | None = None,
    q: Annotated[Line | None, Query(description="Part of a name.")] = None,
    sort: Annotated[Line, Query(description="name or created_at; `-` before it: backwards.")] = "name",
) -> dict[str, Any]:
    """Credentials, a page at a time; never their secrets."""
    return await service.list_credentials(credentials, actor, page, kind, q, sort)


@router.post("", status_code=201, responses=problems(409, 503))
async def create_credential(
    body: CredentialCreate, actor: MayCreate, vault: VaultDep, audit: AuditDep
) -> CredentialRead:
    """Seal a new credential."""
    return await service.create(vault, audit, actor, body)


@router.get("/{credential_id}", responses=problems(404))
async def read_credential(credential_id: UUID, actor: MayView, credentials: CredentialsDep) -> CredentialRead:
    """One credential, without its secret."""
    return await service.get(credentials, actor, credential_id)


@router.patch("/{credential_id}", responses=problems(404, 409, 503))
async def update_credential(
    credential_id: UUID,
    body: CredentialUpdate,
    actor: MayEdit,
    vault: VaultDep,
    audit: AuditDep,
) -> CredentialRead:
    """Change a credential; a new secret is a new version, and runs that started keep the one they had."""
    return await service.update(vault, audit, actor, credential_id, body)


@router.delete("/{credential_id}", status_code=204, responses=problems(404, 409))
async def delete_credential(
    credential_id: UUID, actor: MayDelete, credentials: CredentialsDep, audit: AuditDep
) -> None:
    """Remove a credential that no target signs in with."""
    await service.delete(credentials, audit, actor, credential_id)
