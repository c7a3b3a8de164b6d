"""What can be permitted."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Literal

PlaceKind = Literal["target_group", "job_folder", "credential"]


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


DESCRIPTIONS: Mapping[Permission, str] = {
    Permission.JOBS_VIEW: "See jobs, their versions, and their runs with what they printed.",
    Permission.JOBS_CREATE: "Publish new jobs.",
    Permission.JOBS_EDIT: "Publish new versions of jobs, and change their folder and tags.",
    Permission.JOBS_DELETE: "Take jobs away.",
    Permission.JOBS_RUN: "Start, repeat and resume runs.",
    Permission.JOBS_CANCEL: "Stop runs.",
    Permission.SCHEDULES_MANAGE: "Add, change and remove schedules and triggers of jobs.",
    Permission.CREDENTIALS_VIEW: "See that a credential exists, never its secret.",
    Permission.CREDENTIALS_CREATE: "Seal new credentials.",
    Permission.CREDENTIALS_EDIT: "Change and rotate credentials.",
    Permission.CREDENTIALS_DELETE: "Remove credentials.",
    Permission.CREDENTIALS_USE: "Have runs sign in with a credential.",
    Permission.CREDENTIALS_REVEAL: "Read the secret of a credential in clear, for a reason that is recorded.",
    Permission.TARGETS_VIEW: "See targets.",
    Permission.TARGETS_CREATE: "Add targets.",
    Permission.TARGETS_EDIT: "Change targets and the host keys they may show.",
    Permission.TARGETS_DELETE: "Remove targets.",
    Permission.TARGETS_CONNECT: "Connect to targets: run jobs on them and test them.",
    Permission.GROUPS_MANAGE: "Change groups and who is in them.",
    Permission.LIBRARIES_MANAGE: "Install, enable and disable step libraries.",
    Permission.DISCOVERY_RUN: "Scan networks for hosts.",
    Permission.DISCOVERY_IMPORT: "Make targets of discovered hosts.",
    Permission.USERS_MANAGE: "Add, change and disable users, and give them their role.",
    Permission.ROLES_MANAGE: "Make roles, and grant them in places.",
    Permission.SETTINGS_VIEW: "See settings.",
    Permission.SETTINGS_EDIT: "Change settings.",
    Permission.AUDIT_VIEW: "Read the audit log.",
    Permission.APPROVALS_DECIDE: "Decide approvals and attempts of unknown outcome.",
}

CONFERRED: Mapping[PlaceKind, frozenset[Permission]] = {
    "target_group": frozenset({
        Permission.TARGETS_VIEW, Permission.TARGETS_CREATE, Permission.TARGETS_EDIT, Permission.TARGETS_DELETE,
        Permission.TARGETS_CONNECT, Permission.GROUPS_MANAGE,
    }),
    "job_folder": frozenset({
        Permission.JOBS_VIEW, Permission.JOBS_CREATE, Permission.JOBS_EDIT, Permission.JOBS_DELETE,
        Permission.JOBS_RUN, Permission.JOBS_CANCEL, Permission.SCHEDULES_MANAGE, Permission.APPROVALS_DECIDE,
    }),
    "credential": frozenset({
        Permission.CREDENTIALS_VIEW, Permission.CREDENTIALS_EDIT, Permission.CREDENTIALS_DELETE,
        Permission.CREDENTIALS_USE, Permission.CREDENTIALS_REVEAL,
    }),
}  # fmt: skip
"""What a grant in a place of each kind can give at all. Whatever else its role holds does not count there."""

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
