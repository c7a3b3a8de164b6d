"""Roles, and what people may do in some places besides."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from portal.kit.ids import new_id, now


def _time() -> Any:
    return Column(DateTime(timezone=True), nullable=False)


class Role(SQLModel, table=True):
    """A named set of permissions. The built-in ones are set by the portal and cannot be changed."""

    __tablename__: ClassVar[Any] = "roles"
    __table_args__ = (Index("roles_name_key", text("lower(name)"), unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str
    description: str = ""
    permissions: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    built_in: bool = False
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    updated_at: datetime = Field(default_factory=now, sa_column=_time())


class RoleGrant(SQLModel, table=True):
    """A role that a user has in one place only: a target group, a job folder or a credential."""

    __tablename__: ClassVar[Any] = "role_grants"
    __table_args__ = (UniqueConstraint("user_id", "role_id", "kind", "place", name="role_grants_key"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(sa_column=Column(ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True))
    role_id: UUID = Field(sa_column=Column(ForeignKey("roles.id"), nullable=False))
    kind: str
    """`target_group`, `job_folder` or `credential`."""
    place: str
    """Key of the group or credential; path of the folder."""
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    created_by: str = ""
