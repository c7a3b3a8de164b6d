"""What a scope reaches, as conditions of queries. Every repository starts from one of these."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, cast, false, or_, true
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlmodel import col

from .actor import Actor, Scope
from .errors import PermissionDeniedError
from .permissions import Permission

_NAMED = 5


def in_groups(scope: Scope, groups: Any) -> ColumnElement[bool]:
    """Targets whose groups (a JSONB list of names) are in the scope."""
    if scope.everywhere:
        return true()
    return col(groups).op("?|")(cast(sorted(scope.groups), ARRAY(TEXT))) if scope.groups else false()


def in_folders(scope: Scope, folder: Any) -> ColumnElement[bool]:
    """Jobs whose folder is in the scope, or below one that is."""
    if scope.everywhere:
        return true()
    below = [col(folder).startswith(f"{own}/", autoescape=True) for own in sorted(scope.folders)]
    return or_(col(folder).in_(sorted(scope.folders)), *below) if scope.folders else false()


def among(scope: Scope, key: Any) -> ColumnElement[bool]:
    """Credentials that are in the scope."""
    return true() if scope.everywhere else col(key).in_(sorted(scope.credentials))


def check_everywhere(actor: Actor, permission: Permission) -> None:
    """For what belongs to no group, folder or credential.

    Raises:
        PermissionDeniedError: They have the permission in some places only, or nowhere.
    """
    if permission not in actor.permissions:
        raise PermissionDeniedError(permission, actor)


def check_targets(actor: Actor, permission: Permission, targets: Iterable[tuple[str, list[str]]]) -> None:
    """For targets, each given by its name and groups.

    Raises:
        PermissionDeniedError: They do not have the permission for one of them.
    """
    scope = actor.scope(permission)
    refused = [name for name, groups in targets if not scope.covers_target(groups)]
    if refused:
        more = f" and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
        raise PermissionDeniedError(permission, actor, f"target {', '.join(refused[:_NAMED])}{more}")


def check_groups(actor: Actor, permission: Permission, groups: Iterable[tuple[str, list[str]]]) -> None:
    """For groups of targets, each given by its name and the names that its targets carry because of it.

    Raises:
        PermissionDeniedError: They do not have the permission for one of them.
    """
    scope = actor.scope(permission)
    refused = sorted(name for name, names in groups if not scope.covers_target(names))
    if refused:
        raise PermissionDeniedError(permission, actor, f"group {', '.join(refused[:_NAMED])}")


def check_job(actor: Actor, permission: Permission, folder: str) -> None:
    """For a job in this folder.

    Raises:
        PermissionDeniedError: They do not have the permission there.
    """
    if not actor.scope(permission).covers_job(folder):
        raise PermissionDeniedError(permission, actor, f"jobs in the folder {folder or '/'}")


def check_credentials(actor: Actor, permission: Permission, credentials: Iterable[tuple[UUID, str]]) -> None:
    """For credentials, each given by its key and name.

    Raises:
        PermissionDeniedError: They do not have the permission for one of them.
    """
    scope = actor.scope(permission)
    refused = [name for key, name in credentials if not scope.covers_credential(key)]
    if refused:
        raise PermissionDeniedError(permission, actor, f"credential {', '.join(refused)}")
