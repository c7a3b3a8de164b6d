"""Health of targets: what to check, what was found, and what follows."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from portal.kit.ids import new_id, now


def _time(*, nullable: bool = False, server: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable, server_default=text("now()") if server else None)


def _of_target(*, key: bool = False, nullable: bool = False, unique: bool = False) -> Any:
    reference = ForeignKey("targets.id", ondelete="CASCADE")
    return Column(reference, primary_key=key, nullable=nullable, unique=unique)  # pyright: ignore[reportUnknownVariableType]


class HealthCheck(SQLModel, table=True):
    """How a target, or every target of a group, is checked. Where there is no row, nothing is."""

    __tablename__: ClassVar[Any] = "target_health_checks"
    __table_args__ = (CheckConstraint("(target_id IS NULL) <> (group_id IS NULL)", name="target_health_checks_one"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    target_id: UUID | None = Field(default=None, sa_column=_of_target(nullable=True, unique=True))
    group_id: UUID | None = Field(
        default=None, sa_column=Column(ForeignKey("target_groups.id", ondelete="CASCADE"), unique=True)
    )
    mode: str
    """`tcp`, `login`, or `off`: for a target that is left out of its groups' check."""
    interval_seconds: int
    set_by: UUID
    """With whose rights logins are made."""
    set_by_name: str
    updated_at: datetime = Field(default_factory=now, sa_column=_time())


class HealthRecord(SQLModel, table=True):
    """What one check found."""

    __tablename__: ClassVar[Any] = "target_health"
    __table_args__ = (
        Index("target_health_target_idx", "target_id", text("at DESC"), text("id DESC")),
        Index("target_health_unnoted_idx", "id", postgresql_where=text("NOT noted")),
        Index("target_health_at_idx", "at"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    target_id: UUID = Field(sa_column=_of_target())
    at: datetime | None = Field(default=None, sa_column=_time(server=True))
    mode: str
    status: str
    """`up`, `unreachable`, `auth_failed`, `host_key_changed` or `failed`."""
    latency_ms: float | None = None
    detail: str = ""
    noted: bool = False
    """Whether the target's status has followed."""


class TargetStatus(SQLModel, table=True):
    """What the last check of a target found, and since when that is so."""

    __tablename__: ClassVar[Any] = "target_statuses"
    __table_args__ = (Index("target_statuses_status_idx", "status"),)

    target_id: UUID = Field(sa_column=_of_target(key=True))
    status: str
    since: datetime = Field(sa_column=_time())
    checked_at: datetime = Field(sa_column=_time())
    latency_ms: float | None = None
    detail: str = ""


class HealthLogin(SQLModel, table=True):
    """Logins that a round of checks asks the portal for: one run for each person who switched them on."""

    __tablename__: ClassVar[Any] = "target_health_logins"

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    user_id: UUID
    target_ids: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    requested_at: datetime = Field(sa_column=_time())
    begun_at: datetime | None = Field(default=None, sa_column=_time(nullable=True))
    run_id: UUID | None = None
    ended_at: datetime | None = Field(default=None, sa_column=_time(nullable=True))
