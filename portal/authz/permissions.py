"""What can be permitted."""

from collections.abc import Iterable
from enum import StrEnum


class Permission(StrEnum):
    """`nouns:verb`. Roles and grants say who has which."""

    JOBS_VIEW = "jobs:view"
    JOBS_CREATE = "jobs:create"
    JOBS_EDIT = "jobs:edit"
    JOBS_DELETE = "jobs:delete"
    JOBS_RUN = "jobs:run"
    JOBS_CANCEL = "jobs:cancel"
    SCHEDULES_MANAGE = "schedules:manage"
    CREDENTIALS_VIEW = "credentials:view"
    CREDENTIALS_CREATE = "credentials:create"
    CREDENTIALS_EDIT = "credentials:edit"
    CREDENTIALS_DELETE = "credentials:delete"
    CREDENTIALS_USE = "credentials:use"
    CREDENTIALS_REVEAL = "credentials:reveal"
    TARGETS_VIEW = "targets:view"
    TARGETS_CREATE = "targets:create"
    TARGETS_EDIT = "targets:edit"
    TARGETS_DELETE = "targets:delete"
    TARGETS_CONNECT = "targets:connect"
    GROUPS_MANAGE = "groups:manage"
    LIBRARIES_MANAGE = "libraries:manage"
    DISCOVERY_RUN = "discovery:run"
    DISCOVERY_IMPORT = "discovery:import"
    USERS_MANAGE = "users:manage"
    ROLES_MANAGE = "roles:manage"
    SETTINGS_VIEW = "settings:view"
    SETTINGS_EDIT = "settings:edit"
    AUDIT_VIEW = "audit:view"
    APPROVALS_DECIDE = "approvals:decide"


_BY_NAME = {str(permission): permission for permission in Permission}
_VIEWER = frozenset({Permission.JOBS_VIEW, Permission.TARGETS_VIEW, Permission.CREDENTIALS_VIEW})
_OPERATOR = _VIEWER | {
    Permission.JOBS_CREATE,
    Permission.JOBS_EDIT,
    Permission.JOBS_DELETE,
    Permission.JOBS_RUN,
    Permission.JOBS_CANCEL,
    Permission.SCHEDULES_MANAGE,
    Permission.CREDENTIALS_USE,
    Permission.TARGETS_CREATE,
    Permission.TARGETS_EDIT,
    Permission.TARGETS_DELETE,
    Permission.TARGETS_CONNECT,
    Permission.GROUPS_MANAGE,
    Permission.DISCOVERY_RUN,
    Permission.DISCOVERY_IMPORT,
    Permission.APPROVALS_DECIDE,
    Permission.SETTINGS_VIEW,
}

BUILT_IN_ROLES: dict[str, frozenset[Permission]] = {
    "admin": frozenset(Permission),
    "operator": frozenset(_OPERATOR),
    "viewer": _VIEWER,
}
"""Roles that every installation has. What they hold is said here, not in the database."""


def held_by(role: str, stored: Iterable[str], *, built_in: bool) -> frozenset[Permission]:
    """The permissions of a role; names that this version does not know are left out."""
    if built_in:
        return BUILT_IN_ROLES.get(role, frozenset())
    return frozenset(_BY_NAME[name] for name in stored if name in _BY_NAME)
