"""What the bundles endpoints depend on."""

from typing import Annotated

from fastapi import Depends

from portal.kit.database import SessionDep

from .savepoints import Savepoints


def get_savepoints(session: SessionDep) -> Savepoints:
    """Savepoints of the request's transaction."""
    return Savepoints(session)


SavepointsDep = Annotated[Savepoints, Depends(get_savepoints)]
