"""Which credential a target signs in with: its own, else that of its nearest group, else the job's.

Of two groups that a target is in, the one that lies deeper is nearer: a group inside another one always comes before
it. Groups of the same depth go by their names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

Source = Literal["target", "group", "job"]


@dataclass(frozen=True, slots=True)
class GroupBinding:
    """The credential of a group.

    Attributes:
        group: Name of the group.
        depth: How many groups lie above it, on the longest way up.
    """

    credential_id: UUID
    group: str
    depth: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One credential that a target could sign in with.

    Attributes:
        source: What says so.
        place: Name of the group; empty for the target itself and for the job.
    """

    credential_id: UUID
    source: Source
    place: str = ""


@dataclass(frozen=True, slots=True)
class Bindings:
    """What is bound to some groups and to a job."""

    groups: Sequence[GroupBinding] = ()
    job_credential: UUID | None = None
    _in_order: Sequence[GroupBinding] = field(init=False, default=())

    def __post_init__(self) -> None:
        nearest_first = sorted(self.groups, key=lambda bound: (-bound.depth, bound.group.lower()))
        object.__setattr__(self, "_in_order", nearest_first)

    def __bool__(self) -> bool:
        return bool(self.groups or self.job_credential)

    def candidates(self, own: UUID | None, groups: Sequence[str]) -> list[Candidate]:
        """Every credential for a target, the one that it signs in with first.

        Args:
            own: The target's own credential.
            groups: Names of all its groups, those above them included.
        """
        found = [Candidate(own, "target")] if own else []
        inside = set(groups)
        found += [
            Candidate(bound.credential_id, "group", bound.group) for bound in self._in_order if bound.group in inside
        ]
        return [*found, Candidate(self.job_credential, "job")] if self.job_credential else found

    def effective(self, own: UUID | None, groups: Sequence[str]) -> UUID | None:
        """The credential that a target signs in with; None when there is none."""
        if own is not None:
            return own
        return next((candidate.credential_id for candidate in self.candidates(own, groups)), None)


def depths(parents: Mapping[UUID, Sequence[UUID]], groups: Sequence[UUID]) -> dict[UUID, int]:
    """How many groups lie above each of these, on the longest way up.

    Args:
        parents: Group → the groups that it is directly inside of; no group is above itself.
        groups: Whose depths to tell.
    """
    known: dict[UUID, int] = {}
    waiting = list(groups)
    while waiting:
        group = waiting[-1]
        above = parents.get(group, ())
        unknown = [parent for parent in above if parent not in known]
        if group in known or not unknown:
            known.setdefault(group, max((known[parent] + 1 for parent in above), default=0))
            waiting.pop()
        else:
            waiting += unknown
    return {group: known[group] for group in groups}
