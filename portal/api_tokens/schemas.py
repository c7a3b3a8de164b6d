"""Bodies of the API tokens endpoints."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StrictInt

from portal.authz.permissions import Permission
from portal.kit.text import Name, RequestModel


class ApiTokenCreate(RequestModel):
    """What a token is for, and what it may do."""

    name: Name
    scopes: Annotated[list[Permission], Field(min_length=1, max_length=len(Permission))] = Field(
        description="What it may do, of what its owner may do. Both are asked on each request."
    )
    expires_in_days: StrictInt = Field(90, ge=1, le=365)


class ApiTokenRead(BaseModel):
    """A token, without itself."""

    id: UUID
    name: str
    owner: str
    hint: str = Field(description="How the token begins.")
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = Field(description="Noted at most once a minute.")
    last_used_source: str


class ApiTokenCreated(ApiTokenRead):
    """A new token; it is shown this once."""

    token: str
