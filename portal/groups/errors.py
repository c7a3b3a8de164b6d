"""Errors of the groups module."""

from collections.abc import Sequence

from opsconductor.errors import ConflictError, InvalidInputError, Problem

_NAMED = 5


class GroupNameTakenError(ConflictError):
    """Another group has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a group named {name} exists already")
        self.name = name


class GroupCycleError(InvalidInputError):
    """A group would contain itself, by nesting or by its selector."""

    def __init__(self, names: Sequence[str]) -> None:
        way = " → ".join(names)
        super().__init__([Problem("", f"a group would contain itself: {way}", "take one of them out of the other")])
        self.names = names


class GroupInUseError(ConflictError):
    """Something names the group."""

    def __init__(self, name: str, users: Sequence[str]) -> None:
        more = f" and {len(users) - _NAMED} more" if len(users) > _NAMED else ""
        super().__init__(f"group {name} is used by {', '.join(users[:_NAMED])}{more}; change them first, or force it")
        self.users = users


class GroupFilledError(ConflictError):
    """A group with a selector takes its members from it alone."""

    def __init__(self, name: str) -> None:
        super().__init__(f"group {name} has members or groups inside it; take them out before it gets a selector")
        self.name = name
