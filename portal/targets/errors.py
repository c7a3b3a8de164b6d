"""Errors of the targets module."""

from collections.abc import Sequence

from opsconductor.errors import ConflictError

_NAMED = 5


class TargetNameTakenError(ConflictError):
    """Another target has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a target named {name} exists already")
        self.name = name


class TargetNamedError(ConflictError):
    """Selectors say the name of the target."""

    def __init__(self, name: str, users: Sequence[str]) -> None:
        more = f" and {len(users) - _NAMED} more" if len(users) > _NAMED else ""
        super().__init__(f"target {name} is named by {', '.join(users[:_NAMED])}{more}; change them first, or force it")
        self.users = users
