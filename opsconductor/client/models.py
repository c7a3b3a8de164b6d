"""What the portal answers.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field, SecretStr

from .calls import Answer


class AccessRead(Answer):
    """One use of a secret.

    Attributes:
        event: credential.used, credential.revealed or credential.tested.
        targets: How many targets of the run sign in with it.
    """

    at: datetime
    by: str
    event: str
    job: str | None = None
    reason: str | None = None
    run_id: UUID | None = None
    source: str
    targets: int | None = None
    version: int | None = None


class ApiTokenCreated(Answer):
    """A new token; it is shown this once.

    Attributes:
        hint: How the token begins.
        last_used_at: Noted at most once a minute.
    """

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
    """A token, without itself.

    Attributes:
        hint: How the token begins.
        last_used_at: Noted at most once a minute.
    """

    created_at: datetime
    expires_at: datetime
    hint: str
    id: UUID
    last_used_at: datetime | None
    last_used_source: str
    name: str
    owner: str
    scopes: list[str]


class AttemptRead(Answer):
    """One attempt of one step on one target."""

    attempt: int
    decision: str | None = None
    done_at: datetime | None
    exit_code: int | None
    outcome: str | None
    outputs: dict[str, Any] | None
    sent_at: datetime | None
    state: str
    step: str
    step_ord: int
    summary: str
    uses: str


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


class BindingRead(Answer):
    """A credential bound to a target, a group or a job.

    Attributes:
        name: Of the target, group or job.
        replaced: The credential that was bound there before, if in sight.
    """

    credential: str
    name: str
    place: str
    replaced: str | None = None


class BundledJob(Answer):
    """A job as it is now."""

    active: bool = True
    folder: str = ""
    tags: list[str] = Field(default_factory=list[str])
    yaml: str


class Needs(Answer):
    """What the documents of a bundle name that is not in it.

    Attributes:
        variables: Target variables that expressions and selectors read.
    """

    actions: list[str] = Field(default_factory=list[str])
    credentials: list[str] = Field(default_factory=list[str])
    groups: list[str] = Field(default_factory=list[str])
    selectors: list[str] = Field(default_factory=list[str])
    targets: list[str] = Field(default_factory=list[str])
    templates: list[str] = Field(default_factory=list[str])
    variables: list[str] = Field(default_factory=list[str])


class BundledTemplate(Answer):
    """A version of a template.

    Attributes:
        ref: How documents of the bundle name it.
    """

    folder: str = ""
    ref: str
    tags: list[str] = Field(default_factory=list[str])
    yaml: str


class Bundle(Answer):
    """Jobs with the templates that they use; each template stands before those that use it.

    Attributes:
        needs: For people; an import works it out anew.
    """

    format: str
    jobs: list[BundledJob]
    needs: Needs | None = None
    templates: list[BundledTemplate] = Field(default_factory=list[BundledTemplate])


class CandidateRead(Answer):
    """One credential that a target could sign in with.

    Attributes:
        credential_id: Null when it is out of sight.
        place: Name of the group; empty for the target itself and for the job.
    """

    credential: str | None
    credential_id: UUID | None
    place: str
    source: str


class ChainRead(Answer):
    """Whether the audit log is as it was written.

    Attributes:
        head: Hash of the last good entry; kept elsewhere, it shows later that none is missing.
    """

    entries: int
    first_break: int | None
    head: str
    intact: bool


class ChallengeRead(Answer):
    """The password was right; a code is asked for.

    Attributes:
        challenge: Goes to `/auth/login/code` together with the code.
        enrolment_due: An app has to be enrolled first: `/auth/login/enrol`.
    """

    challenge: SecretStr
    enrolment_due: bool
    expires_in_seconds: int


class ChangedTarget(Answer):
    """A target that ended another way."""

    after: str
    before: str
    name: str
    reason_after: str
    reason_before: str


class ConnectionResult(Answer):
    """What came of one login, or why there was none.

    Attributes:
        expected_fingerprint: Of the recorded key, when another one came.
        fingerprint: Fingerprint of that key.
        first_seen: Whether the key was trusted because it was the first one.
        host_key: The key that the host showed, OpenSSH text.
        login_ms: From the first packet until the login was accepted.
        reason: Why it did not work; empty when it did.
        user: Login name on the host.
    """

    address: str
    credential: str | None
    expected_fingerprint: str | None = None
    fingerprint: str | None = None
    first_seen: bool = False
    host_key: str | None = None
    hostname: str | None = None
    kernel: str | None = None
    login_ms: float | None = None
    name: str
    os: str | None = None
    port: int
    reason: str
    status: str
    target_id: UUID
    user: str | None = None


class ConnectionTestRead(Answer):
    """A test of one target or many; its id is that of the run that makes it.

    Attributes:
        counts: Targets by what came of them, of those in sight.
    """

    counts: dict[str, int]
    created_at: datetime
    finished_at: datetime | None
    id: UUID
    requested_by: str
    status: str
    total: int


class CredentialExport(Answer):
    """A credential as an export holds it: everything but the secret."""

    allowed_targets: str | None
    description: str
    details: dict[str, str]
    kind: str
    name: str
    next_rotation_date: date | None
    username: str
    valid_from: datetime | None
    valid_until: datetime | None


class CredentialRead(Answer):
    """A credential without its secret.

    Attributes:
        dated_by_certificate: Whether both times are those of its certificate.
        details: What may be shown, such as domain, header or fingerprint of the key.
        expires_in_days: Whole days; negative when it has expired.
        rotation_due: Whether the day of its next rotation has come.
        used_by: The first targets that sign in with it.
        valid: Whether runs may use it now.
    """

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
    """What uses a credential in one way.

    Attributes:
        items: The first ones that the asking user may see.
    """

    items: list[UseRead]
    total: int


class CredentialUsesRead(Answer):
    """Everything that uses a credential.

    Attributes:
        groups: Groups whose targets sign in with it when they have none of their own.
        jobs: Jobs whose targets sign in with it when their groups have none either.
        parameters: Jobs a parameter of which is filled from it when a run names no other.
        services: Targets that have a service with it.
        targets: Targets that it is the own credential of.
    """

    groups: UsesRead
    jobs: UsesRead
    parameters: UsesRead
    services: UsesRead
    targets: UsesRead


class CredentialsExport(Answer):
    """All credentials that the asking user may see, without their secrets."""

    credentials: list[CredentialExport]
    exported_at: datetime


class DecisionRead(Answer):
    """A decision that was kept."""

    attempt: int
    decided_by: str
    decision: str
    step: str
    target: str


class NotDecided(Answer):
    """A target that was asked for and is not decided now."""

    reason: str
    target: str


class Decisions(Answer):
    """What was decided, target by target."""

    decided: list[DecisionRead]
    dry_run: bool
    not_decided: list[NotDecided]


class KeyChange(Answer):
    """A key that differs between two versions.

    Attributes:
        key: Where in the step or document, such as `with.unit`.
    """

    after: Any | None = None
    before: Any | None = None
    change: str
    key: str


class StepChange(Answer):
    """A step or block that differs between two versions; it is known by its id.

    Attributes:
        lane: Where it stands, such as `steps` or `deploy.rescue`.
        moved: Whether it stands elsewhere among the steps that both versions have.
    """

    change: str
    id: str
    keys: list[KeyChange]
    lane: str
    moved: bool


class DiffRead(Answer):
    """What changed between two versions.

    Attributes:
        diff: Unified diff of the YAML texts.
        settings: What changed outside of the steps.
        steps: What became of each step, in the order of the newer version.
    """

    after: int
    before: int
    diff: str
    settings: list[KeyChange]
    steps: list[StepChange]


class DroppedTarget(Answer):
    """A target left out because another one is the same host with the same login."""

    name: str
    same_as: str


class EnrolmentRead(Answer):
    """What the app needs to know; shown this once.

    Attributes:
        uri: For a QR code.
    """

    secret: SecretStr
    uri: SecretStr


class RunEventRead(Answer):
    """Something that changed in a run."""

    at: datetime
    data: dict[str, Any]
    kind: str
    seq: int


class EventsRead(Answer):
    """Events after a cursor.

    Attributes:
        ended: Whether nothing more will come.
    """

    ended: bool
    items: list[RunEventRead]
    last_seq: int


class FolderRead(Answer):
    """A folder of jobs and templates; it is there as long as something is in it.

    Attributes:
        jobs: Jobs in it.
        jobs_below: Jobs in it and in the folders below.
        parent: Path of the folder around it; null for the top.
        path: Empty for the top.
        templates: Templates in it.
        templates_below: Templates in it and in the folders below.
    """

    jobs: int
    jobs_below: int
    name: str
    parent: str | None
    path: str
    templates: int
    templates_below: int


class FolderTree(Answer):
    """All folders that somebody may see, each before those below it."""

    items: list[FolderRead]


class GrantHeld(Answer):
    """A role that somebody has in one place.

    Attributes:
        permissions: What it gives there.
        place: Name of a target group, path of a job folder, or key of a credential.
    """

    kind: str
    permissions: list[str]
    place: str
    role: str


class GrantRead(Answer):
    """A role that a user has in one place.

    Attributes:
        place: Key of the target group or credential; path of the job folder.
        place_name: What people call it; null when it is gone: it holds nowhere.
    """

    created_at: datetime
    created_by: str
    id: UUID
    kind: str
    place: str
    place_name: str | None
    role: str
    role_id: UUID
    user_id: UUID
    username: str


class GroupRead(Answer):
    """A group.

    Attributes:
        select: What picks its members; null where they are put there.
        target_count: Targets in it that you may see, those of groups inside it included.
    """

    children: list[str]
    created_at: datetime
    description: str
    id: UUID
    name: str
    parents: list[str]
    select: str | None
    target_count: int
    updated_at: datetime


class GroupUse(Answer):
    """What uses a group.

    Attributes:
        credentials: Credentials that its targets sign in with, having none of their own.
        grants: Users that have a role in it.
        groups: Groups whose selectors name it.
        health_check: How its targets are checked, such as `tcp every 300 s`; null: it has no check.
        jobs: Jobs whose selectors name it.
        limits: Credentials whose allowed targets are said by its name.
    """

    credentials: list[str]
    grants: list[str]
    groups: list[str]
    health_check: str | None
    jobs: list[str]
    limits: list[str]


class HealthCheckRead(Answer):
    """A check, and whose.

    Attributes:
        source: `target`, or `group:` and the name of the group that it comes from.
    """

    interval_seconds: int
    mode: str
    set_by: str
    source: str
    updated_at: datetime


class HealthRead(Answer):
    """How a target is.

    Attributes:
        check: What is done; null: nothing.
        detail: Why it is not up.
        latency_ms: Until the connection stood, or the login was accepted.
        since: Since when it is so.
    """

    check: HealthCheckRead | None = None
    checked_at: datetime | None = None
    detail: str = ""
    latency_ms: float | None = None
    since: datetime | None = None
    status: str


class HealthRecordRead(Answer):
    """What one check found."""

    at: datetime
    detail: str
    id: int
    latency_ms: float | None
    mode: str
    status: str


class Hit(Answer):
    """A line in which the text was found.

    Attributes:
        line: Number of the line in what is kept, from 1.
        target: Name of the target; empty for a step that runs once.
        text: The line; a long one is cut around the place.
    """

    attempt: int
    line: int
    step: str
    step_ord: int
    stream: str
    target: str
    target_ord: int
    text: str


class Hits(Answer):
    """Where a text was found.

    Attributes:
        complete: Whether everything behind the cursor was searched.
        count: Lines found in what was searched, also those of later pages.
        next: Cursor of the next page.
        outputs: Outputs that were searched.
    """

    complete: bool
    count: int
    items: list[Hit]
    next: str | None
    outputs: int


class ProblemField(Answer):
    """One thing wrong with one field.

    Attributes:
        path: Where, such as `steps[2].with.unit`; empty for the whole request.
    """

    hint: str = ""
    line: int | None = None
    message: str
    path: str


class ImportedItem(Answer):
    """What became of one job or template."""

    change: str
    folder: str
    kind: str
    name: str
    problems: list[ProblemField] = Field(default_factory=list[ProblemField])
    version: int | None = None
    warnings: list[ProblemField] = Field(default_factory=list[ProblemField])


class ImportRead(Answer):
    """What an import did, or would do.

    Attributes:
        unresolved: What the documents name, after the mapping, that is not here.
    """

    dry_run: bool
    items: list[ImportedItem]
    unresolved: Needs


class Nesting(Answer):
    """A group that the import puts into another one."""

    group: str
    parent: str


class ImportRow(Answer):
    """What becomes of one host of the file.

    Attributes:
        changes: Fields that an update changes.
        line: Where it stands; null where the format has no lines.
        notes: What else is worth knowing.
        problems: Why it is refused.
        withheld: Variables that hold secrets and are not kept.
    """

    action: str
    changes: list[str]
    line: int | None
    name: str
    notes: list[str]
    problems: list[ProblemField]
    withheld: list[str]


class ImportReport(Answer):
    """What an import did, or would do.

    Attributes:
        problems: Why the file's groups are refused.
    """

    created: int
    dry_run: bool
    groups_created: list[str]
    groups_nested: list[Nesting]
    problems: list[ProblemField]
    refused: int
    rows: list[ImportRow]
    unchanged: int
    updated: int


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
    """A version of a template that a job was compiled with.

    Attributes:
        direct: Whether the job's own document names it; else it stands inside another one.
        newer_version: The template's newest version, when it is another.
    """

    direct: bool
    id: UUID
    newer_version: int | None
    ref: str
    version: int


class JobDetail(Answer):
    """A job with its current document.

    Attributes:
        active: Whether runs may be started.
        deployed_version: Version that Prefect knows; it follows `version` by itself.
        deployment_error: Why Prefect does not know this version yet; empty when it does.
    """

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
    """A job.

    Attributes:
        active: Whether runs may be started.
        deployed_version: Version that Prefect knows; it follows `version` by itself.
        deployment_error: Why Prefect does not know this version yet; empty when it does.
    """

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


class RunState(Answer):
    """How far a run is."""

    outcome: str | None
    status: str
    summary: str


class MatrixChanges(Answer):
    """What changed in a matrix between two events.

    Values are absolute, so applying them twice does no harm. With `reset` there are too many, or the events are no
    longer on record: take a new snapshot.

    Attributes:
        cells: Target, step, code, target, step … -1: runs once.
        targets: Target, code, target, code ….
    """

    cells: list[int] = Field(default_factory=list[int])
    from_: int = Field(alias="from")
    notes: dict[str, str] = Field(default_factory=dict[str, str])
    reset: bool = False
    state: RunState | None = None
    targets: list[int] = Field(default_factory=list[int])
    to: int


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


class MatrixRead(Answer):
    """Every pair of a run, or of some of its targets, in one answer.

    `cells` is base64 of one byte for each target and step, target by target in the order of `targets`, step by step in
    the order of `steps`; `codes` says what a byte means. More codes may be added, none ever changes.

    Attributes:
        codes: What a byte says, by its number.
        first: Number of the first target in this answer.
        notes: Number of a target → why it ended as it did, where there is a reason.
        run_cells: One byte a step, for the steps that run once.
        seq: The newest event this answer knows of; ask for changes `after` it.
        target_cells: One byte a target: how it ended as a whole.
        targets: Names, in the order of their numbers.
        total: Targets of the run.
    """

    cells: str
    codes: list[str]
    first: int
    notes: dict[str, str]
    run_cells: str
    seq: int
    state: RunState
    steps: list[StepRead]
    target_cells: str
    targets: list[str]
    total: int


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


class MeRead(Answer):
    """The signed-in user and what they may do.

    Attributes:
        grants: What they may do in some places besides.
        permissions: What they may do everywhere.
    """

    grants: list[GrantHeld]
    permissions: list[str]
    user: UserRead


class MembersRead(Answer):
    """What became of it.

    Attributes:
        unchanged: Those to add that were in, and those to remove that were not.
    """

    added: list[str]
    removed: list[str]
    unchanged: list[str]


class MoveRead(Answer):
    """What moved.

    Attributes:
        grants: Roles that people have in the folder or below; they moved along.
    """

    grants: int
    jobs: int
    path: str
    templates: int


class QuietHours(Answer):
    """When nothing is sent, in the user's own zone; over midnight when it starts later than it ends."""

    end: str
    start: str


