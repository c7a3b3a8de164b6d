"""The portal's resources, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from types import NoneType
from typing import Unpack

from .bodies import (
    ApiTokenCreate,
    AuditList,
    AuditVerify,
    CredentialCreate,
    CredentialRotate,
    CredentialsList,
    CredentialUpdate,
    Decide,
    GroupCreate,
    GroupsDelete,
    GroupsList,
    GroupsTargets,
    GroupUpdate,
    HostKeyAccept,
    JobCreate,
    JobsList,
    JobSource,
    JobsStatistics,
    JobsVersions,
    JobUpdate,
    MembersUpdate,
    Rerun,
    RoleCreate,
    RolesList,
    RoleUpdate,
    RunsEvents,
    RunsList,
    RunsTargets,
    RunStart,
    SelectorPreview,
    TargetCreate,
    TargetsList,
    TargetsRuns,
    TargetUpdate,
    TokensList,
    UserCreate,
    UsersList,
    UserUpdate,
)
from .calls import AsyncResource, Call, Key, Page, Resource, new_key, part
from .models import (
    ApiTokenCreated,
    ApiTokenRead,
    AuditEventRead,
    AuditRead,
    ChainRead,
    CredentialRead,
    CredentialUsesRead,
    DecisionRead,
    EventsRead,
    GroupRead,
    JobDetail,
    JobRead,
    MembersRead,
    PreviewRead,
    RoleRead,
    RunDetail,
    RunPreview,
    RunRead,
    RunTargetRead,
    StatisticsRead,
    TargetRead,
    TargetRunRead,
    UserCreated,
    UserRead,
    ValidationRead,
    VersionRead,
)


class Targets(Resource):
    """The targets of a portal."""

    def list(self, **query: Unpack[TargetsList]) -> Iterator[TargetRead]:
        """Targets, a page at a time."""
        return self._pages(Call("GET", "/targets", query=query, answer=Page[TargetRead]))

    def create(self, **body: Unpack[TargetCreate]) -> TargetRead:
        """Add a target."""
        return self._send(Call("POST", "/targets", body=body, answer=TargetRead))

    def get(self, target_id: Key) -> TargetRead:
        """One target."""
        return self._send(Call("GET", f"/targets/{part(target_id)}", answer=TargetRead))

    def update(self, target_id: Key, **body: Unpack[TargetUpdate]) -> TargetRead:
        """Change a target; what is absent stays."""
        return self._send(Call("PATCH", f"/targets/{part(target_id)}", body=body, answer=TargetRead))

    def delete(self, target_id: Key) -> None:
        """Remove a target; runs that named it keep what they froze."""
        return self._send(Call("DELETE", f"/targets/{part(target_id)}", answer=NoneType))

    def preview(self, **body: Unpack[SelectorPreview]) -> PreviewRead:
        """What a run with this selector would run on; the run uses the same function."""
        return self._send(Call("POST", "/targets/preview", body=body, answer=PreviewRead))

    def runs(self, target_id: Key, **query: Unpack[TargetsRuns]) -> Iterator[TargetRunRead]:
        """Runs on one target, the newest first, and how each ended there."""
        return self._pages(Call("GET", f"/targets/{part(target_id)}/runs", query=query, answer=Page[TargetRunRead]))

    def accept_host_key(self, target_id: Key, **body: Unpack[HostKeyAccept]) -> TargetRead:
        """Trust another host key from now on, such as that of a host that was rebuilt."""
        return self._send(Call("POST", f"/targets/{part(target_id)}/accept-host-key", body=body, answer=TargetRead))


class Groups(Resource):
    """The groups of a portal."""

    def list(self, **query: Unpack[GroupsList]) -> Iterator[GroupRead]:
        """Groups, a page at a time."""
        return self._pages(Call("GET", "/groups", query=query, answer=Page[GroupRead]))

    def create(self, **body: Unpack[GroupCreate]) -> GroupRead:
        """Make a group."""
        return self._send(Call("POST", "/groups", body=body, answer=GroupRead))

    def get(self, group_id: Key) -> GroupRead:
        """One group."""
        return self._send(Call("GET", f"/groups/{part(group_id)}", answer=GroupRead))

    def update(self, group_id: Key, **body: Unpack[GroupUpdate]) -> GroupRead:
        """Change a group; what is absent stays. Another name is followed everywhere but in jobs: see `force`."""
        return self._send(Call("PATCH", f"/groups/{part(group_id)}", body=body, answer=GroupRead))

    def delete(self, group_id: Key, **query: Unpack[GroupsDelete]) -> None:
        """Remove a group; its targets and the groups inside it stay. With force, roles that people had in it go."""
        return self._send(Call("DELETE", f"/groups/{part(group_id)}", query=query, answer=NoneType))

    def change_members(self, group_id: Key, **body: Unpack[MembersUpdate]) -> MembersRead:
        """Put targets into a group and take others out of it."""
        return self._send(Call("PATCH", f"/groups/{part(group_id)}/members", body=body, answer=MembersRead))

    def targets(self, group_id: Key, **query: Unpack[GroupsTargets]) -> Iterator[TargetRead]:
        """The targets in it, those of groups inside it included."""
        return self._pages(Call("GET", f"/groups/{part(group_id)}/targets", query=query, answer=Page[TargetRead]))


class Credentials(Resource):
    """The credentials of a portal."""

    def list(self, **query: Unpack[CredentialsList]) -> Iterator[CredentialRead]:
        """Credentials, a page at a time; never their secrets."""
        return self._pages(Call("GET", "/credentials", query=query, answer=Page[CredentialRead]))

    def create(self, **body: Unpack[CredentialCreate]) -> CredentialRead:
        """Seal a new credential."""
        return self._send(Call("POST", "/credentials", body=body, answer=CredentialRead))

    def get(self, credential_id: Key) -> CredentialRead:
        """One credential, without its secret."""
        return self._send(Call("GET", f"/credentials/{part(credential_id)}", answer=CredentialRead))

    def update(self, credential_id: Key, **body: Unpack[CredentialUpdate]) -> CredentialRead:
        """Change what is known about a credential; its secret is changed by rotating it."""
        return self._send(Call("PATCH", f"/credentials/{part(credential_id)}", body=body, answer=CredentialRead))

    def rotate(self, credential_id: Key, **body: Unpack[CredentialRotate]) -> CredentialRead:
        """Give a credential a new secret as a new version; runs that started keep the one they had."""
        return self._send(Call("POST", f"/credentials/{part(credential_id)}/rotate", body=body, answer=CredentialRead))

    def delete(self, credential_id: Key) -> None:
        """Remove a credential that nothing uses."""
        return self._send(Call("DELETE", f"/credentials/{part(credential_id)}", answer=NoneType))

    def uses(self, credential_id: Key) -> CredentialUsesRead:
        """What would lack a login without it: targets, groups and jobs."""
        return self._send(Call("GET", f"/credentials/{part(credential_id)}/uses", answer=CredentialUsesRead))


class Jobs(Resource):
    """The jobs of a portal."""

    def list(self, **query: Unpack[JobsList]) -> Iterator[JobRead]:
        """Jobs, a page at a time."""
        return self._pages(Call("GET", "/jobs", query=query, answer=Page[JobRead]))

    def create(self, **body: Unpack[JobCreate]) -> JobDetail:
        """Keep a new job; every problem of its document is named at once."""
        return self._send(Call("POST", "/jobs", body=body, answer=JobDetail))

    def get(self, job_id: Key) -> JobDetail:
        """One job with its current document."""
        return self._send(Call("GET", f"/jobs/{part(job_id)}", answer=JobDetail))

    def update(self, job_id: Key, *, if_match: str | None = None, **body: Unpack[JobUpdate]) -> JobDetail:
        """Keep a new version of a job's document, or another folder, tags or state."""
        return self._send(Call("PATCH", f"/jobs/{part(job_id)}", if_match=if_match, body=body, answer=JobDetail))

    def delete(self, job_id: Key) -> None:
        """Take a job away; its runs stay, and running ones go on."""
        return self._send(Call("DELETE", f"/jobs/{part(job_id)}", answer=NoneType))

    def validate(self, **body: Unpack[JobSource]) -> ValidationRead:
        """Find everything wrong with a document; nothing is kept."""
        return self._send(Call("POST", "/jobs/validate", body=body, answer=ValidationRead))

    def versions(self, job_id: Key, **query: Unpack[JobsVersions]) -> Iterator[VersionRead]:
        """Versions of a job, the newest first, a page at a time."""
        return self._pages(Call("GET", f"/jobs/{part(job_id)}/versions", query=query, answer=Page[VersionRead]))

    def statistics(self, job_id: Key, **query: Unpack[JobsStatistics]) -> StatisticsRead:
        """How a job's runs of the last days went."""
        return self._send(Call("GET", f"/jobs/{part(job_id)}/statistics", query=query, answer=StatisticsRead))


