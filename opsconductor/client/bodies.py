"""What requests say.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from datetime import date, datetime
from typing import Any, Literal, Required, TypedDict
from uuid import UUID


class APIKeySecret(TypedDict, total=False):
    """A key that goes into a header of each request.

    Attributes:
        header: Name of the header.
        prefix: What stands before the key, such as Token.
    """

    header: str
    key: Required[str]
    kind: Required[Literal["api_key"]]
    prefix: str | None


class ApiTokenCreate(TypedDict, total=False):
    """What a token is for, and what it may do.

    Attributes:
        scopes: What it may do, of what its owner may do. Both are asked on each request.
    """

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


class AuditExport(TypedDict, total=False):
    """What to ask for.

    Attributes:
        format: JSON lines, or CSV.
        event: Such as target.created; target.* for all of that noun.
        actor_name: Only what this user did.
        subject_kind: Only what was done to things of this kind.
        subject_id: Only what was done to this.
        source: Only what came from this address.
        request_id: Only what this request did.
        q: Part of a subject's key, an actor's name or the facts.
        since: Only from this time on, with its zone.
        until: Only before this time, with its zone.
    """

    format: Literal["jsonl", "csv"]
    event: str
    actor_name: str
    subject_kind: str
    subject_id: str
    source: str
    request_id: str
    q: str
    since: datetime
    until: datetime


class AuditList(TypedDict, total=False):
    """What to ask for.

    Attributes:
        event: Such as target.created; target.* for all of that noun.
        actor_name: Only what this user did.
        subject_kind: Only what was done to things of this kind.
        subject_id: Only what was done to this.
        source: Only what came from this address.
        request_id: Only what this request did.
        q: Part of a subject's key, an actor's name or the facts.
        since: Only from this time on, with its zone.
        until: Only before this time, with its zone.
        size: How many items a page has.
    """

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
    """What to ask for.

    Attributes:
        entries: How many there were at an earlier time.
        head: Hash of the last one of them.
    """

    entries: int
    head: str


class BearerTokenSecret(TypedDict, total=False):
    """A token for `Authorization: Bearer`.

    Attributes:
        token: Without the word Bearer.
    """

    kind: Required[Literal["bearer_token"]]
    token: Required[str]


class BundledJob(TypedDict, total=False):
    """A job as it is now."""

    active: bool
    folder: str
    tags: list[str]
    yaml: Required[str]


class Needs(TypedDict, total=False):
    """What the documents of a bundle name that is not in it.

    Attributes:
        variables: Target variables that expressions and selectors read.
    """

    actions: list[str]
    credentials: list[str]
    groups: list[str]
    selectors: list[str]
    targets: list[str]
    templates: list[str]
    variables: list[str]


class BundledTemplate(TypedDict, total=False):
    """A version of a template.

    Attributes:
        ref: How documents of the bundle name it.
    """

    folder: str
    ref: Required[str]
    tags: list[str]
    yaml: Required[str]


class Bundle(TypedDict, total=False):
    """Jobs with the templates that they use; each template stands before those that use it.

    Attributes:
        needs: For people; an import works it out anew.
    """

    format: Required[Literal["opsconductor-bundle/v1"]]
    jobs: Required[list[BundledJob]]
    needs: Needs
    templates: list[BundledTemplate]


class CertificateSecret(TypedDict, total=False):
    """An X.509 certificate with its private key.

    Attributes:
        certificate: In PEM form.
        chain: The certificates above it, in PEM form.
        private_key: In PEM form.
    """

    certificate: Required[str]
    chain: str | None
    kind: Required[Literal["certificate"]]
    passphrase: str | None
    private_key: Required[str]


class Challenge(TypedDict, total=False):
    """A sign-in that waits for its second step."""

    challenge: Required[str]


class ChallengeAnswer(TypedDict, total=False):
    """The second step: a code of the app, or a recovery code."""

    challenge: Required[str]
    code: Required[str]


class ChosenTargets(TypedDict, total=False):
    """Which targets are meant: those that are named, or those that a selector picks.

    Attributes:
        at_most: Refuse everything when more are meant.
        dry_run: Only say what would become of each.
        select: A selector.
        targets: Names or keys.
    """

    at_most: int
    dry_run: bool
    select: str | None
    targets: list[str] | None


class Code(TypedDict, total=False):
    """A code of the app."""

    code: Required[str]


class ConnectionTestStart(TypedDict, total=False):
    """Which targets to log in to.

    Attributes:
        at_most: Refused when the selector picks more.
    """

    at_most: int
    select: Required[str]


class ConnectionTestsResults(TypedDict, total=False):
    """What to ask for.

    Attributes:
        status: Only targets of which this came.
    """

    status: Literal["waiting", "connected", "unreachable", "auth_failed", "host_key_changed", "failed"]


class SSHPasswordSecret(TypedDict, total=False):
    """A login with a password.

    Attributes:
        sudo_password: For sudo; the password serves when absent.
    """

    kind: Required[Literal["ssh_password"]]
    password: Required[str]
    sudo_password: str | None
    username: Required[str]


class SSHKeySecret(TypedDict, total=False):
    """A login with a private key.

    Attributes:
        certificate: OpenSSH user certificate of the key: the text of the file that ends in -cert.pub.
        private_key: In OpenSSH or PEM form: Ed25519, ECDSA or RSA.
    """

    certificate: str | None
    kind: Required[Literal["ssh_key"]]
    passphrase: str | None
    private_key: Required[str]
    sudo_password: str | None
    username: Required[str]


class WinRMSecret(TypedDict, total=False):
    """A login on a Windows host: a password, or a client certificate.

    Attributes:
        authentication: basic and certificate work over TLS only.
        certificate: Client certificate in PEM form.
        domain: Windows domain, or Kerberos realm.
        private_key: The certificate's private key in PEM form.
    """

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
    """A new credential.

    Attributes:
        allowed_targets: A selector, such as `group:web`: the only targets it may be used on; absent: all.
        next_rotation_date: When it should get a new secret; it goes on to work.
        valid_from: No run uses it before; a certificate brings its own.
        valid_until: No run uses it afterwards; a certificate brings its own.
    """

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
    """A new secret: a new version of the credential.

    Attributes:
        next_rotation_date: When it should get a new secret; it goes on to work.
        valid_from: No run uses it before; a certificate brings its own.
        valid_until: No run uses it afterwards; a certificate brings its own.
    """

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


class CredentialTest(TypedDict, total=False):
    """Where to try a credential."""

    target_id: Required[UUID]


class CredentialUpdate(TypedDict, total=False):
    """What to change; what is absent stays, and null takes a date or a limit away.

    Attributes:
        allowed_targets: A selector, such as `group:web`: the only targets it may be used on; absent: all.
        next_rotation_date: When it should get a new secret; it goes on to work.
        valid_from: No run uses it before; a certificate brings its own.
        valid_until: No run uses it afterwards; a certificate brings its own.
    """

    allowed_targets: str | None
    description: str | None
    name: str | None
    next_rotation_date: date | None
    valid_from: datetime | None
    valid_until: datetime | None


class CredentialsAccesses(TypedDict, total=False):
    """What to ask for.

    Attributes:
        size: How many items a page has.
    """

    size: int


class CredentialsList(TypedDict, total=False):
    """What to ask for.

    Attributes:
        q: Part of a name.
        sort: name, created_at, valid_until, next_rotation_date or last_used_at; `-` before it: backwards.
        size: How many items a page has.
    """

    kind: Literal[
        "ssh_password", "ssh_key", "winrm", "bearer_token", "api_key", "http_basic", "certificate", "secret_text"
    ]
    q: str
    expiring_within_days: int
    rotation_within_days: int
    sort: str
    size: int


class Decide(TypedDict, total=False):
    """What a person found out about an attempt of unknown outcome.

    Attributes:
        decision: `ran`: treat as done. `not_ran`: it may run again. `skip`: go on without it.
        step: Id of the step.
        target: Name of the target; empty for a run-scoped step.
    """

    decision: Required[Literal["ran", "not_ran", "skip"]]
    reason: str
    step: Required[str]
    target: Required[str]


class DecideMany(TypedDict, total=False):
    """What a person found out about a step of unknown outcome on many targets.

    Attributes:
        decision: `ran`: treat as done. `not_ran`: it may run again. `skip`: go on without it.
        dry_run: Only say which attempts would be decided.
        step: Id of the step.
        targets: Names; absent: every target where nobody knows.
    """

    decision: Required[Literal["ran", "not_ran", "skip"]]
    dry_run: bool
    reason: str
    step: Required[str]
    targets: list[str] | None


class ExportRequest(TypedDict, total=False):
    """Which jobs to export.

    Attributes:
        folder: All jobs of this folder and those below.
    """

    folder: str | None
    jobs: list[UUID] | None


class FolderMove(TypedDict, total=False):
    """Another path for a folder, with everything below it.

    Attributes:
        new_path: A path that nothing is in yet.
        path: The folder as it is called now.
    """

    new_path: Required[str]
    path: Required[str]


class GrantCreate(TypedDict, total=False):
    """A role for one user in one place.

    Attributes:
        place: Name or key of a target group or credential; path of a job folder.
        role: Name or key.
        user: Username or key.
    """

    kind: Required[Literal["target_group", "job_folder", "credential"]]
    place: Required[str]
    role: Required[str]
    user: Required[str]


class GrantsList(TypedDict, total=False):
    """What to ask for.

    Attributes:
        user: Only grants of this user: username or key.
        role: Only grants of this role: name or key.
        kind: Only grants in places of this kind.
        place: Only grants there: a key, or a path.
        sort: created_at or -created_at.
        size: How many items a page has.
    """

    user: str
    role: str
    kind: Literal["target_group", "job_folder", "credential"]
    place: str
    sort: str
    size: int


class GroupCreate(TypedDict, total=False):
    """A new group.

    Attributes:
        parents: Names of the groups it is in.
        select: Which targets are members, always; absent: members are put there.
    """

    description: str
    name: Required[str]
    parents: list[str]
    select: str | None


class GroupUpdate(TypedDict, total=False):
    """What to change; what is absent stays.

    Attributes:
        force: Rename it although jobs name it.
        parents: The groups it is in, in place of those now.
        select: Another selector; null: the members of this moment stay, and others can be put there.
    """

    description: str | None
    force: bool
    name: str | None
    parents: list[str] | None
    select: str | None


class GroupsDelete(TypedDict, total=False):
    """What to ask for.

    Attributes:
        force: Although grants, jobs or selectors of other groups name it.
    """

    force: bool


class GroupsList(TypedDict, total=False):
    """What to ask for.

    Attributes:
        q: Part of a name or description.
        dynamic: Only groups with, or without, a selector.
        parent: Only groups directly inside this one.
        sort: name, created_at or updated_at; `-` before it: backwards.
        size: How many items a page has.
    """

    q: str
    dynamic: bool
    parent: UUID
    sort: str
    size: int


class GroupsTargets(TypedDict, total=False):
    """What to ask for.

    Attributes:
        size: How many items a page has.
    """

    size: int


class HealthCheckSet(TypedDict, total=False):
    """How a target, or every target of a group, is checked.

    Attributes:
        interval_seconds: How often.
        mode: `tcp` connects to the target's port; `login` signs in with the target's credential, with the rights that
            whoever sets this has then; `off` leaves a target out of its groups' checks. Both connect to the enabled
            services of the target, too.
    """

    interval_seconds: int
    mode: Required[Literal["tcp", "login", "off"]]


class HostKeyAccept(TypedDict, total=False):
    """A host key to keep from now on, in place of those recorded.

    Attributes:
        host_key: The new key; absent: the next one the host shows.
    """

    host_key: str | None


class Renaming(TypedDict, total=False):
    """What the bundle's documents name, and what that is called here.

    Attributes:
        groups: Groups inside selectors.
        parameters: Parameter → its default here, in every job that has it.
        selectors: Whole selectors.
        targets: Targets that selectors name in full.
        variables: Target variables in selectors and in steps.
    """

    credentials: dict[str, str]
    groups: dict[str, str]
    parameters: dict[str, Any]
    selectors: dict[str, str]
    targets: dict[str, str]
    variables: dict[str, Any]


class ImportRequest(TypedDict, total=False):
    """A bundle, and how it becomes what is kept here: all of it, or nothing.

    Attributes:
        dry_run: Only say what would become of it; nothing is kept.
        existing: What becomes of jobs and templates of the same name that are here.
        folder: Folder to put the bundle's folders into.
    """

    bundle: Required[Bundle]
    dry_run: bool
    existing: Literal["refuse", "update", "skip"]
    folder: str
    mapping: Renaming


class InventoryExport(TypedDict, total=False):
    """What to ask for.

    Attributes:
        select: Which targets, such as `group:web and tag:prod`.
    """

    format: Required[Literal["csv", "json", "yaml", "ansible-ini", "ansible-yaml"]]
    select: str


class InventoryImport(TypedDict, total=False):
    """A file with targets: all of them become targets, or none.

    Attributes:
        content: The file's text.
        credential: Name of the credential for targets that have none, here and in the file.
        dry_run: Only say what would be done.
        group_prefix: Stands before the name of every group of the file, such as `aws-`.
        update_existing: Change targets of the same name instead of refusing. What the file says replaces what was;
            groups are added, never taken away.
    """

    content: Required[str]
    credential: str | None
    dry_run: bool
    format: Required[Literal["csv", "json", "yaml", "ansible-ini", "ansible-yaml"]]
    group_prefix: str
    update_existing: bool


class JobClone(TypedDict, total=False):
    """A copy of a job under another name.

    Attributes:
        folder: The original's folder when absent.
        tags: The original's tags when absent.
    """

    folder: str | None
    name: Required[str]
    tags: list[str] | None


class JobCreate(TypedDict, total=False):
    """A new job; its name is the document's.

    Attributes:
        active: Whether runs may be started.
    """

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
    """A new version of the document, or another folder, tags or state; what is absent stays.

    Attributes:
        expected_version: Refuse when the job is at another version; `If-Match` says the same.
    """

    active: bool | None
    document: dict[str, Any] | None
    expected_version: int | None
    folder: str | None
    tags: list[str] | None
    yaml: str | None


class JobsDiff(TypedDict, total=False):
    """What to ask for."""

    before: Required[int]
    after: Required[int]


class JobsList(TypedDict, total=False):
    """What to ask for.

    Attributes:
        q: Part of a name or description.
        folder: Only jobs of this folder and those below.
        below: Whether folders below belong to `folder`.
        tag: Only jobs with this tag.
        active: Only jobs that may, or may not, be started.
        last_outcome: Only jobs whose last run ended so.
        sort: name, folder, created_at, updated_at or last_run_at; `-` before it: backwards.
        size: How many items a page has.
    """

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


class JobsParametersSchema(TypedDict, total=False):
    """What to ask for."""

    version: int


class JobsStatistics(TypedDict, total=False):
    """What to ask for.

    Attributes:
        days: How far to look back.
    """

    days: int


class JobsVersions(TypedDict, total=False):
    """What to ask for.

    Attributes:
        size: How many items a page has.
    """

    size: int


class Login(TypedDict, total=False):
    """Who signs in."""

    password: Required[str]
    username: Required[str]


class MembersUpdate(TypedDict, total=False):
    """Which targets to put into a group and to take out of it, by name or key.

    Attributes:
        add_select: Add all that this selector picks now.
        remove_select: Remove all that this selector picks now.
    """

    add: list[str]
    add_select: str | None
    remove: list[str]
    remove_select: str | None


class QuietHours(TypedDict, total=False):
    """When nothing is sent, in the user's own zone; over midnight when it starts later than it ends."""

    end: Required[str]
    start: Required[str]


