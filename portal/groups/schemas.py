"""Bodies of the groups endpoints."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StrictBool, StringConstraints

from portal.kit.text import Label, Line, RequestModel

Select = Annotated[str, StringConstraints(min_length=1, max_length=4000)]


def _unique(values: list[str]) -> list[str]:
    return list({value.lower(): value for value in values}.values())


Groups = Annotated[list[Label], Field(max_length=100), AfterValidator(_unique)]
Targets = Annotated[list[Line], Field(max_length=20_000), AfterValidator(_unique)]


class GroupCreate(RequestModel):
    """A new group."""

    name: Label
    description: Line = ""
    select: Select | None = Field(
        default=None, description="Which targets are members, always; absent: members are put there."
    )
    parents: Groups = Field(default_factory=list, description="Names of the groups it is in.")


class GroupUpdate(RequestModel):
    """What to change; what is absent stays."""

    name: Label | None = None
    description: Line | None = None
    select: Select | None = Field(
        default=None,
        description="Another selector; null: the members of this moment stay, and others can be put there.",
    )
    parents: Groups | None = Field(default=None, description="The groups it is in, in place of those now.")
    force: StrictBool = Field(default=False, description="Rename it although jobs name it.")


class GroupRead(BaseModel):
    """A group."""

    id: UUID
    name: str
    description: str
    select: str | None = Field(description="What picks its members; null where they are put there.")
    parents: list[str]
    children: list[str]
    target_count: int = Field(description="Targets in it that you may see, those of groups inside it included.")
    created_at: datetime
    updated_at: datetime


class GroupUse(BaseModel):
    """What uses a group."""

    grants: list[str] = Field(description="Users that have a role in it.")
    groups: list[str] = Field(description="Groups whose selectors name it.")
    jobs: list[str] = Field(description="Jobs whose selectors name it.")
    credentials: list[str] = Field(description="Credentials that its targets sign in with, having none of their own.")
    health_check: str | None = Field(
        description="How its targets are checked, such as `tcp every 300 s`; null: it has no check."
    )
    limits: list[str] = Field(description="Credentials whose allowed targets are said by its name.")


class MembersUpdate(RequestModel):
    """Which targets to put into a group and to take out of it, by name or key."""

    add: Targets = Field(default_factory=list)
    remove: Targets = Field(default_factory=list)
    add_select: Select | None = Field(default=None, description="Add all that this selector picks now.")
    remove_select: Select | None = Field(default=None, description="Remove all that this selector picks now.")


class MembersRead(BaseModel):
    """What became of it."""

    added: list[str]
    removed: list[str]
    unchanged: list[str] = Field(description="Those to add that were in, and those to remove that were not.")


class TreeNode(BaseModel):
    """A group and what is directly inside it."""

    id: UUID
    name: str
    select: str | None
    target_count: int
    children: list[str]


class TreeRead(BaseModel):
    """All groups; one that is in two others is named by both."""

    roots: list[str]
    groups: list[TreeNode]
