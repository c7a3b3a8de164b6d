"""What a route promises about rights: its line in `rows/`, from which every expected answer follows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from portal.authz.permissions import Permission

Things = dict[str, str]
"""Name → key of one thing of each kind, such as `job`; in path templates `{job_id}` is the thing `job`."""


class Where(StrEnum):
    """Which things a request names."""

    OWN = "own"
    """In the place where grants hold."""
    OTHERS = "others"
    """In another's place."""
    ABSENT = "absent"
    """Things that do not exist."""
    MALFORMED = "malformed"
    """A body that is none: whoever lacks the permission learns nothing of it."""
    ANYWHERE = "anywhere"
    """The route names no thing."""


def named(*names: str) -> frozenset[Permission]:
    """Permissions by their names."""
    return frozenset(map(Permission, names))


VIEW = {
    "target": Permission.TARGETS_VIEW,
    "group": Permission.TARGETS_VIEW,
    "job": Permission.JOBS_VIEW,
    "run": Permission.JOBS_VIEW,
    "template": Permission.JOBS_VIEW,
    "credential": Permission.CREDENTIALS_VIEW,
    "connection_test": Permission.TARGETS_VIEW,
    "token": Permission.USERS_MANAGE,  # another's; everybody sees their own
}
"""Kind of thing → what seeing it takes. What is not named here is seen by whoever may use the route."""
PLACE = {
    "target": "target_group",
    "group": "target_group",
    "connection_test": "target_group",
    "job": "job_folder",
    "run": "job_folder",
    "template": "job_folder",
    "credential": "credential",
}
"""Kind of thing → kind of place it lies in. What is not named here lies in none: a grant does not reach it."""
CONFERS = {
    "target_group": named(
        "targets:view", "targets:create", "targets:edit", "targets:delete", "targets:connect", "groups:manage"
    ),
    "job_folder": named(
        "jobs:view", "jobs:create", "jobs:edit", "jobs:delete", "jobs:run", "jobs:cancel", "schedules:manage",
        "approvals:decide",
    ),
    "credential": named(
        "credentials:view", "credentials:edit", "credentials:delete", "credentials:use", "credentials:reveal"
    ),
}  # fmt: skip
"""Kind of place → what a grant there can give at all; everything else is held everywhere or not at all."""


@dataclass(frozen=True, slots=True)
class Need:
    """What the request asks of things besides the one that it names.

    Attributes:
        status: The answer when it is lacking.
    """

    permission: Permission
    kind: str
    status: int = 403


@dataclass(frozen=True, slots=True)
class Route:
    """The promise of one route.

    Attributes:
        permission: What it takes; None for everybody who is signed in.
        of: Kind of the thing it is done to: out of sight is 404, in sight but not permitted is 403.
        into: Kind of the thing it makes; the body says where.
        picks: Kind of the things that its selector picks from those in sight; what it asks of them is in `needs`.
        lists: Kinds of things it lists; everybody gets what they may see and nothing else.
        everywhere: The permission must hold everywhere; a grant does not do.
        anywhere: The permission may hold anywhere: what is answered is what may be seen.
        needs: What it asks of other things, in this order.
        body: From the things of a place to a valid body.
        query: The same for the query.
        use: Path parameter → which thing, where it is not the one of that name.
        answers: Statuses of those who may; any 2xx when empty.
        public: For everybody; the answers are the same for all.
        cookie: The browser's cookie signs in, not a token.
        in_person: No API token passes.
    """

    permission: Permission | None = None
    of: str | None = None
    into: str | None = None
    picks: str | None = None
    lists: tuple[str, ...] = ()
    everywhere: bool = False
    anywhere: bool = False
    needs: tuple[Need, ...] = ()
    body: Callable[[Things], Any] | None = None
    query: Callable[[Things], Mapping[str, str]] | None = None
    use: Mapping[str, str] = field(default_factory=dict[str, str])
    answers: tuple[int, ...] = ()
    public: bool = False
    cookie: bool = False
    in_person: bool = False

    @property
    def permissions(self) -> list[Permission]:
        """Every permission that plays a part."""
        seen = [VIEW[kind] for kind in (self.of, *self.lists) if kind in VIEW]
        named = [self.permission] if self.permission else []
        return list(dict.fromkeys([*named, *seen, *(need.permission for need in self.needs)]))

    def places(self) -> list[Where]:
        """Which things its requests name."""
        if self.public:
            return [Where.ANYWHERE]
        found = [Where.OWN, Where.OTHERS] if self.of or self.into or self.picks else [Where.ANYWHERE]
        if self.of:
            found.append(Where.ABSENT)
        if self.body is not None and not self.cookie:
            found.append(Where.MALFORMED)
        return found
