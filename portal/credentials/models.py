"""Credentials: what is known about them here; the sealed secret lies in a Prefect block."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, text
from sqlmodel import Field, SQLModel

from portal.kit.ids import new_id, now


def _time(*, nullable: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


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
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    updated_at: datetime = Field(default_factory=now, sa_column=_time())


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
