"""What the credentials endpoints depend on."""

from typing import Annotated

from fastapi import Depends, Query

from portal.authz.actor import Actor
from portal.authz.guard import PersonGuard, require
from portal.authz.permissions import Permission
from portal.gateway import GatewayDep
from portal.identity.deps import SettingsDep
from portal.kit.database import SessionDep
from portal.kit.text import Line

from .repository import CredentialFilter, CredentialRepository
from .schemas import Kind
from .sealing import Sealer
from .service import Vault
from .uses import UsesRepository

Days = Annotated[int | None, Query(ge=0, le=3660)]


def get_credentials(session: SessionDep) -> CredentialRepository:
    """Credentials."""
    return CredentialRepository(session)


def get_uses(session: SessionDep) -> UsesRepository:
    """What uses credentials."""
    return UsesRepository(session)


CredentialsDep = Annotated[CredentialRepository, Depends(get_credentials)]
UsesDep = Annotated[UsesRepository, Depends(get_uses)]


def get_filter(
    kind: Kind | None = None,
    q: Annotated[Line | None, Query(description="Part of a name.")] = None,
    expiring_within_days: Days = None,
    rotation_within_days: Days = None,
    sort: Annotated[
        Line,
        Query(
            description="name, created_at, valid_until, next_rotation_date or last_used_at; `-` before it: backwards."
        ),
    ] = "name",
) -> CredentialFilter:
    """Which credentials to list."""
    return CredentialFilter(kind, q, expiring_within_days, rotation_within_days, sort)


def get_vault(credentials: CredentialsDep, settings: SettingsDep, gateway: GatewayDep) -> Vault:
    """What keeping a secret takes."""
    return Vault(credentials, Sealer(settings.keyring_file), gateway)


FilterDep = Annotated[CredentialFilter, Depends(get_filter)]
VaultDep = Annotated[Vault, Depends(get_vault)]
MayView = Annotated[Actor, Depends(require(Permission.CREDENTIALS_VIEW))]
MayCreate = Annotated[Actor, Depends(require(Permission.CREDENTIALS_CREATE))]
MayEdit = Annotated[Actor, Depends(require(Permission.CREDENTIALS_EDIT))]
MayDelete = Annotated[Actor, Depends(require(Permission.CREDENTIALS_DELETE))]
MayReveal = Annotated[Actor, Depends(PersonGuard(Permission.CREDENTIALS_REVEAL))]
