"""Templates, their versions, and who uses which."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, DateTime, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from portal.kit.ids import new_id, now


def _time(*, nullable: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


class Template(SQLModel, table=True):
    """A template: a name for a line of versions. A deleted one stays for the jobs that were made of it."""

    __tablename__: ClassVar[Any] = "job_templates"
    __table_args__ = (
        Index("job_templates_name_key", "name", unique=True, postgresql_where=text("deleted_at IS NULL")),
        Index("job_templates_folder_idx", "folder"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str
    description: str = ""
    folder: str = ""
    tags: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    version: int = 1
    created_at: datetime = Field(default_factory=now, sa_column=_time())
    updated_at: datetime = Field(default_factory=now, sa_column=_time())
    deleted_at: datetime | None = Field(default=None, sa_column=_time(nullable=True))


class TemplateVersion(SQLModel, table=True):
    """One immutable version of a template's document."""

    __tablename__: ClassVar[Any] = "job_template_versions"

    template_id: UUID = Field(primary_key=True, foreign_key="job_templates.id")
    version: int = Field(primary_key=True)
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    source: str = Field(sa_column=Column(Text, nullable=False))
    """The YAML text as its author wrote it, comments included."""
    created_by: str
    created_at: datetime = Field(default_factory=now, sa_column=_time())


class JobTemplateUse(SQLModel, table=True):
    """A version of a template that a version of a job was compiled with."""

    __tablename__: ClassVar[Any] = "job_template_uses"
    __table_args__ = (
        ForeignKeyConstraint(["job_id", "job_version"], ["job_versions.job_id", "job_versions.version"]),
        Index("job_template_uses_template_idx", "template_id", "template_version"),
    )

    job_id: UUID = Field(primary_key=True)
    job_version: int = Field(primary_key=True)
    template_id: UUID = Field(primary_key=True, foreign_key="job_templates.id")
    template_version: int = Field(primary_key=True)
    direct: bool
    """Whether the job's own document names it; otherwise it stands inside another template."""


class TemplateUse(SQLModel, table=True):
    """A version of a template that the document of another template's version names."""

    __tablename__: ClassVar[Any] = "job_template_parts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["template_id", "version"], ["job_template_versions.template_id", "job_template_versions.version"]
        ),
        Index("job_template_parts_used_idx", "used_id", "used_version"),
    )

    template_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    used_id: UUID = Field(primary_key=True, foreign_key="job_templates.id")
    used_version: int = Field(primary_key=True)
