"""Who asks, and where they may do what."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from uuid import UUID

from .permissions import CONFERRED, Permission, PlaceKind


@dataclass(frozen=True, slots=True)
class Grant:
    """Permissions that hold only in one place.

    Attributes:
        role: Name of the granted role.
        permissions: Those of the granted role that a place of this kind can give.
        place: Name of a target group, path of a job folder, or key of a credential.
    """

    role: str
    permissions: frozenset[Permission]
    kind: PlaceKind
    place: str

    @classmethod
    def of_role(cls, role: str, held: frozenset[Permission], kind: PlaceKind, place: str) -> "Grant":
        """A role in a place: what is not done to things of such a place is left out."""
        return cls(role, held & CONFERRED[kind], kind, place)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where one permission holds: everywhere, or in some groups, folders and credentials."""

    everywhere: bool = False
    groups: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    credentials: frozenset[UUID] = frozenset()

    def covers_target(self, groups: list[str]) -> bool:
        """Whether it holds for a target of these groups, those above them included."""
        return self.everywhere or not self.groups.isdisjoint(groups)

    def covers_job(self, folder: str) -> bool:
        """Whether it holds for a job in this folder."""
        return self.everywhere or any(folder == own or folder.startswith(f"{own}/") for own in self.folders)

    def covers_credential(self, credential_id: UUID) -> bool:
        """Whether it holds for this credential."""
        return self.everywhere or credential_id in self.credentials


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user with what they may do now.

    Attributes:
        session_id: The sign-in, or the API token, that this request belongs to.
        permissions: What they may do everywhere.
        grants: What they may do in some places besides.
        must_change_password: Whether they may do nothing before they have changed their password.
        token_id: The API token that acts for them; None when they are here themselves.
    """

    user_id: UUID
    username: str
    session_id: UUID
    permissions: frozenset[Permission]
    grants: tuple[Grant, ...] = field(default=())
    must_change_password: bool = False
    token_id: UUID | None = None

    def by_token(self, token_id: UUID, scopes: Iterable[str]) -> "Actor":
        """The same user through an API token: what both may do, everywhere and in each place."""
        grants = (replace(grant, permissions=grant.permissions.intersection(scopes)) for grant in self.grants)
        return replace(
            self,
            token_id=token_id,
            permissions=self.permissions.intersection(scopes),
            grants=tuple(grant for grant in grants if grant.permissions),
        )

    def may(self, permission: Permission) -> bool:
        """Whether they have the permission anywhere: what a route asks; what it is done to is asked of `scope`."""
        return permission in self.permissions or any(permission in grant.permissions for grant in self.grants)

    def scope(self, permission: Permission) -> Scope:
        """Where they have the permission."""
        if permission in self.permissions:
            return Scope(everywhere=True)
        held = [grant for grant in self.grants if permission in grant.permissions]
        return Scope(
            groups=frozenset(grant.place for grant in held if grant.kind == "target_group"),
            folders=frozenset(grant.place for grant in held if grant.kind == "job_folder"),
            credentials=frozenset(UUID(grant.place) for grant in held if grant.kind == "credential"),
        )