class SlackPreference(Answer):
    """A message on Slack."""

    channel: str


class WebhookPreference(Answer):
    """A request to a web address."""

    url: str


class NotificationPreferences(Answer):
    """What somebody is told of, and how.

    Attributes:
        email: Whether mail is sent to the address of the profile.
        on: What happens to a run.
    """

    email: bool = True
    on: list[str] = Field(default_factory=list[str])
    quiet_hours: QuietHours | None = None
    slack: SlackPreference | None = None
    teams: bool = False
    webhook: WebhookPreference | None = None


class OutcomeChange(Answer):
    """How many targets ended one way in a run and another way in the other one.

    Attributes:
        before: An outcome, `pending`, or `absent`: it was no target of that run.
    """

    after: str
    before: str
    count: int


class OutputGroup(Answer):
    """Targets on which a step ended the same way and printed the same, but for their own names.

    Attributes:
        stdout: What the first of them printed; at most 4,096 characters.
    """

    count: int
    exit_code: int | None
    outcome: str | None
    stderr: str
    stderr_bytes: int
    stdout: str
    stdout_bytes: int
    summary: str
    targets: list[str]


class OutputGroups(Answer):
    """What a step came to on the targets of a run: trouble first, then the largest groups."""

    groups: list[OutputGroup]
    step: str
    total: int


