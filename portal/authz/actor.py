"""Who asks."""

from dataclasses import dataclass
from uuid import UUID

from .permissions import Permission


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user with what they may do now.

    Attributes:
        session_id: The sign-in this request belongs to.
    """

    user_id: UUID
    username: str
    session_id: UUID
    permissions: frozenset[Permission]
