"""What jobs run on."""

from datetime import datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from portal.kit.ids import new_id, now


def _json() -> Any:
    return Column(JSONB, nullable=False)


def _time() -> Any:
    return Column(DateTime(timezone=True), nullable=False)


class TargetRow(NamedTuple):
    """What runs freeze of a target: plain values, for thousands of them at once."""

    id: UUID
    name: str
    address: str
    port: int
    platform: str
    tags: list[str]
    groups: list[str]
    variables: dict[str, Any]
    credential_id: UUID | None
    host_keys: list[str]
    encoding: str


class Target(SQLModel, table=True):
    """A host that jobs run on."""

    __tablename__: ClassVar[Any] = "targets"
    __table_args__ = (
        Index("targets_name_key", text("lower(name)"), unique=True),
        Index("targets_groups_idx", "groups", postgresql_using="gin"),
        Index("targets_tags_idx", "tags", postgresql_using="gin"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str
    address: str
    port: int
    platform: str
    description: str = ""
    tags: list[str] = Field(sa_column=_json())
    groups: list[str] = Field(sa_column=_json())
    variables: dict[str, Any] = Field(sa_column=_json())
    credential_id: UUID | None = Field(default=None, foreign_key="credentials.id", index=True)
    host_keys: list[str] = Field(sa_column=_json())
    """OpenSSH public keys that the host may show; empty: the first one it shows is kept."""
    encoding: str = "utf-8"
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    updated_at: datetime = Field(default_factory=now, sa_column=_time())
