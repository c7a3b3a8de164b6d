"""Nobody gives what they do not hold themselves."""

from collections.abc import Iterable
from uuid import UUID

from .actor import Actor, Scope
from .errors import PermissionDeniedError
from .permissions import Permission, PlaceKind


def check_within(actor: Actor, permissions: Iterable[Permission], on: str) -> None:
    """Refuse what would reach rights that the actor does not have everywhere.

    Raises:
        PermissionDeniedError: Names the first one that is lacking.
    """
    lacking = sorted(set(permissions) - actor.permissions)
    if lacking:
        raise PermissionDeniedError(lacking[0], actor, on)


def check_within_place(actor: Actor, permissions: Iterable[Permission], kind: PlaceKind, place: str, on: str) -> None:
    """Refuse what would reach rights that the actor does not have in one place.

    Args:
        actor: Who gives.
        permissions: What they give.
        kind: Kind of the place.
        place: Name of a target group, path of a job folder, or key of a credential.
        on: What it would be reached through, for the refusal.

    Raises:
        PermissionDeniedError: Names the first one that is lacking.
    """
    lacking = sorted(item for item in set(permissions) if not _covers(actor.scope(item), kind, place))
    if lacking:
        raise PermissionDeniedError(lacking[0], actor, on)


def _covers(scope: Scope, kind: PlaceKind, place: str) -> bool:
    match kind:
        case "target_group":
            return scope.covers_target([place])
        case "job_folder":
            return scope.covers_job(place)
        case "credential":
            return scope.covers_credential(UUID(place))
