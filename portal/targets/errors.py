"""Errors of the targets module."""

from opsconductor.errors import ConflictError


class TargetNameTakenError(ConflictError):
    """Another target has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a target named {name} exists already")
        self.name = name
