"""What the portal answers.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field, SecretStr

from .calls import Answer


class ApiTokenCreated(Answer):
    """A new token; it is shown this once."""

    created_at: datetime
    expires_at: datetime
    hint: str
    id: UUID
    last_used_at: datetime | None
    last_used_source: str
    name: str
    owner: str
    scopes: list[str]
    token: SecretStr


class ApiTokenRead(Answer):
    """A token, without itself."""

    created_at: datetime
    expires_at: datetime
    hint: str
    id: UUID
    last_used_at: datetime | None
    last_used_source: str
    name: str
    owner: str
    scopes: list[str]


class AuditEventRead(Answer):
    """An event that the log may hold."""

    event: str
    meaning: str


class AuditRead(Answer):
    """One entry of the audit log."""

    actor_id: str
    actor_name: str
    at: datetime
    event: str
    facts: dict[str, Any]
    hash: str
    request_id: str
    seq: int
    source: str
    subject_id: str
    subject_kind: str


class ChainRead(Answer):
    """Whether the audit log is as it was written."""

    entries: int
    first_break: int | None
    head: str
    intact: bool


class CredentialRead(Answer):
    """A credential without its secret."""

    allowed_targets: str | None
    created_at: datetime
    dated_by_certificate: bool
    description: str
    details: dict[str, str]
    expires_in_days: int | None = None
    id: UUID
    kind: str
    last_used_at: datetime | None
    name: str
    next_rotation_date: date | None
    rotated_at: datetime
    rotation_due: bool = False
    updated_at: datetime
    used_by: list[str] = Field(default_factory=list[str])
    username: str
    valid: bool = True
    valid_from: datetime | None
    valid_until: datetime | None
    version: int


class UseRead(Answer):
    """One thing that a credential is used by."""

    id: UUID
    name: str


class UsesRead(Answer):
    """What uses a credential in one way."""

    items: list[UseRead]
    total: int


class CredentialUsesRead(Answer):
    """Everything that uses a credential."""

    groups: UsesRead
    jobs: UsesRead
    parameters: UsesRead
    services: UsesRead
    targets: UsesRead


class DecisionRead(Answer):
    """A decision that was kept."""

    attempt: int
    decided_by: str
    decision: str
    step: str
    target: str


class DroppedTarget(Answer):
    """A target left out because another one is the same host with the same login."""

    name: str
    same_as: str


class RunEventRead(Answer):
    """Something that changed in a run."""

    at: datetime
    data: dict[str, Any]
    kind: str
    seq: int


class EventsRead(Answer):
    """Events after a cursor."""

    ended: bool
    items: list[RunEventRead]
    last_seq: int


class GroupRead(Answer):
    """A group."""

    children: list[str]
    created_at: datetime
    description: str
    id: UUID
    name: str
    parents: list[str]
    select: str | None
    target_count: int
    updated_at: datetime


class LastRunRead(Answer):
    """The last run of a job that was no dry run."""

    created_at: datetime
    finished_at: datetime | None
    id: UUID
    outcome: str | None
    requested_by: str
    status: str


class ParameterRead(Answer):
    """A parameter of a job, for a form."""

    default: Any
    description: str
    json_schema: dict[str, Any]
    name: str
    required: bool
    type: str


class TemplateUseRead(Answer):
    """A version of a template that a job was compiled with."""

    direct: bool
    id: UUID
    newer_version: int | None
    ref: str
    version: int


class ProblemField(Answer):
    """One thing wrong with one field."""

    hint: str = ""
    line: int | None = None
    message: str
    path: str


class JobDetail(Answer):
    """A job with its current document."""

    active: bool
    created_at: datetime
    deployed_version: int | None
    deployment_error: str
    description: str
    document: dict[str, Any]
    folder: str
    id: UUID
    last_run: LastRunRead | None = None
    name: str
    parameters: list[ParameterRead]
    tags: list[str]
    templates: list[TemplateUseRead]
    updated_at: datetime
    version: int
    warnings: list[ProblemField] = Field(default_factory=list[ProblemField])
    yaml: str


class JobRead(Answer):
    """A job."""

    active: bool
    created_at: datetime
    deployed_version: int | None
    deployment_error: str
    description: str
    folder: str
    id: UUID
    last_run: LastRunRead | None = None
    name: str
    tags: list[str]
    updated_at: datetime
    version: int


class MembersRead(Answer):
    """What became of it."""

    added: list[str]
    removed: list[str]
    unchanged: list[str]


class SelectedTarget(Answer):
    """A target that a selector picks."""

    address: str
    id: UUID
    name: str
    port: int


class PreviewRead(Answer):
    """What a run with this selector would run on."""

    dropped: list[DroppedTarget]
    targets: list[SelectedTarget]
    total: int


class PreviewStep(Answer):
    """A step that a run would take."""

    effect: str
    id: str
    installed: bool
    ord: int
    scope: str
    supports_check: bool
    unsupported: list[str]
    uses: str


class PreviewTarget(Answer):
    """A target that a run would run on."""

    address: str
    credential: str | None
    id: UUID
    name: str
    port: int


class Refusal(Answer):
    """Why a run would not start."""

    hint: str = ""
    message: str
    path: str


class RoleRead(Answer):
    """A role."""

    built_in: bool
    created_at: datetime
    description: str
    grants: int
    id: UUID
    name: str
    permissions: list[str]
    updated_at: datetime
    users: int


class StepRead(Answer):
    """A step of a run, and how far it is."""

    bad: int = 0
    changed: int = 0
    id: str
    ok: int = 0
    ord: int
    scope: str
    sent: int = 0
    skipped: int = 0
    uses: str


class RunDetail(Answer):
    """A run with its counts."""

    cancel_requested_at: datetime | None
    cancel_requested_by: str | None
    check_only: bool
    correlation_id: str
    created_at: datetime
    epoch: int
    finished_at: datetime | None
    id: UUID
    job_id: UUID
    job_name: str
    job_version: int
    last_seq: int
    outcome: str | None
    parameters: dict[str, Any]
    pinned_at: datetime | None
    pinned_by: str | None
    prefect_flow_run_id: UUID | None
    requested_by: str
    rerun_of: UUID | None
    secret_parameters: dict[str, str]
    started_at: datetime | None
    status: str
    steps: list[StepRead]
    summary: str
    target_count: int
    targets_by_outcome: dict[str, int]
    trigger: str


class RunPreview(Answer):
    """What starting a run would do. Nothing was started."""

    check_only: bool
    dropped: list[DroppedTarget]
    job_id: UUID
    job_version: int
    left_out: list[str]
    parameters: dict[str, Any]
    refusals: list[Refusal]
    secret_parameters: dict[str, str]
    select: str | None
    steps: list[PreviewStep]
    targets: list[PreviewTarget]
    total: int


class RunRead(Answer):
    """A run."""

    cancel_requested_at: datetime | None
    cancel_requested_by: str | None
    check_only: bool
    created_at: datetime
    epoch: int
    finished_at: datetime | None
    id: UUID
    job_id: UUID
    job_name: str
    job_version: int
    outcome: str | None
    pinned_at: datetime | None
    pinned_by: str | None
    prefect_flow_run_id: UUID | None
    requested_by: str
    rerun_of: UUID | None
    started_at: datetime | None
    status: str
    summary: str
    target_count: int
    trigger: str


class RunTargetRead(Answer):
    """A target of a run, as frozen when it started."""

    address: str
    credential: str | None
    name: str
    ord: int
    outcome: str | None
    platform: str
    port: int
    reason: str
    target_id: str


class ServiceRead(Answer):
    """Something that a target offers on a port, and what the last check found."""

    checked_at: datetime | None
    credential: str | None = None
    enabled: bool
    id: UUID
    port: int
    secure: bool
    status: str
    type: str


class StatisticsRead(Answer):
    """How a job's runs went; dry runs do not count."""

    cancelled: int
    days: int
    failed: int
    last_run: LastRunRead | None
    median_seconds: float | None
    no_targets: int
    p95_seconds: float | None
    partial: int
    running: int
    runs: int
    succeeded: int
    success_rate: float | None
    unknown: int


