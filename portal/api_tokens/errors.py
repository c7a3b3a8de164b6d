"""Errors of the API tokens module."""

from opsconductor.errors import ConflictError


class ApiTokenNameTakenError(ConflictError):
    """The owner has another token of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"you have a token named {name} already; revoke it first, or choose another name")
        self.name = name