class SlackPreference(TypedDict, total=False):
    """A message on Slack."""

    channel: Required[str]


class WebhookPreference(TypedDict, total=False):
    """A request to a web address."""

    url: Required[str]


class NotificationPreferences(TypedDict, total=False):
    """What somebody is told of, and how.

    Attributes:
        email: Whether mail is sent to the address of the profile.
        on: What happens to a run.
    """

    email: bool
    on: list[Literal["start", "success", "failure"]]
    quiet_hours: QuietHours | None
    slack: SlackPreference | None
    teams: bool
    webhook: WebhookPreference | None


class PasswordChange(TypedDict, total=False):
    """The old password and the new one."""

    current_password: Required[str]
    new_password: Required[str]


class PasswordProof(TypedDict, total=False):
    """One's own password, for what a stolen sign-in must not be enough for."""

    password: Required[str]


class PasswordReset(TypedDict, total=False):
    """A new password for somebody else, which they have to change.

    Attributes:
        password: Absent: one is made, and shown once.
    """

    password: str | None


class ProfileUpdate(TypedDict, total=False):
    """What people may change of themselves; what is absent stays."""

    email: str | None
    first_name: str | None
    last_name: str | None
    telephone: str | None
    title: str | None


class Refresh(TypedDict, total=False):
    """The refresh token of a sign-in."""

    refresh_token: Required[str]


