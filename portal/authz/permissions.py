"""What can be permitted."""

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


ADMIN = frozenset(Permission)
"""The one admin of a new installation may do everything."""
