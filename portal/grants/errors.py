"""Errors of the grants module."""

from opsconductor.errors import ConflictError


class GrantExistsError(ConflictError):
    """The user has this role there already."""

    def __init__(self, username: str, role: str) -> None:
        super().__init__(f"{username} has the role {role} there already")
        self.username = username
        self.role = role