class Rerun(TypedDict, total=False):
    """Which targets to repeat a run on.

    Attributes:
        targets: `failed`: those that did not end well, whatever the reason. `unreachable`: those that nobody got into,
            refused logins included. `not_started`: those on which no command was begun, such as those left out after
            too many failures. `all`: every one.
    """

    targets: Literal["failed", "unreachable", "not_started", "all"]


class Restore(TypedDict, total=False):
    """Bring an old version back as a new one.

    Attributes:
        expected_version: Refuse when the job is at another version; `If-Match` says the same.
    """

    expected_version: int | None


class RevealRequest(TypedDict, total=False):
    """Why somebody must see a secret.

    Attributes:
        reason: Goes on record, with who asked.
    """

    reason: Required[str]


class RoleCreate(TypedDict, total=False):
    """A new role.

    Attributes:
        permissions: Such as `jobs:view`; see /permissions.
    """

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
    """What to ask for.

    Attributes:
        q: Part of a name.
        sort: name or created_at; `-` before it: backwards.
        size: How many items a page has.
    """

    q: str
    sort: str
    size: int


class TargetsOverride(TypedDict, total=False):
    """Fewer targets than the job's own: those that this selector picks too."""

    allow_empty: bool | None
    select: Required[str]


class RunStart(TypedDict, total=False):
    """What to run.

    Attributes:
        check_only: Dry run: look, change nothing.
        job: Name of the job, in place of its id.
        parameters: By name; a secret's value is the name of a credential.
        version: The current one when absent.
    """

    check_only: bool
    job: str | None
    job_id: UUID | None
    parameters: dict[str, Any]
    targets: TargetsOverride | None
    version: int | None