class Runs(Resource):
    """The runs of a portal."""

    def list(self, **query: Unpack[RunsList]) -> Iterator[RunRead]:
        """Runs, the newest first, a page at a time."""
        return self._pages(Call("GET", "/runs", query=query, answer=Page[RunRead]))

    def start(self, *, idempotency_key: str | None = None, **body: Unpack[RunStart]) -> RunRead:
        """Start a run on the targets its selector picks now."""
        return self._send(
            Call("POST", "/runs", idempotency_key=idempotency_key or new_key(), body=body, answer=RunRead)
        )

    def preview(self, **body: Unpack[RunStart]) -> RunPreview:
        """What the same request would start, what a dry run can tell, and what keeps it from starting."""
        return self._send(Call("POST", "/runs/preview", body=body, answer=RunPreview))

    def get(self, run_id: Key) -> RunDetail:
        """One run with its counts."""
        return self._send(Call("GET", f"/runs/{part(run_id)}", answer=RunDetail))

    def events(self, run_id: Key, **query: Unpack[RunsEvents]) -> EventsRead:
        """Events after a cursor, in order."""
        return self._send(Call("GET", f"/runs/{part(run_id)}/events", query=query, answer=EventsRead))

    def targets(self, run_id: Key, **query: Unpack[RunsTargets]) -> Iterator[RunTargetRead]:
        """Targets of a run and how they ended, a page at a time."""
        return self._pages(Call("GET", f"/runs/{part(run_id)}/targets", query=query, answer=Page[RunTargetRead]))

    def cancel(self, run_id: Key) -> RunRead:
        """Ask a run to stop; it says `cancelled` when that is confirmed."""
        return self._send(Call("POST", f"/runs/{part(run_id)}/cancel", answer=RunRead))

    def rerun(self, run_id: Key, *, idempotency_key: str | None = None, **body: Unpack[Rerun]) -> RunRead:
        """A new run of the same version and parameters, on the targets that did not end well, or on others of it."""
        return self._send(
            Call(
                "POST",
                f"/runs/{part(run_id)}/rerun",
                idempotency_key=idempotency_key or new_key(),
                body=body,
                answer=RunRead,
            )
        )

    def resume(self, run_id: Key) -> RunRead:
        """Let an unknown or cancelled run go on from where it stopped."""
        return self._send(Call("POST", f"/runs/{part(run_id)}/resume", answer=RunRead))

    def decide(self, run_id: Key, **body: Unpack[Decide]) -> DecisionRead:
        """Say what became of an attempt of unknown outcome; it cannot be taken back."""
        return self._send(Call("POST", f"/runs/{part(run_id)}/decisions", body=body, answer=DecisionRead))


