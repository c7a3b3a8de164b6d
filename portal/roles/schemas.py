"""Bodies of the roles endpoints."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from portal.authz.permissions import Permission, PlaceKind
from portal.kit.text import Line, RequestModel, formed

RoleName = Annotated[
    str,
    formed(
        r"^[A-Za-z0-9](?:[A-Za-z0-9_. -]{0,98}[A-Za-z0-9_.-])?$",
        "up to 100 letters a-z, digits, spaces and _.- with a letter or digit first and no space last",
    ),
]


def _sorted(permissions: list[Permission]) -> list[Permission]:
    return sorted(set(permissions))


Permissions = Annotated[list[Permission], Field(max_length=200), AfterValidator(_sorted)]


class RoleCreate(RequestModel):
    """A new role."""

    name: RoleName
    description: Line = ""
    permissions: Permissions = Field(description="Such as `jobs:view`; see /permissions.")


class RoleUpdate(RequestModel):
    """What to change; what is absent stays. It binds everybody who has the role at once."""

    name: RoleName | None = None
    description: Line | None = None
    permissions: Permissions | None = None


class RoleRead(BaseModel):
    """A role."""

    id: UUID
    name: str
    description: str
    permissions: list[str]
    built_in: bool
    users: int = Field(description="How many users have it everywhere.")
    grants: int = Field(description="How often it is granted in a place.")
    created_at: datetime
    updated_at: datetime


class PermissionRead(BaseModel):
    """A permission."""

    name: str
    description: str
    places: list[PlaceKind] = Field(description="Where a grant can give it; empty: it holds everywhere or not at all.")