class RunsDownloadOutput(TypedDict, total=False):
    """What to ask for.

    Attributes:
        target: Only this target: its name; `-` for the steps that run once.
        step: Only this step: its id.
        format: `text` as it was printed, or `jsonl`: one JSON object an attempt.
        times: Whether to say when attempts began and ended.
    """

    target: str
    step: str
    format: Literal["text", "jsonl"]
    times: bool


class RunsEvents(TypedDict, total=False):
    """What to ask for.

    Attributes:
        after: The last event that is known already.
        wait_seconds: How long to wait for the first one.
    """

    after: int
    wait_seconds: float


class RunsList(TypedDict, total=False):
    """What to ask for.

    Attributes:
        status: Only runs of this status.
        outcome: Only runs that ended so.
        job_id: Only runs of this job.
        job: Only runs of the job that had this name.
        folder: Only runs of the jobs in this folder and below it.
        by: Only runs that this user started.
        trigger: Only runs that began so: manual, rerun, schedule ….
        target: Only runs on this target: its name or id.
        of_jobs: Only runs of jobs, or only connection tests and health checks.
        pinned: Only runs that are pinned, or that are not.
        rerun_of: Only reruns of this run.
        created_after: With its zone, such as 2026-11-24T10:00:00Z.
        created_before: With its zone, such as 2026-11-24T10:00:00Z.
        started_after: With its zone, such as 2026-11-24T10:00:00Z.
        started_before: With its zone, such as 2026-11-24T10:00:00Z.
        finished_after: With its zone, such as 2026-11-24T10:00:00Z.
        finished_before: With its zone, such as 2026-11-24T10:00:00Z.
        q: Part of the job's name, or of who started it.
        sort: created_at or job; `-` before it: backwards.
        size: How many items a page has.
    """

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


