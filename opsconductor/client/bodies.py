"""What requests say.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from datetime import date, datetime
from typing import Any, Literal, Required, TypedDict
from uuid import UUID


class APIKeySecret(TypedDict, total=False):
    """A key that goes into a header of each request."""

    header: str
    key: Required[str]
    kind: Required[Literal["api_key"]]
    prefix: str | None


class ApiTokenCreate(TypedDict, total=False):
    """What a token is for, and what it may do."""

    expires_in_days: int
    name: Required[str]
    scopes: Required[
        list[
            Literal[
                "jobs:view",
                "jobs:create",
                "jobs:edit",
                "jobs:delete",
                "jobs:run",
                "jobs:cancel",
                "schedules:manage",
                "credentials:view",
                "credentials:create",
                "credentials:edit",
                "credentials:delete",
                "credentials:use",
                "credentials:reveal",
                "targets:view",
                "targets:create",
                "targets:edit",
                "targets:delete",
                "targets:connect",
                "groups:manage",
                "libraries:manage",
                "discovery:run",
                "discovery:import",
                "users:manage",
                "roles:manage",
                "settings:view",
                "settings:edit",
                "audit:view",
                "approvals:decide",
            ]
        ]
    ]


class AuditList(TypedDict, total=False):
    """What to ask for."""

    event: str
    actor_name: str
    subject_kind: str
    subject_id: str
    source: str
    request_id: str
    q: str
    since: datetime
    until: datetime
    size: int


class AuditVerify(TypedDict, total=False):
    """What to ask for."""

    entries: int
    head: str


class BearerTokenSecret(TypedDict, total=False):
    """A token for `Authorization: Bearer`."""

    kind: Required[Literal["bearer_token"]]
    token: Required[str]


class CertificateSecret(TypedDict, total=False):
    """An X.509 certificate with its private key."""

    certificate: Required[str]
    chain: str | None
    kind: Required[Literal["certificate"]]
    passphrase: str | None
    private_key: Required[str]


class SSHPasswordSecret(TypedDict, total=False):
    """A login with a password."""

    kind: Required[Literal["ssh_password"]]
    password: Required[str]
    sudo_password: str | None
    username: Required[str]


class SSHKeySecret(TypedDict, total=False):
    """A login with a private key."""

    certificate: str | None
    kind: Required[Literal["ssh_key"]]
    passphrase: str | None
    private_key: Required[str]
    sudo_password: str | None
    username: Required[str]


class WinRMSecret(TypedDict, total=False):
    """A login on a Windows host: a password, or a client certificate."""

    authentication: Literal["ntlm", "kerberos", "basic", "certificate"]
    certificate: str | None
    domain: str | None
    kind: Required[Literal["winrm"]]
    passphrase: str | None
    password: str | None
    private_key: str | None
    username: str | None


class HTTPBasicSecret(TypedDict, total=False):
    """User name and password for HTTP."""

    kind: Required[Literal["http_basic"]]
    password: Required[str]
    username: Required[str]


class TextSecret(TypedDict, total=False):
    """A text for a job's secret parameter."""

    kind: Required[Literal["secret_text"]]
    text: Required[str]


class CredentialCreate(TypedDict, total=False):
    """A new credential."""

    allowed_targets: str | None
    description: str
    name: Required[str]
    next_rotation_date: date | None
    secret: Required[
        SSHPasswordSecret
        | SSHKeySecret
        | WinRMSecret
        | BearerTokenSecret
        | APIKeySecret
        | HTTPBasicSecret
        | CertificateSecret
        | TextSecret
    ]
    valid_from: datetime | None
    valid_until: datetime | None


class CredentialRotate(TypedDict, total=False):
    """A new secret: a new version of the credential."""

    next_rotation_date: date | None
    secret: Required[
        SSHPasswordSecret
        | SSHKeySecret
        | WinRMSecret
        | BearerTokenSecret
        | APIKeySecret
        | HTTPBasicSecret
        | CertificateSecret
        | TextSecret
    ]
    valid_from: datetime | None
    valid_until: datetime | None


class CredentialUpdate(TypedDict, total=False):
    """What to change; what is absent stays, and null takes a date or a limit away."""

    allowed_targets: str | None
    description: str | None
    name: str | None
    next_rotation_date: date | None
    valid_from: datetime | None
    valid_until: datetime | None


class CredentialsList(TypedDict, total=False):
    """What to ask for."""

    kind: Literal[
        "ssh_password", "ssh_key", "winrm", "bearer_token", "api_key", "http_basic", "certificate", "secret_text"
    ]
    q: str
    expiring_within_days: int
    rotation_within_days: int
    sort: str
    size: int


class Decide(TypedDict, total=False):
    """What a person found out about an attempt of unknown outcome."""

    decision: Required[Literal["ran", "not_ran", "skip"]]
    reason: str
    step: Required[str]
    target: Required[str]