class Users(Resource):
    """The users of a portal."""

    def list(self, **query: Unpack[UsersList]) -> Iterator[UserRead]:
        """Users, a page at a time."""
        return self._pages(Call("GET", "/users", query=query, answer=Page[UserRead]))

    def create(self, **body: Unpack[UserCreate]) -> UserCreated:
        """Add a user. Nobody can give a role that holds more than their own."""
        return self._send(Call("POST", "/users", body=body, answer=UserCreated))

    def get(self, user_id: Key) -> UserRead:
        """One user."""
        return self._send(Call("GET", f"/users/{part(user_id)}", answer=UserRead))

    def update(self, user_id: Key, **body: Unpack[UserUpdate]) -> UserRead:
        """Change a user, disable them or let them in again; what is absent stays. It binds with their next request."""
        return self._send(Call("PATCH", f"/users/{part(user_id)}", body=body, answer=UserRead))

    def delete(self, user_id: Key) -> None:
        """Remove a user for good; the audit log keeps what they did."""
        return self._send(Call("DELETE", f"/users/{part(user_id)}", answer=NoneType))


class Roles(Resource):
    """The roles of a portal."""

    def list(self, **query: Unpack[RolesList]) -> Iterator[RoleRead]:
        """Roles, a page at a time."""
        return self._pages(Call("GET", "/roles", query=query, answer=Page[RoleRead]))

    def create(self, **body: Unpack[RoleCreate]) -> RoleRead:
        """Make a role. Nobody gives what they do not hold themselves."""
        return self._send(Call("POST", "/roles", body=body, answer=RoleRead))

    def get(self, role_id: Key) -> RoleRead:
        """One role."""
        return self._send(Call("GET", f"/roles/{part(role_id)}", answer=RoleRead))

    def update(self, role_id: Key, **body: Unpack[RoleUpdate]) -> RoleRead:
        """Change a role; it binds everybody who has it at once. The built-in ones stay as they are."""
        return self._send(Call("PATCH", f"/roles/{part(role_id)}", body=body, answer=RoleRead))

    def delete(self, role_id: Key) -> None:
        """Remove a role that nobody has."""
        return self._send(Call("DELETE", f"/roles/{part(role_id)}", answer=NoneType))