class RunsMatrix(TypedDict, total=False):
    """What to ask for.

    Attributes:
        after: The newest event that is known already: only what changed after it.
        from_: Number of the first target.
        to: Number after the last target.
    """

    after: int
    from_: int
    to: int


class RunsOutput(TypedDict, total=False):
    """What to ask for.

    Attributes:
        unit: What `from` and `count` count.
        from_: Where to begin; negative: so many before the end.
        count: How many; absent: up to the end.
    """

    unit: Literal["lines", "bytes"]
    from_: int
    count: int


class RunsSearchOutput(TypedDict, total=False):
    """What to ask for.

    Attributes:
        target: Only this target: its name; `-` for the steps that run once.
        step: Only this step: its id.
        q: What to look for, in any case of letters.
        limit: Lines a page.
        cursor: `next` of the page before.
    """

    target: str
    step: str
    q: Required[str]
    limit: int
    cursor: str


class RunsTargets(TypedDict, total=False):
    """What to ask for.

    Attributes:
        outcome: Only targets that ended so; `pending`: that have not ended.
        size: How many items a page has.
    """

    outcome: str
    size: int


class RunsTimeline(TypedDict, total=False):
    """What to ask for.

    Attributes:
        from_: Number of the first target.
        to: Number after the last target.
    """

    from_: int
    to: int