class OutputRead(Answer):
    """What an attempt printed, or a range of it; of long output the middle was cut when it was kept.

    Attributes:
        stdout_bytes: Bytes written in all.
        stdout_lines: Lines that are kept.
        truncated: Whether the middle was cut.
    """

    stderr: str
    stderr_bytes: int
    stderr_lines: int
    stdout: str
    stdout_bytes: int
    stdout_lines: int
    truncated: bool


class PasswordResetRead(Answer):
    """The password that was made.

    Attributes:
        one_time_password: Shown this once; null when the request gave one.
    """

    one_time_password: SecretStr | None


class PermissionRead(Answer):
    """A permission.

    Attributes:
        places: Where a grant can give it; empty: it holds everywhere or not at all.
    """

    description: str
    name: str
    places: list[str]


class PortalHealth(Answer):
    """How a part feels: `degraded` works but waits for something."""

    parts: dict[str, str] = Field(default_factory=dict[str, str])
    status: str


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
    """A step that a run would take.

    Attributes:
        installed: Whether the action is still there; without it the run would fail.
        supports_check: Whether a dry run can tell what the step would change.
        unsupported: Targets of a platform that the action does not work on.
    """

    effect: str
    id: str
    installed: bool
    ord: int
    scope: str
    supports_check: bool
    unsupported: list[str]
    uses: str


