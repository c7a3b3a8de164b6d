"""Credentials: what is known about them here; the sealed secret lies in a Prefect block."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from portal.kit.ids import new_id, now


def _time(*, nullable: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


def _only_one(table: str, *, cascade: bool = False) -> Any:
    reference = ForeignKey(f"{table}.id", ondelete="CASCADE" if cascade else None)
    return Column(reference, unique=True)  # pyright: ignore[reportUnknownVariableType]


class Credential(SQLModel, table=True):
    """A credential without its secret."""

    __tablename__: ClassVar[Any] = "credentials"
    __table_args__ = (Index("credentials_name_key", text("lower(name)"), unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str
    kind: str
    username: str = ""
    description: str = ""
    version: int = 1
    details: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    """What may be shown of its fields, such as domain, header, or fingerprint of the key."""
    allowed_targets: str | None = None
    """A selector: the only targets that it may be used on; None for all of them."""
    valid_from: datetime | None = Field(default=None, sa_column=_time(nullable=True))
    valid_until: datetime | None = Field(default=None, sa_column=_time(nullable=True))
    dated_by_certificate: bool = False
    """Whether both times are those of its certificate, so that people cannot set them."""
    next_rotation_date: date | None = None
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    updated_at: datetime = Field(default_factory=now, sa_column=_time())
    rotated_at: datetime = Field(default_factory=now, sa_column=_time())
    last_used_at: datetime | None = Field(default=None, sa_column=_time(nullable=True))


class CredentialVersion(SQLModel, table=True):
    """Where one version of a credential's secret lies; a run keeps the version it started with."""

    __tablename__: ClassVar[Any] = "credential_versions"

    credential_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    block_document_id: UUID
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    created_by: str = ""
    retired_at: datetime | None = Field(default=None, sa_column=_time(nullable=True))
    """When a later version, or the removal of the credential, made this one useless to new runs."""


class CredentialBinding(SQLModel, table=True):
    """What targets of a group, or of a job's runs, sign in with when they have no credential of their own."""

    __tablename__: ClassVar[Any] = "credential_bindings"
    __table_args__ = (CheckConstraint("num_nonnulls(group_id, job_id) = 1", name="credential_bindings_place"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    credential_id: UUID = Field(foreign_key="credentials.id", index=True)
    group_id: UUID | None = Field(default=None, sa_column=_only_one("target_groups", cascade=True))
    job_id: UUID | None = Field(default=None, sa_column=_only_one("jobs"))
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    created_by: str = ""