class SelectorPreview(TypedDict, total=False):
    """A selector to try."""

    select: Required[str]


class ServiceWrite(TypedDict, total=False):
    """Something that a target offers on a port.

    Attributes:
        credential: Name of the credential that signs in to it.
        port: The usual port of the type when absent; `custom` has none.
        secure: Whether it is encrypted; as usual for the type when absent.
    """

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


class SessionsDeleteAll(TypedDict, total=False):
    """What to ask for.

    Attributes:
        keep_current: Whether this one stays.
    """

    keep_current: bool


class SessionsList(TypedDict, total=False):
    """What to ask for.

    Attributes:
        size: How many items a page has.
    """

    size: int


class SsoLink(TypedDict, total=False):
    """Who a user is at the provider."""

    subject: Required[str]


class TargetChanges(TypedDict, total=False):
    """What to change of each; what is absent stays.

    Attributes:
        credential: Name of a credential; null takes it away.
    """

    add_groups: list[str]
    add_tags: list[str]
    credential: str | None
    os_version: str
    platform: Literal["linux", "windows", "unix", "macos", "other"]
    port: int
    remove_groups: list[str]
    remove_tags: list[str]
    remove_variables: list[str]
    set_variables: dict[str, Any]
    zone: str


class TargetCreate(TypedDict, total=False):
    """A new target.

    Attributes:
        credential: Name of the credential that signs in.
        groups: Names of groups to put it into; a new name makes a group.
        host_keys: OpenSSH public keys the host may show; empty: the first one it shows is kept.
    """

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
    """What to change; what is absent stays.

    Attributes:
        credential: Name of a credential; null takes it away.
        force: Rename it although selectors name it.
        groups: The groups to put it into, in place of those now.
        services: All of them; a repeated one keeps its status.
    """

    address: str | None
    credential: str | None
    description: str | None
    encoding: str | None
    force: bool
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


class TargetsCredential(TypedDict, total=False):
    """What to ask for."""

    job_id: UUID


class TargetsHealthHistory(TypedDict, total=False):
    """What to ask for.

    Attributes:
        size: How many items a page has.
    """

    size: int


class TargetsList(TypedDict, total=False):
    """What to ask for.

    Attributes:
        q: Part of a name, address or description.
        select: Only targets that this selector picks.
        tag: Only targets with this tag.
        group: Only targets of this group.
        platform: Only targets of this platform.
        zone: Only targets of this zone; empty: of none.
        service: Only targets that offer this.
        status: Only targets with a service, or that service, in this status.
        credential: Only targets that this credential signs in to.
        health: Only targets whose last health check said so.
        sort: name, address, platform, zone, created_at or updated_at; `-` before it: backwards.
        size: How many items a page has.
    """

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