class GroupCreate(TypedDict, total=False):
    """A new group."""

    description: str
    name: Required[str]
    parents: list[str]
    select: str | None


class GroupUpdate(TypedDict, total=False):
    """What to change; what is absent stays."""

    description: str | None
    force: bool
    name: str | None
    parents: list[str] | None
    select: str | None


class GroupsDelete(TypedDict, total=False):
    """What to ask for."""

    force: bool


class GroupsList(TypedDict, total=False):
    """What to ask for."""

    q: str
    dynamic: bool
    parent: UUID
    sort: str
    size: int


class GroupsTargets(TypedDict, total=False):
    """What to ask for."""

    size: int


class HostKeyAccept(TypedDict, total=False):
    """A host key to keep from now on, in place of those recorded."""

    host_key: str | None


class JobCreate(TypedDict, total=False):
    """A new job; its name is the document's."""

    active: bool
    document: dict[str, Any] | None
    folder: str
    tags: list[str]
    yaml: str | None


class JobSource(TypedDict, total=False):
    """A job document: as YAML text, or as the same data in JSON."""

    document: dict[str, Any] | None
    yaml: str | None


class JobUpdate(TypedDict, total=False):
    """A new version of the document, or another folder, tags or state; what is absent stays."""

    active: bool | None
    document: dict[str, Any] | None
    expected_version: int | None
    folder: str | None
    tags: list[str] | None
    yaml: str | None


class JobsList(TypedDict, total=False):
    """What to ask for."""

    q: str
    folder: str
    below: bool
    tag: str
    active: bool
    last_outcome: (
        Literal["succeeded", "partial", "failed", "cancelled", "no_targets", "unknown"] | Literal["running", "never"]
    )
    sort: str
    size: int


class JobsStatistics(TypedDict, total=False):
    """What to ask for."""

    days: int


class JobsVersions(TypedDict, total=False):
    """What to ask for."""

    size: int


class MembersUpdate(TypedDict, total=False):
    """Which targets to put into a group and to take out of it, by name or key."""

    add: list[str]
    add_select: str | None
    remove: list[str]
    remove_select: str | None


class Rerun(TypedDict, total=False):
    """Which targets to repeat a run on."""

    targets: Literal["failed", "unreachable", "not_started", "all"]


class RoleCreate(TypedDict, total=False):
    """A new role."""

    description: str
    name: Required[str]
    permissions: Required[
        list[
            Literal[
                "jobs:view",
                "jobs:create",
                "jobs:edit",
                "jobs:delete",
                "jobs:run",
                "jobs:cancel",
                "schedules:manage",
                "credentials:view",
                "credentials:create",
                "credentials:edit",
                "credentials:delete",
                "credentials:use",
                "credentials:reveal",
                "targets:view",
                "targets:create",
                "targets:edit",
                "targets:delete",
                "targets:connect",
                "groups:manage",
                "libraries:manage",
                "discovery:run",
                "discovery:import",
                "users:manage",
                "roles:manage",
                "settings:view",
                "settings:edit",
                "audit:view",
                "approvals:decide",
            ]
        ]
    ]


class RoleUpdate(TypedDict, total=False):
    """What to change; what is absent stays. It binds everybody who has the role at once."""

    description: str | None
    name: str | None
    permissions: (
        list[
            Literal[
                "jobs:view",
                "jobs:create",
                "jobs:edit",
                "jobs:delete",
                "jobs:run",
                "jobs:cancel",
                "schedules:manage",
                "credentials:view",
                "credentials:create",
                "credentials:edit",
                "credentials:delete",
                "credentials:use",
                "credentials:reveal",
                "targets:view",
                "targets:create",
                "targets:edit",
                "targets:delete",
                "targets:connect",
                "groups:manage",
                "libraries:manage",
                "discovery:run",
                "discovery:import",
                "users:manage",
                "roles:manage",
                "settings:view",
                "settings:edit",
                "audit:view",
                "approvals:decide",
            ]
        ]
        | None
    )


class RolesList(TypedDict, total=False):
    """What to ask for."""

    q: str
    sort: str
    size: int


class TargetsOverride(TypedDict, total=False):
    """Fewer targets than the job's own: those that this selector picks too."""

    allow_empty: bool | None
    select: Required[str]


class RunStart(TypedDict, total=False):
    """What to run."""

    check_only: bool
    job: str | None
    job_id: UUID | None
    parameters: dict[str, Any]
    targets: TargetsOverride | None
    version: int | None


class RunsEvents(TypedDict, total=False):
    """What to ask for."""

    after: int
    wait_seconds: float


class RunsList(TypedDict, total=False):
    """What to ask for."""

    status: Literal["queued", "running", "ended"]
    outcome: Literal["succeeded", "partial", "failed", "cancelled", "no_targets", "unknown"]
    job_id: UUID
    job: str
    folder: str
    by: str
    trigger: str
    target: str
    of_jobs: bool
    pinned: bool
    rerun_of: UUID
    created_after: datetime
    created_before: datetime
    started_after: datetime
    started_before: datetime
    finished_after: datetime
    finished_before: datetime
    q: str
    sort: str
    size: int


