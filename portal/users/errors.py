"""Errors of the users module."""

from opsconductor.errors import ConflictError


class UsernameTakenError(ConflictError):
    """Another user has this name."""

    def __init__(self, username: str) -> None:
        super().__init__(f"a user named {username} exists already")
        self.username = username


class LastAdminError(ConflictError):
    """Nobody would be left who may do everything."""

    def __init__(self, username: str) -> None:
        super().__init__(
            f"{username} is the last active admin: make somebody else an admin first; "
            "only then can this one be disabled, deleted or given another role"
        )
        self.username = username