class PreviewTarget(Answer):
    """A target that a run would run on.

    Attributes:
        credential: Name of the credential that would sign in.
    """

    address: str
    credential: str | None
    id: UUID
    name: str
    port: int


class RecoveryCodesRead(Answer):
    """Codes for when the app is lost; each works once. Shown this once."""

    recovery_codes: list[SecretStr]


class Refusal(Answer):
    """Why a run would not start.

    Attributes:
        path: Where in the request, such as `parameters.unit`; empty for a missing right.
    """

    hint: str = ""
    message: str
    path: str


class RerunTarget(Answer):
    """A target that a rerun would run on.

    Attributes:
        address: As it is now, or as the former run had it when the target is gone.
        gone: Whether the target was deleted since; the rerun takes it as it was.
        outcome: How it ended before.
    """

    address: str
    gone: bool
    name: str
    outcome: str | None
    reason: str


class RerunPreview(Answer):
    """What a rerun would run on. Nothing was started."""

    job_version: int
    parameters: dict[str, Any]
    rerun_of: UUID
    targets: list[RerunTarget]
    total: int


class RevealRead(Answer):
    """A secret in clear. Nothing keeps this response."""

    fields: dict[str, SecretStr]
    kind: str
    name: str
    version: int


class RoleRead(Answer):
    """A role.

    Attributes:
        grants: How often it is granted in a place.
        users: How many users have it everywhere.
    """

    built_in: bool
    created_at: datetime
    description: str
    grants: int
    id: UUID
    name: str
    permissions: list[str]
    updated_at: datetime
    users: int


