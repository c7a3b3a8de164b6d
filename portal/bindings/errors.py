"""Errors of the bindings module."""

from opsconductor.errors import ConflictError


class NotBoundError(ConflictError):
    """The credential is not bound there."""

    def __init__(self, credential: str, place: str, name: str) -> None:
        super().__init__(f"credential {credential} is not bound to {place} {name}")
        self.credential = credential
        self.place = place
        self.name = name


class BindingChangedError(ConflictError):
    """Somebody else bound a credential to the same place at the same time."""

    def __init__(self, place: str, name: str) -> None:
        super().__init__(f"somebody else bound a credential to {place} {name} just now; look at it and try again")
        self.place = place
        self.name = name