class RunsTargets(TypedDict, total=False):
    """What to ask for."""

    outcome: str
    size: int


class SelectorPreview(TypedDict, total=False):
    """A selector to try."""

    select: Required[str]


class ServiceWrite(TypedDict, total=False):
    """Something that a target offers on a port."""

    credential: str | None
    enabled: bool
    port: int
    secure: bool
    type: Required[
        Literal[
            "ssh",
            "winrm",
            "winrm_https",
            "rdp",
            "vnc",
            "telnet",
            "http",
            "https",
            "http_alt",
            "https_alt",
            "ftp",
            "sftp",
            "smb",
            "nfs",
            "rsync",
            "mysql",
            "postgresql",
            "sql_server",
            "oracle",
            "mongodb",
            "redis",
            "elasticsearch",
            "cassandra",
            "snmp",
            "wmi",
            "netbios",
            "dns",
            "dhcp",
            "ntp",
            "ldap",
            "ldaps",
            "kerberos",
            "radius",
            "smtp",
            "submission",
            "smtps",
            "pop3",
            "imap",
            "imaps",
            "docker",
            "kubernetes",
            "jenkins",
            "prometheus",
            "grafana",
            "custom",
        ]
    ]


class TargetCreate(TypedDict, total=False):
    """A new target."""

    address: Required[str]
    credential: str | None
    description: str
    encoding: str
    groups: list[str]
    host_keys: list[str]
    name: Required[str]
    os_version: str
    platform: Literal["linux", "windows", "unix", "macos", "other"]
    port: int
    services: list[ServiceWrite]
    tags: list[str]
    variables: dict[str, Any]
    zone: str


class TargetUpdate(TypedDict, total=False):
    """What to change; what is absent stays."""

    address: str | None
    credential: str | None
    description: str | None
    encoding: str | None
    groups: list[str] | None
    host_keys: list[str] | None
    name: str | None
    os_version: str | None
    platform: Literal["linux", "windows", "unix", "macos", "other"] | None
    port: int | None
    services: list[ServiceWrite] | None
    tags: list[str] | None
    variables: dict[str, Any] | None
    zone: str | None


class TargetsList(TypedDict, total=False):
    """What to ask for."""

    q: str
    select: str
    tag: str
    group: str
    platform: str
    zone: str
    service: Literal[
        "ssh",
        "winrm",
        "winrm_https",
        "rdp",
        "vnc",
        "telnet",
        "http",
        "https",
        "http_alt",
        "https_alt",
        "ftp",
        "sftp",
        "smb",
        "nfs",
        "rsync",
        "mysql",
        "postgresql",
        "sql_server",
        "oracle",
        "mongodb",
        "redis",
        "elasticsearch",
        "cassandra",
        "snmp",
        "wmi",
        "netbios",
        "dns",
        "dhcp",
        "ntp",
        "ldap",
        "ldaps",
        "kerberos",
        "radius",
        "smtp",
        "submission",
        "smtps",
        "pop3",
        "imap",
        "imaps",
        "docker",
        "kubernetes",
        "jenkins",
        "prometheus",
        "grafana",
        "custom",
    ]
    status: Literal["unknown", "connected", "failed", "timeout"]
    credential: str
    health: Literal["unknown", "up", "unreachable", "auth_failed", "host_key_changed", "failed"]
    sort: str
    size: int


class TargetsRuns(TypedDict, total=False):
    """What to ask for."""

    status: Literal["queued", "running", "ended"]
    outcome: Literal["succeeded", "partial", "failed", "cancelled", "no_targets", "unknown"]
    job_id: UUID
    job: str
    folder: str
    by: str
    trigger: str
    target: str
    of_jobs: bool
    pinned: bool
    rerun_of: UUID
    created_after: datetime
    created_before: datetime
    started_after: datetime
    started_before: datetime
    finished_after: datetime
    finished_before: datetime
    q: str
    sort: str
    size: int


class TokensList(TypedDict, total=False):
    """What to ask for."""

    q: str
    user: str
    sort: str
    size: int


class UserCreate(TypedDict, total=False):
    """A new user."""

    email: str
    first_name: str
    last_name: str
    must_change_password: bool
    password: str | None
    role: str
    telephone: str
    title: str
    username: Required[str]


class UserUpdate(TypedDict, total=False):
    """What to change; what is absent stays."""

    active: bool | None
    email: str | None
    first_name: str | None
    last_name: str | None
    must_change_password: bool | None
    role: str | None
    telephone: str | None
    title: str | None
    username: str | None


class UsersList(TypedDict, total=False):
    """What to ask for."""

    q: str
    role: str
    active: bool
    sort: str
    size: int