class RunRead(Answer):
    """A run.

    Attributes:
        pinned_at: Since when retention leaves this run.
        prefect_flow_run_id: What shows it in Prefect; null before, and once it has gone.
    """

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


class RunComparison(Answer):
    """Two runs, target by target; `run` is before, `other` after.

    Attributes:
        changed: The first 1,000 that differ, by name.
        counts: Every pair of outcomes, equal ones included.
    """

    changed: list[ChangedTarget]
    changed_total: int
    counts: list[OutcomeChange]
    other: RunRead
    run: RunRead


class RunDetail(Answer):
    """A run with its counts.

    Attributes:
        last_seq: The newest event; a watcher starts after it.
        pinned_at: Since when retention leaves this run.
        prefect_flow_run_id: What shows it in Prefect; null before, and once it has gone.
        secret_parameters: Parameter → name of the credential; never its value.
        targets_by_outcome: Outcome → targets; `pending` for those not ended.
    """

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
    """What starting a run would do. Nothing was started.

    Attributes:
        dropped: Targets that are the same host and login as another one.
        left_out: Targets of the job that the request's selector leaves out.
        parameters: As the run would have them, defaults included.
        refusals: Everything that keeps the run from starting; empty: it would start.
        secret_parameters: Parameter → name of the credential.
        select: The selector of the run: the job's own, narrowed by the request.
    """

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