class TargetRead(Answer):
    """A target."""

    address: str
    created_at: datetime
    credential: str | None = None
    description: str
    encoding: str
    groups: list[str]
    health: str = "unknown"
    host_keys: list[str]
    id: UUID
    name: str
    os_version: str
    platform: str
    port: int
    services: list[ServiceRead] = Field(default_factory=list[ServiceRead])
    tags: list[str]
    updated_at: datetime
    variables: dict[str, Any]
    zone: str


class TargetRunRead(Answer):
    """A run, and how it ended on one target."""

    cancel_requested_at: datetime | None
    cancel_requested_by: str | None
    check_only: bool
    created_at: datetime
    epoch: int
    finished_at: datetime | None
    id: UUID
    job_id: UUID
    job_name: str
    job_version: int
    outcome: str | None
    pinned_at: datetime | None
    pinned_by: str | None
    prefect_flow_run_id: UUID | None
    requested_by: str
    rerun_of: UUID | None
    started_at: datetime | None
    status: str
    summary: str
    target_count: int
    target_ord: int
    target_outcome: str | None
    target_reason: str
    trigger: str


class UserCreated(Answer):
    """A new user, with the password that was made."""

    active: bool
    created_at: datetime
    email: str
    first_name: str
    id: UUID
    last_login_at: datetime | None
    last_name: str
    must_change_password: bool
    one_time_password: SecretStr
    role: str
    telephone: str
    title: str
    updated_at: datetime
    username: str


class UserRead(Answer):
    """A user, as others see them."""

    active: bool
    created_at: datetime
    email: str
    first_name: str
    id: UUID
    last_login_at: datetime | None
    last_name: str
    must_change_password: bool
    role: str
    telephone: str
    title: str
    updated_at: datetime
    username: str


class ValidationRead(Answer):
    """What compiling a document found; nothing was kept."""

    name: str | None
    parameters: list[ParameterRead]
    problems: list[ProblemField]
    valid: bool
    warnings: list[ProblemField]


class VersionRead(Answer):
    """One version of a job, without its document."""

    created_at: datetime
    created_by: str
    restored_from: int | None
    version: int