class TargetsListHealth(TypedDict, total=False):
    """What to ask for.

    Attributes:
        status: Only targets that are so.
        sort: since or checked_at; `-` before it: backwards.
        size: How many items a page has.
    """

    status: Literal["up", "unreachable", "auth_failed", "host_key_changed", "failed"]
    sort: str
    size: int


class TargetsRuns(TypedDict, total=False):
    """What to ask for.

    Attributes:
        status: Only runs of this status.
        outcome: Only runs that ended so.
        job_id: Only runs of this job.
        job: Only runs of the job that had this name.
        folder: Only runs of the jobs in this folder and below it.
        by: Only runs that this user started.
        trigger: Only runs that began so: manual, rerun, schedule ….
        target: Only runs on this target: its name or id.
        of_jobs: Only runs of jobs, or only connection tests and health checks.
        pinned: Only runs that are pinned, or that are not.
        rerun_of: Only reruns of this run.
        created_after: With its zone, such as 2026-11-24T10:00:00Z.
        created_before: With its zone, such as 2026-11-24T10:00:00Z.
        started_after: With its zone, such as 2026-11-24T10:00:00Z.
        started_before: With its zone, such as 2026-11-24T10:00:00Z.
        finished_after: With its zone, such as 2026-11-24T10:00:00Z.
        finished_before: With its zone, such as 2026-11-24T10:00:00Z.
        q: Part of the job's name, or of who started it.
        sort: created_at or job; `-` before it: backwards.
        size: How many items a page has.
    """

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


class TargetsUpdate(TypedDict, total=False):
    """A change of many targets.

    Attributes:
        at_most: Refuse everything when more are meant.
        dry_run: Only say what would become of each.
        select: A selector.
        targets: Names or keys.
    """

    at_most: int
    changes: Required[TargetChanges]
    dry_run: bool
    select: str | None
    targets: list[str] | None


class TemplateCreate(TypedDict, total=False):
    """A new template; its name is the document's."""

    document: dict[str, Any] | None
    folder: str
    tags: list[str]
    yaml: str | None


class TemplateUpdate(TypedDict, total=False):
    """A new version of the document, or another folder or tags; what is absent stays.

    Attributes:
        expected_version: Refuse when it is at another version.
    """

    document: dict[str, Any] | None
    expected_version: int | None
    folder: str | None
    tags: list[str] | None
    yaml: str | None


class TemplatesList(TypedDict, total=False):
    """What to ask for.

    Attributes:
        q: Part of a name or description.
        folder: Only templates of this folder and those below.
        tag: Only templates with this tag.
        sort: name, folder, created_at or updated_at; `-` before it: backwards.
        size: How many items a page has.
    """

    q: str
    folder: str
    tag: str
    sort: str
    size: int


class TemplatesVersions(TypedDict, total=False):
    """What to ask for.

    Attributes:
        size: How many items a page has.
    """

    size: int


class TokensList(TypedDict, total=False):
    """What to ask for.

    Attributes:
        q: Part of a name.
        user: Only tokens of this user.
        sort: name, created_at or expires_at; `-` before it: backwards.
        size: How many items a page has.
    """

    q: str
    user: str
    sort: str
    size: int


class UiPreferences(TypedDict, total=False):
    """How pages look.

    Attributes:
        zone: IANA time zone that times are shown in; quiet hours too.
    """

    density: Literal["comfortable", "compact"]
    theme: Literal["system", "light", "dark"]
    zone: str


class UserCreate(TypedDict, total=False):
    """A new user.

    Attributes:
        must_change_password: Whether it has to be changed at first.
        password: Absent: one is made, and shown once.
    """

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
    """What to change; what is absent stays.

    Attributes:
        active: Who is not active cannot sign in.
    """

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
    """What to ask for.

    Attributes:
        q: Part of a name, e-mail address, telephone number or title.
        role: Only users with this role.
        active: Only users who can, or cannot, sign in.
        sort: username, email, last_name, created_at or last_login_at; `-` before it: backwards.
        size: How many items a page has.
    """

    q: str
    role: str
    active: bool
    sort: str
    size: int


class UsersSessions(TypedDict, total=False):
    """What to ask for.

    Attributes:
        size: How many items a page has.
    """

    size: int