class SecondFactorRead(Answer):
    """Whether there is a second factor, and whether there has to be one."""

    confirmed_at: datetime | None
    enabled: bool
    recovery_codes_left: int
    required: bool


class SecondStepRead(Answer):
    """Tokens of a sign-in, and recovery codes where an app was enrolled on the way."""

    access_token: SecretStr
    expires_in_seconds: int
    must_change_password: bool
    recovery_codes: list[SecretStr] = Field(default_factory=list[SecretStr])
    refresh_token: SecretStr
    token_type: str = "bearer"
    username: str


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


class SessionRead(Answer):
    """A sign-in that still holds.

    Attributes:
        current: Whether this request belongs to it.
        kind: `browser`: Prefect's pages, by a one-time link.
    """

    created_at: datetime
    current: bool = False
    expires_at: datetime
    id: UUID
    kind: str
    last_used_at: datetime
    source: str
    user_agent: str


class SettingRead(Answer):
    """One setting of the portal that answers, as it holds now.

    Attributes:
        default: What holds when nobody says anything; null also where there is none.
        required: Whether there is no default.
        source: Where the value comes from; start: whoever started the portal gave it.
        value: What holds; passwords inside addresses are left out.
        variable: The environment variable that sets it.
    """

    default: Any
    description: str
    name: str
    required: bool
    source: str
    value: Any
    variable: str


class SignedOutRead(Answer):
    """How many sign-ins were ended."""

    ended: int


class SsoIdentityRead(Answer):
    """An account that a user signs in with."""

    created_at: datetime
    id: UUID
    issuer: str
    last_login_at: datetime | None
    subject: str


class SsoRead(Answer):
    """Whether there is single sign-on."""

    enabled: bool
    issuer: str | None


class StatisticsRead(Answer):
    """How a job's runs went; dry runs do not count.

    Attributes:
        success_rate: Share of `succeeded` among the runs that ended as succeeded, partial, failed or unknown.
    """

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


class StepTimeline(Answer):
    """All attempts of one step.

    Attributes:
        count: Attempts that were begun.
        end_ms: When the last one ended.
        running: Those that go on.
        start_ms: When the first one began, since `origin`.
    """

    count: int
    end_ms: int | None
    id: str
    max_ms: int | None
    median_ms: int | None
    min_ms: int | None
    running: int
    scope: str
    start_ms: int | None
    uses: str


class TargetCredentialRead(Answer):
    """Which credential a target signs in with, and why.

    Attributes:
        order: All of them in order: the target's own, those of its groups, the nearest first, and the job's.
    """

    credential: CandidateRead | None
    order: list[CandidateRead]
    why: str


class TargetHealthRead(Answer):
    """How a target is, in a list of them."""

    checked_at: datetime
    detail: str
    latency_ms: float | None
    name: str
    since: datetime
    status: str
    target_id: UUID


class TargetOutcome(Answer):
    """What became of one target, or would.

    Attributes:
        name: As it was asked for where there is no such target.
    """

    after: dict[str, Any] = Field(default_factory=dict[str, Any])
    before: dict[str, Any] = Field(default_factory=dict[str, Any])
    id: UUID | None = None
    message: str = ""
    name: str
    result: str


class TargetRead(Answer):
    """A target.

    Attributes:
        groups: Every group it is in: put there, picked by a selector, or above one of those.
        health: What its last health check said.
    """

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
    """A run, and how it ended on one target.

    Attributes:
        pinned_at: Since when retention leaves this run.
        prefect_flow_run_id: What shows it in Prefect; null before, and once it has gone.
        target_ord: Number of the target in the run.
    """

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