class Tokens(Resource):
    """The tokens of a portal."""

    def list(self, **query: Unpack[TokensList]) -> Iterator[ApiTokenRead]:
        """Your API tokens, and everybody's for those who manage users, a page at a time."""
        return self._pages(Call("GET", "/tokens", query=query, answer=Page[ApiTokenRead]))

    def create(self, **body: Unpack[ApiTokenCreate]) -> ApiTokenCreated:
        """Make an API token of your own. It is shown this once. A token cannot make tokens."""
        return self._send(Call("POST", "/tokens", body=body, answer=ApiTokenCreated))

    def get(self, token_id: Key) -> ApiTokenRead:
        """One API token."""
        return self._send(Call("GET", f"/tokens/{part(token_id)}", answer=ApiTokenRead))

    def delete(self, token_id: Key) -> None:
        """Revoke an API token; it is worth nothing from now on."""
        return self._send(Call("DELETE", f"/tokens/{part(token_id)}", answer=NoneType))


class Audit(Resource):
    """The audit of a portal."""

    def list(self, **query: Unpack[AuditList]) -> Iterator[AuditRead]:
        """Who did what, the newest first."""
        return self._pages(Call("GET", "/audit", query=query, answer=Page[AuditRead]))

    def verify(self, **query: Unpack[AuditVerify]) -> ChainRead:
        """Recompute the log's hash chain: was an entry changed, added or removed by hand?."""
        return self._send(Call("GET", "/audit/chain", query=query, answer=ChainRead))

    def events(self) -> Sequence[AuditEventRead]:
        """Every event that the log may hold, and what it says."""
        return self._send(Call("GET", "/audit/events", answer=list[AuditEventRead]))


class AsyncTargets(AsyncResource):
    """The targets of a portal."""

    def list(self, **query: Unpack[TargetsList]) -> AsyncIterator[TargetRead]:
        """Targets, a page at a time."""
        return self._pages(Call("GET", "/targets", query=query, answer=Page[TargetRead]))

    async def create(self, **body: Unpack[TargetCreate]) -> TargetRead:
        """Add a target."""
        return await self._send(Call("POST", "/targets", body=body, answer=TargetRead))

    async def get(self, target_id: Key) -> TargetRead:
        """One target."""
        return await self._send(Call("GET", f"/targets/{part(target_id)}", answer=TargetRead))

    async def update(self, target_id: Key, **body: Unpack[TargetUpdate]) -> TargetRead:
        """Change a target; what is absent stays."""
        return await self._send(Call("PATCH", f"/targets/{part(target_id)}", body=body, answer=TargetRead))

    async def delete(self, target_id: Key) -> None:
        """Remove a target; runs that named it keep what they froze."""
        return await self._send(Call("DELETE", f"/targets/{part(target_id)}", answer=NoneType))

    async def preview(self, **body: Unpack[SelectorPreview]) -> PreviewRead:
        """What a run with this selector would run on; the run uses the same function."""
        return await self._send(Call("POST", "/targets/preview", body=body, answer=PreviewRead))

    def runs(self, target_id: Key, **query: Unpack[TargetsRuns]) -> AsyncIterator[TargetRunRead]:
        """Runs on one target, the newest first, and how each ended there."""
        return self._pages(Call("GET", f"/targets/{part(target_id)}/runs", query=query, answer=Page[TargetRunRead]))

    async def accept_host_key(self, target_id: Key, **body: Unpack[HostKeyAccept]) -> TargetRead:
        """Trust another host key from now on, such as that of a host that was rebuilt."""
        return await self._send(
            Call("POST", f"/targets/{part(target_id)}/accept-host-key", body=body, answer=TargetRead)
        )


