"""What the events endpoints depend on."""

from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection

from portal.authz.actor import Actor
from portal.authz.guard import require_briefly
from portal.authz.permissions import Permission
from portal.kit.listener import Listener


async def get_listener(connection: HTTPConnection) -> Listener:
    """Hears of changes."""
    return connection.app.state.listener


ListenerDep = Annotated[Listener, Depends(get_listener)]
MayWatch = Annotated[Actor, Depends(require_briefly(Permission.JOBS_VIEW))]
