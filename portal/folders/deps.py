"""What the folders endpoints depend on."""

from typing import Annotated

from fastapi import Depends

from portal.authz.actor import Actor
from portal.authz.guard import require
from portal.authz.permissions import Permission
from portal.kit.database import SessionDep

from .repository import FolderRepository


def get_folders(session: SessionDep) -> FolderRepository:
    """Folders."""
    return FolderRepository(session)


FoldersDep = Annotated[FolderRepository, Depends(get_folders)]
MayView = Annotated[Actor, Depends(require(Permission.JOBS_VIEW))]
MayEdit = Annotated[Actor, Depends(require(Permission.JOBS_EDIT))]