class AsyncGroups(AsyncResource):
    """The groups of a portal."""

    def list(self, **query: Unpack[GroupsList]) -> AsyncIterator[GroupRead]:
        """Groups, a page at a time."""
        return self._pages(Call("GET", "/groups", query=query, answer=Page[GroupRead]))

    async def create(self, **body: Unpack[GroupCreate]) -> GroupRead:
        """Make a group."""
        return await self._send(Call("POST", "/groups", body=body, answer=GroupRead))

    async def get(self, group_id: Key) -> GroupRead:
        """One group."""
        return await self._send(Call("GET", f"/groups/{part(group_id)}", answer=GroupRead))

    async def update(self, group_id: Key, **body: Unpack[GroupUpdate]) -> GroupRead:
        """Change a group; what is absent stays. Another name is followed everywhere but in jobs: see `force`."""
        return await self._send(Call("PATCH", f"/groups/{part(group_id)}", body=body, answer=GroupRead))

    async def delete(self, group_id: Key, **query: Unpack[GroupsDelete]) -> None:
        """Remove a group; its targets and the groups inside it stay. With force, roles that people had in it go."""
        return await self._send(Call("DELETE", f"/groups/{part(group_id)}", query=query, answer=NoneType))

    async def change_members(self, group_id: Key, **body: Unpack[MembersUpdate]) -> MembersRead:
        """Put targets into a group and take others out of it."""
        return await self._send(Call("PATCH", f"/groups/{part(group_id)}/members", body=body, answer=MembersRead))

    def targets(self, group_id: Key, **query: Unpack[GroupsTargets]) -> AsyncIterator[TargetRead]:
        """The targets in it, those of groups inside it included."""
        return self._pages(Call("GET", f"/groups/{part(group_id)}/targets", query=query, answer=Page[TargetRead]))


class AsyncCredentials(AsyncResource):
    """The credentials of a portal."""

    def list(self, **query: Unpack[CredentialsList]) -> AsyncIterator[CredentialRead]:
        """Credentials, a page at a time; never their secrets."""
        return self._pages(Call("GET", "/credentials", query=query, answer=Page[CredentialRead]))

    async def create(self, **body: Unpack[CredentialCreate]) -> CredentialRead:
        """Seal a new credential."""
        return await self._send(Call("POST", "/credentials", body=body, answer=CredentialRead))

    async def get(self, credential_id: Key) -> CredentialRead:
        """One credential, without its secret."""
        return await self._send(Call("GET", f"/credentials/{part(credential_id)}", answer=CredentialRead))

    async def update(self, credential_id: Key, **body: Unpack[CredentialUpdate]) -> CredentialRead:
        """Change what is known about a credential; its secret is changed by rotating it."""
        return await self._send(Call("PATCH", f"/credentials/{part(credential_id)}", body=body, answer=CredentialRead))

    async def rotate(self, credential_id: Key, **body: Unpack[CredentialRotate]) -> CredentialRead:
        """Give a credential a new secret as a new version; runs that started keep the one they had."""
        return await self._send(
            Call("POST", f"/credentials/{part(credential_id)}/rotate", body=body, answer=CredentialRead)
        )

    async def delete(self, credential_id: Key) -> None:
        """Remove a credential that nothing uses."""
        return await self._send(Call("DELETE", f"/credentials/{part(credential_id)}", answer=NoneType))

    async def uses(self, credential_id: Key) -> CredentialUsesRead:
        """What would lack a login without it: targets, groups and jobs."""
        return await self._send(Call("GET", f"/credentials/{part(credential_id)}/uses", answer=CredentialUsesRead))


