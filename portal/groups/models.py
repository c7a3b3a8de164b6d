"""Groups of targets: nested, and with members that were put there or that a selector picks."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, text
from sqlmodel import Field, SQLModel

from portal.kit.ids import new_id, now


def _time() -> Any:
    return Column(DateTime(timezone=True), nullable=False)


def _key(table: str, *, index: bool = False) -> Any:
    reference = ForeignKey(f"{table}.id", ondelete="CASCADE")
    return Column(reference, primary_key=True, index=index)  # pyright: ignore[reportUnknownVariableType]


class TargetGroup(SQLModel, table=True):
    """A group. `targets.groups` holds the names of all groups that a target is in, those above them included."""

    __tablename__: ClassVar[Any] = "target_groups"
    __table_args__ = (Index("target_groups_name_key", text("lower(name)"), unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str
    description: str = ""
    select: str | None = None
    """Which targets are members; None for a group whose members are put there."""
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    updated_at: datetime = Field(default_factory=now, sa_column=_time())


class TargetGroupMembership(SQLModel, table=True):
    """A target that was put into a group."""

    __tablename__: ClassVar[Any] = "target_group_memberships"

    group_id: UUID = Field(sa_column=_key("target_groups"))
    target_id: UUID = Field(sa_column=_key("targets", index=True))


class TargetGroupParent(SQLModel, table=True):
    """A group inside another one: its targets are the other one's targets, too."""

    __tablename__: ClassVar[Any] = "target_group_parents"

    group_id: UUID = Field(sa_column=_key("target_groups"))
    parent_id: UUID = Field(sa_column=_key("target_groups", index=True))
