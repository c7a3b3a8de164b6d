"""What the connection test endpoints depend on."""

from typing import Annotated

from fastapi import Depends

from portal.authz.actor import Actor
from portal.authz.guard import require
from portal.authz.permissions import Permission
from portal.kit.database import SessionDep

from .repository import ConnectionRepository


def get_connections(session: SessionDep) -> ConnectionRepository:
    """Connection tests."""
    return ConnectionRepository(session)


ConnectionsDep = Annotated[ConnectionRepository, Depends(get_connections)]
MayConnect = Annotated[Actor, Depends(require(Permission.TARGETS_CONNECT))]
MayUse = Annotated[Actor, Depends(require(Permission.CREDENTIALS_USE))]
MayView = Annotated[Actor, Depends(require(Permission.TARGETS_VIEW))]
