"""Errors of the credentials module."""

from collections.abc import Sequence

from opsconductor.errors import ConflictError


class CredentialNameTakenError(ConflictError):
    """Another credential has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a credential named {name} exists already")
        self.name = name


class CredentialInUseError(ConflictError):
    """Targets sign in with the credential."""

    def __init__(self, name: str, targets: Sequence[str]) -> None:
        super().__init__(f"credential {name} is used by {', '.join(targets)}; give these targets another one first")
        self.name = name
        self.targets = tuple(targets)


class CredentialKindError(ConflictError):
    """A credential keeps its kind; a secret of another kind is another credential."""

    def __init__(self, name: str, kind: str) -> None:
        super().__init__(f"credential {name} is of kind {kind} and keeps it; add another credential instead")
        self.name = name
        self.kind = kind
