"""Errors of rights."""

from opsconductor.errors import NotAllowedError

from .actor import Actor
from .permissions import Permission


class PermissionDeniedError(NotAllowedError):
    """The signed-in user lacks the permission, at all or for these things; the attempt is on record."""

    def __init__(self, permission: Permission, actor: Actor, on: str = "") -> None:
        super().__init__(f"this needs the permission {permission}{f' for {on}' if on else ''}")
        self.permission = permission
        self.actor = actor


class ApiTokenNotAllowedError(NotAllowedError):
    """An API token tried what only people may do; the attempt is on record."""

    def __init__(self, actor: Actor) -> None:
        super().__init__("an API token cannot do this; sign in yourself: opsconductor login")
        self.actor = actor
