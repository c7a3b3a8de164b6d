"""Bodies of the grants endpoints."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from portal.authz.permissions import PlaceKind
from portal.kit.text import Line, RequestModel

Named = Annotated[Line, Field(min_length=1, max_length=200)]


class GrantCreate(RequestModel):
    """A role for one user in one place."""

    user: Named = Field(description="Username or key.")
    role: Named = Field(description="Name or key.")
    kind: PlaceKind
    place: Named = Field(description="Name or key of a target group or credential; path of a job folder.")


class GrantRead(BaseModel):
    """A role that a user has in one place."""

    id: UUID
    user_id: UUID
    username: str
    role_id: UUID
    role: str
    kind: PlaceKind
    place: str = Field(description="Key of the target group or credential; path of the job folder.")
    place_name: str | None = Field(description="What people call it; null when it is gone: it holds nowhere.")
    created_at: datetime
    created_by: str