class AsyncJobs(AsyncResource):
    """The jobs of a portal."""

    def list(self, **query: Unpack[JobsList]) -> AsyncIterator[JobRead]:
        """Jobs, a page at a time."""
        return self._pages(Call("GET", "/jobs", query=query, answer=Page[JobRead]))

    async def create(self, **body: Unpack[JobCreate]) -> JobDetail:
        """Keep a new job; every problem of its document is named at once."""
        return await self._send(Call("POST", "/jobs", body=body, answer=JobDetail))

    async def get(self, job_id: Key) -> JobDetail:
        """One job with its current document."""
        return await self._send(Call("GET", f"/jobs/{part(job_id)}", answer=JobDetail))

    async def update(self, job_id: Key, *, if_match: str | None = None, **body: Unpack[JobUpdate]) -> JobDetail:
        """Keep a new version of a job's document, or another folder, tags or state."""
        return await self._send(Call("PATCH", f"/jobs/{part(job_id)}", if_match=if_match, body=body, answer=JobDetail))

    async def delete(self, job_id: Key) -> None:
        """Take a job away; its runs stay, and running ones go on."""
        return await self._send(Call("DELETE", f"/jobs/{part(job_id)}", answer=NoneType))

    async def validate(self, **body: Unpack[JobSource]) -> ValidationRead:
        """Find everything wrong with a document; nothing is kept."""
        return await self._send(Call("POST", "/jobs/validate", body=body, answer=ValidationRead))

    def versions(self, job_id: Key, **query: Unpack[JobsVersions]) -> AsyncIterator[VersionRead]:
        """Versions of a job, the newest first, a page at a time."""
        return self._pages(Call("GET", f"/jobs/{part(job_id)}/versions", query=query, answer=Page[VersionRead]))

    async def statistics(self, job_id: Key, **query: Unpack[JobsStatistics]) -> StatisticsRead:
        """How a job's runs of the last days went."""
        return await self._send(Call("GET", f"/jobs/{part(job_id)}/statistics", query=query, answer=StatisticsRead))


class AsyncRuns(AsyncResource):
    """The runs of a portal."""

    def list(self, **query: Unpack[RunsList]) -> AsyncIterator[RunRead]:
        """Runs, the newest first, a page at a time."""
        return self._pages(Call("GET", "/runs", query=query, answer=Page[RunRead]))

    async def start(self, *, idempotency_key: str | None = None, **body: Unpack[RunStart]) -> RunRead:
        """Start a run on the targets its selector picks now."""
        return await self._send(
            Call("POST", "/runs", idempotency_key=idempotency_key or new_key(), body=body, answer=RunRead)
        )

    async def preview(self, **body: Unpack[RunStart]) -> RunPreview:
        """What the same request would start, what a dry run can tell, and what keeps it from starting."""
        return await self._send(Call("POST", "/runs/preview", body=body, answer=RunPreview))

    async def get(self, run_id: Key) -> RunDetail:
        """One run with its counts."""
        return await self._send(Call("GET", f"/runs/{part(run_id)}", answer=RunDetail))

    async def events(self, run_id: Key, **query: Unpack[RunsEvents]) -> EventsRead:
        """Events after a cursor, in order."""
        return await self._send(Call("GET", f"/runs/{part(run_id)}/events", query=query, answer=EventsRead))

    def targets(self, run_id: Key, **query: Unpack[RunsTargets]) -> AsyncIterator[RunTargetRead]:
        """Targets of a run and how they ended, a page at a time."""
        return self._pages(Call("GET", f"/runs/{part(run_id)}/targets", query=query, answer=Page[RunTargetRead]))

    async def cancel(self, run_id: Key) -> RunRead:
        """Ask a run to stop; it says `cancelled` when that is confirmed."""
        return await self._send(Call("POST", f"/runs/{part(run_id)}/cancel", answer=RunRead))

    async def rerun(self, run_id: Key, *, idempotency_key: str | None = None, **body: Unpack[Rerun]) -> RunRead:
        """A new run of the same version and parameters, on the targets that did not end well, or on others of it."""
        return await self._send(
            Call(
                "POST",
                f"/runs/{part(run_id)}/rerun",
                idempotency_key=idempotency_key or new_key(),
                body=body,
                answer=RunRead,
            )
        )

    async def resume(self, run_id: Key) -> RunRead:
        """Let an unknown or cancelled run go on from where it stopped."""
        return await self._send(Call("POST", f"/runs/{part(run_id)}/resume", answer=RunRead))

    async def decide(self, run_id: Key, **body: Unpack[Decide]) -> DecisionRead:
        """Say what became of an attempt of unknown outcome; it cannot be taken back."""
        return await self._send(Call("POST", f"/runs/{part(run_id)}/decisions", body=body, answer=DecisionRead))


