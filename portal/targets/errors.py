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

    def __init__(self, name: str, users: Sequence[str], out_of_sight: int) -> None:
        shown = ", ".join(users[:_NAMED])
        more = len(users[_NAMED:]) + out_of_sight
        rest = f" and {more} more" if shown else f"{more} out of your sight"
        listed = shown + (rest if more else "")
        super().__init__(f"target {name} is named by selectors: {listed}; change them first, or force it")
        self.users = users
