"""What jobs run on."""

from datetime import datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import Column, Computed, DateTime, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from portal.kit.ids import new_id, now


def _json() -> Any:
    return Column(JSONB, nullable=False)


def _time(*, nullable: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


class TargetRow(NamedTuple):
    """What runs freeze of a target: plain values, for thousands of them at once."""

    id: UUID
    name: str
    address: str
    port: int
    platform: str
    zone: str
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
        Index(
            "targets_variables_idx", "variables", postgresql_using="gin", postgresql_ops={"variables": "jsonb_path_ops"}
        ),
        Index("targets_zone_idx", "zone"),
        Index("targets_created_at_idx", "created_at", "id"),
        Index("targets_updated_at_idx", "updated_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str
    address: str
    port: int
    platform: str
    os_version: str = ""
    zone: str = ""
    """Where it stands, such as a site; empty for nowhere in particular."""
    description: str = ""
    tags: list[str] = Field(sa_column=_json())
    groups: list[str] = Field(sa_column=_json())
    """Names of all groups it is in, those above them included; kept by `portal.groups.membership` alone."""
    variables: dict[str, Any] = Field(sa_column=_json())
    credential_id: UUID | None = Field(default=None, foreign_key="credentials.id", index=True)
    host_keys: list[str] = Field(sa_column=_json())
    """OpenSSH public keys that the host may show; empty: the first one it shows is kept."""
    encoding: str = "utf-8"
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    updated_at: datetime = Field(default_factory=now, sa_column=_time())


# Beside the model, not in it: PostgreSQL makes it, and nobody reads it. One look instead of three ILIKE.
SEARCH: Column[str] = Column(
    "search", Text, Computed("lower(name::text || chr(10) || address::text || chr(10) || description::text)", True)
)
"""What `q` is looked for in: small letters, and each text in a line of its own."""
SQLModel.metadata.tables["targets"].append_column(SEARCH)


class TargetService(SQLModel, table=True):
    """Something that a target offers on a port."""

    __tablename__: ClassVar[Any] = "target_services"
    __table_args__ = (
        UniqueConstraint("target_id", "type", "port", name="target_services_key"),
        Index("target_services_type_idx", "type", "status"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    target_id: UUID = Field(sa_column=Column(ForeignKey("targets.id", ondelete="CASCADE"), nullable=False))
    type: str
    port: int
    credential_id: UUID | None = Field(default=None, foreign_key="credentials.id", index=True)
    secure: bool = False
    enabled: bool = True
    status: str = "unknown"
    """`unknown`, `connected`, `failed` or `timeout`: what the last check found."""
    checked_at: datetime | None = Field(default=None, sa_column=_time(nullable=True))