class AsyncUsers(AsyncResource):
    """The users of a portal."""

    def list(self, **query: Unpack[UsersList]) -> AsyncIterator[UserRead]:
        """Users, a page at a time."""
        return self._pages(Call("GET", "/users", query=query, answer=Page[UserRead]))

    async def create(self, **body: Unpack[UserCreate]) -> UserCreated:
        """Add a user. Nobody can give a role that holds more than their own."""
        return await self._send(Call("POST", "/users", body=body, answer=UserCreated))

    async def get(self, user_id: Key) -> UserRead:
        """One user."""
        return await self._send(Call("GET", f"/users/{part(user_id)}", answer=UserRead))

    async def update(self, user_id: Key, **body: Unpack[UserUpdate]) -> UserRead:
        """Change a user, disable them or let them in again; what is absent stays. It binds with their next request."""
        return await self._send(Call("PATCH", f"/users/{part(user_id)}", body=body, answer=UserRead))

    async def delete(self, user_id: Key) -> None:
        """Remove a user for good; the audit log keeps what they did."""
        return await self._send(Call("DELETE", f"/users/{part(user_id)}", answer=NoneType))


class AsyncRoles(AsyncResource):
    """The roles of a portal."""

    def list(self, **query: Unpack[RolesList]) -> AsyncIterator[RoleRead]:
        """Roles, a page at a time."""
        return self._pages(Call("GET", "/roles", query=query, answer=Page[RoleRead]))

    async def create(self, **body: Unpack[RoleCreate]) -> RoleRead:
        """Make a role. Nobody gives what they do not hold themselves."""
        return await self._send(Call("POST", "/roles", body=body, answer=RoleRead))

    async def get(self, role_id: Key) -> RoleRead:
        """One role."""
        return await self._send(Call("GET", f"/roles/{part(role_id)}", answer=RoleRead))

    async def update(self, role_id: Key, **body: Unpack[RoleUpdate]) -> RoleRead:
        """Change a role; it binds everybody who has it at once. The built-in ones stay as they are."""
        return await self._send(Call("PATCH", f"/roles/{part(role_id)}", body=body, answer=RoleRead))

    async def delete(self, role_id: Key) -> None:
        """Remove a role that nobody has."""
        return await self._send(Call("DELETE", f"/roles/{part(role_id)}", answer=NoneType))


class AsyncTokens(AsyncResource):
    """The tokens of a portal."""

    def list(self, **query: Unpack[TokensList]) -> AsyncIterator[ApiTokenRead]:
        """Your API tokens, and everybody's for those who manage users, a page at a time."""
        return self._pages(Call("GET", "/tokens", query=query, answer=Page[ApiTokenRead]))

    async def create(self, **body: Unpack[ApiTokenCreate]) -> ApiTokenCreated:
        """Make an API token of your own. It is shown this once. A token cannot make tokens."""
        return await self._send(Call("POST", "/tokens", body=body, answer=ApiTokenCreated))

    async def get(self, token_id: Key) -> ApiTokenRead:
        """One API token."""
        return await self._send(Call("GET", f"/tokens/{part(token_id)}", answer=ApiTokenRead))

    async def delete(self, token_id: Key) -> None:
        """Revoke an API token; it is worth nothing from now on."""
        return await self._send(Call("DELETE", f"/tokens/{part(token_id)}", answer=NoneType))


class AsyncAudit(AsyncResource):
    """The audit of a portal."""

    def list(self, **query: Unpack[AuditList]) -> AsyncIterator[AuditRead]:
        """Who did what, the newest first."""
        return self._pages(Call("GET", "/audit", query=query, answer=Page[AuditRead]))

    async def verify(self, **query: Unpack[AuditVerify]) -> ChainRead:
        """Recompute the log's hash chain: was an entry changed, added or removed by hand?."""
        return await self._send(Call("GET", "/audit/chain", query=query, answer=ChainRead))

    async def events(self) -> Sequence[AuditEventRead]:
        """Every event that the log may hold, and what it says."""
        return await self._send(Call("GET", "/audit/events", answer=list[AuditEventRead]))
