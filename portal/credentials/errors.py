"""Errors of the credentials module."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from opsconductor.errors import ConflictError, TooManyRequestsError
from portal.authz.actor import Actor

_NAMED = 5


class CredentialNameTakenError(ConflictError):
    """Another credential has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"a credential named {name} exists already")
        self.name = name


class CredentialInUseError(ConflictError):
    """Something uses the credential."""

    def __init__(self, name: str, users: Mapping[str, Sequence[str]]) -> None:
        listed = "; ".join(f"{how}: {', '.join(names)}" for how, names in users.items() if names)
        super().__init__(f"credential {name} is used by {listed}. Give these another one first")
        self.name = name
        self.users = {how: tuple(names) for how, names in users.items()}


class CredentialKindError(ConflictError):
    """A credential keeps its kind; a secret of another kind is another credential."""

    def __init__(self, name: str, kind: str) -> None:
        super().__init__(f"credential {name} is of kind {kind} and keeps it; add another credential instead")
        self.name = name
        self.kind = kind


class CredentialExpiredError(ConflictError):
    """A credential has expired, or is not good yet."""

    def __init__(self, refused: Sequence[tuple[str, datetime | None, datetime | None]], moment: datetime) -> None:
        said: list[str] = []
        for name, since, until in refused[:_NAMED]:
            if until is not None and moment >= until:
                said.append(f"credential {name} expired at {until:%Y-%m-%d %H:%M} UTC")
            else:
                said.append(f"credential {name} is not good before {since:%Y-%m-%d %H:%M} UTC")
        more = f" and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
        super().__init__(f"{'; '.join(said)}{more}. Rotate it, or change its dates; nothing was started")
        self.names = tuple(name for name, _, _ in refused)


class CredentialNotAllowedError(ConflictError):
    """A credential may not be used on a target."""

    def __init__(self, name: str, targets: Sequence[str], allowed: str | None) -> None:
        more = f" and {len(targets) - _NAMED} more" if len(targets) > _NAMED else ""
        where = f"it is for `{allowed}` only" if allowed else "it is bound to none of the target, its groups"
        super().__init__(f"credential {name} may not be used on {', '.join(targets[:_NAMED])}{more}: {where}")
        self.name = name
        self.targets = tuple(targets)


class DatedByCertificateError(ConflictError):
    """The dates of a credential with a certificate are the certificate's."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the dates of credential {name} are those of its certificate; rotate it to change them")
        self.name = name


class TooManyRevealsError(TooManyRequestsError):
    """Somebody looks at more secrets than one person needs."""

    def __init__(self, actor: Actor, retry_after_seconds: int) -> None:
        super().__init__(
            f"too many secrets were revealed to you; try again in {retry_after_seconds} s",
            retry_after_seconds=retry_after_seconds,
        )
        self.actor = actor