class TargetsOutcome(Answer):
    """What became of each."""

    changed: int
    dry_run: bool
    items: list[TargetOutcome]
    missing: int
    refused: int
    unchanged: int


class TemplateDetail(Answer):
    """A template with its newest document.

    Attributes:
        ref: What a step writes in `uses`.
        version: The newest one; jobs name it as `template/name@version`.
    """

    created_at: datetime
    description: str
    document: dict[str, Any]
    folder: str
    id: UUID
    name: str
    ref: str
    tags: list[str]
    updated_at: datetime
    version: int
    warnings: list[ProblemField] = Field(default_factory=list[ProblemField])
    yaml: str


class TemplateRead(Answer):
    """A template.

    Attributes:
        version: The newest one; jobs name it as `template/name@version`.
    """

    created_at: datetime
    description: str
    folder: str
    id: UUID
    name: str
    tags: list[str]
    updated_at: datetime
    version: int


class TemplateUserRead(Answer):
    """A job or template whose current version uses a template.

    Attributes:
        direct: Whether its own document names the template.
        newer_version: The template's newest version, when it is another.
        template_version: The version that it uses.
    """

    direct: bool
    folder: str
    id: UUID
    name: str
    newer_version: int | None = None
    template_version: int
    version: int


class TemplateValidation(Answer):
    """What checking a template found; nothing was kept."""

    name: str | None
    problems: list[ProblemField]
    valid: bool
    warnings: list[ProblemField]


class TemplateVersionDetail(Answer):
    """One version of a template."""

    created_at: datetime
    created_by: str
    document: dict[str, Any]
    version: int
    yaml: str


class TemplateVersionRead(Answer):
    """One version of a template, without its document."""

    created_at: datetime
    created_by: str
    version: int


class TimelineRead(Answer):
    """When things happened in a run, in milliseconds since `origin`.

    Attributes:
        first: Number of the first target in `spans`.
        names: Names of the targets in `spans`, in the order of their numbers.
        origin: When the run began.
        spans: Target, step, attempt, start, duration, target … Target -1: runs once.
        targets: Number, start, duration, number, start … Duration -1: it goes on.
        total: Targets of the run.
    """

    finished_at: datetime | None
    first: int
    names: list[str]
    origin: datetime
    spans: list[int]
    steps: list[StepTimeline]
    targets: list[int]
    total: int


class TokenRead(Answer):
    """Tokens of a sign-in."""

    access_token: SecretStr
    expires_in_seconds: int
    must_change_password: bool
    refresh_token: SecretStr
    token_type: str = "bearer"
    username: str


class TreeNode(Answer):
    """A group and what is directly inside it."""

    children: list[str]
    id: UUID
    name: str
    select: str | None
    target_count: int


class TreeRead(Answer):
    """All groups; one that is in two others is named by both."""

    groups: list[TreeNode]
    roots: list[str]


class UiPreferences(Answer):
    """How pages look.

    Attributes:
        zone: IANA time zone that times are shown in; quiet hours too.
    """

    density: str = "comfortable"
    theme: str = "system"
    zone: str = "UTC"


class UserCreated(Answer):
    """A new user, with the password that was made.

    Attributes:
        one_time_password: Shown this once; null when the request gave one.
    """

    active: bool
    created_at: datetime
    email: str
    first_name: str
    id: UUID
    last_login_at: datetime | None
    last_name: str
    must_change_password: bool
    one_time_password: SecretStr | None
    role: str
    telephone: str
    title: str
    updated_at: datetime
    username: str


class UsersRead(Answer):
    """Where a template is used, as far as somebody may see."""

    jobs: list[TemplateUserRead]
    templates: list[TemplateUserRead]


class ValidationRead(Answer):
    """What compiling a document found; nothing was kept."""

    name: str | None
    parameters: list[ParameterRead]
    problems: list[ProblemField]
    valid: bool
    warnings: list[ProblemField]


class VersionDetail(Answer):
    """One version of a job.

    Attributes:
        restored_from: The version that this one brought back.
    """

    created_at: datetime
    created_by: str
    document: dict[str, Any]
    restored_from: int | None
    version: int
    yaml: str


class VersionRead(Answer):
    """One version of a job, without its document.

    Attributes:
        restored_from: The version that this one brought back.
    """

    created_at: datetime
    created_by: str
    restored_from: int | None
    version: int
