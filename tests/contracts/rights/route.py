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


VIEW = {
    "target": Permission.TARGETS_VIEW,
    "job": Permission.JOBS_VIEW,
    "run": Permission.JOBS_VIEW,
    "credential": Permission.CREDENTIALS_VIEW,
}
"""Kind of thing → what seeing it takes. A kind that is not named here belongs to no place."""
PLACE = {"target": "target_group", "job": "job_folder", "run": "job_folder", "credential": "credential"}
CONFERS = {
    "target_group": {
        Permission.TARGETS_VIEW, Permission.TARGETS_CREATE, Permission.TARGETS_EDIT, Permission.TARGETS_DELETE, Permission.TARGETS_CONNECT, Permission.GROUPS_MANAGE,
    },
    "job_folder": {
        Permission.JOBS_VIEW, Permission.JOBS_CREATE, Permission.JOBS_EDIT, Permission.JOBS_DELETE, Permission.JOBS_RUN, Permission.JOBS_CANCEL, Permission.SCHEDULES_MANAGE,
        Permission.APPROVALS_DECIDE,
    },
    "credential": {
        Permission.CREDENTIALS_VIEW, Permission.CREDENTIALS_EDIT, Permission.CREDENTIALS_DELETE, Permission.CREDENTIALS_USE, Permission.CREDENTIALS_REVEAL,
    },
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
        lists: Kinds of things it lists; everybody gets what they may see and nothing else.
        everywhere: The permission must hold everywhere; a grant does not do.
        needs: What it asks of other things, in this order.
        body: From the things of a place to a valid body.
        query: The same for the query.
        use: Path parameter → which thing, where it is not the one of that name.
        answers: Statuses of those who may; any 2xx when empty.
        public: For everybody; the answers are the same for all.
        cookie: The browser's cookie signs in, not a token.
    """

    permission: Permission | None = None
    of: str | None = None
    into: str | None = None
    lists: tuple[str, ...] = ()
    everywhere: bool = False
    needs: tuple[Need, ...] = ()
    body: Callable[[Things], Any] | None = None
    query: Callable[[Things], Mapping[str, str]] | None = None
    use: Mapping[str, str] = field(default_factory=dict[str, str])
    answers: tuple[int, ...] = ()
    public: bool = False
    cookie: bool = False

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
        found = [Where.OWN, Where.OTHERS] if self.of or self.into else [Where.ANYWHERE]
        if self.of:
            found.append(Where.ABSENT)
        if self.body is not None and not self.cookie:
            found.append(Where.MALFORMED)
        return found
