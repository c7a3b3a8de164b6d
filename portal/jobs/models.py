"""Jobs and their versions."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from portal.kit.ids import new_id, now


def _time(*, nullable: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


class Job(SQLModel, table=True):
    """A job: a name for a line of versions. A deleted one stays for the runs that it had."""

    __tablename__: ClassVar[Any] = "jobs"
    __table_args__ = (
        Index("jobs_name_key", text("lower(name)"), unique=True, postgresql_where=text("deleted_at IS NULL")),
        Index("jobs_folder_idx", "folder"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str
    description: str = ""
    folder: str = ""
    tags: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    version: int = 1
    active: bool = True
    """Whether runs may be started."""
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    updated_at: datetime = Field(default_factory=now, sa_column=_time())
    deleted_at: datetime | None = Field(default=None, sa_column=_time(nullable=True))
    # What Prefect has been told; the upkeep makes it agree with the above.
    deployment_id: UUID | None = None
    deployed_version: int | None = None
    deployment_error: str = ""


class JobVersion(SQLModel, table=True):
    """One immutable version of a job's document."""

    __tablename__: ClassVar[Any] = "job_versions"

    job_id: UUID = Field(primary_key=True, foreign_key="jobs.id")
    version: int = Field(primary_key=True)
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    source: str = Field(sa_column=Column(Text, nullable=False))
    """The YAML text as its author wrote it, comments included."""
    restored_from: int | None = None
    """The version that this one brought back."""
    created_by: str
    created_at: datetime = Field(default_factory=now, sa_column=_time())
