"""What the credentials endpoints depend on."""

from typing import Annotated

from fastapi import Depends

from portal.authz.actor import Actor
from portal.authz.guard import require
from portal.authz.permissions import Permission
from portal.kit.database import SessionDep

from .repository import CredentialRepository


def get_credentials(session: SessionDep) -> CredentialRepository:
    """Credentials."""
    return CredentialRepository(session)


CredentialsDep = Annotated[CredentialRepository, Depends(get_credentials)]
MayView = Annotated[Actor, Depends(require(Permission.CREDENTIALS_VIEW))]
MayCreate = Annotated[Actor, Depends(require(Permission.CREDENTIALS_CREATE))]
MayEdit = Annotated[Actor, Depends(require(Permission.CREDENTIALS_EDIT))]
MayDelete = Annotated[Actor, Depends(require(Permission.CREDENTIALS_DELETE))]
