"""What the credentials endpoints depend on."""

from typing import Annotated

from fastapi import Depends

from portal.authz.actor import Actor
from portal.authz.guard import require
from portal.authz.permissions import Permission
from portal.gateway import GatewayDep
from portal.identity.deps import SettingsDep
from portal.kit.database import SessionDep

from .repository import CredentialRepository
from .sealing import Sealer
from .service import Vault


def get_credentials(session: SessionDep) -> CredentialRepository:
    """Credentials."""
    return CredentialRepository(session)


CredentialsDep = Annotated[CredentialRepository, Depends(get_credentials)]


def get_vault(credentials: CredentialsDep, settings: SettingsDep, gateway: GatewayDep) -> Vault:
    """What keeping a secret takes."""
    return Vault(credentials, Sealer(settings.keyring_file), gateway)


VaultDep = Annotated[Vault, Depends(get_vault)]
MayView = Annotated[Actor, Depends(require(Permission.CREDENTIALS_VIEW))]
MayCreate = Annotated[Actor, Depends(require(Permission.CREDENTIALS_CREATE))]
MayEdit = Annotated[Actor, Depends(require(Permission.CREDENTIALS_EDIT))]
MayDelete = Annotated[Actor, Depends(require(Permission.CREDENTIALS_DELETE))]
