"""Bodies of the templates endpoints."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from portal.jobs.folder import Folder
from portal.jobs.schemas import JobSource, Tags
from portal.kit.problems import ProblemField
from portal.kit.text import RequestModel, VersionNumber


class TemplateCreate(JobSource):
    """A new template; its name is the document's."""

    folder: Folder = ""
    tags: Tags = Field(default_factory=list)


class TemplateUpdate(RequestModel):
    """A new version of the document, or another folder or tags; what is absent stays."""

    yaml: Annotated[str, StringConstraints(max_length=2_000_000)] | None = None
    document: dict[str, Any] | None = None
    folder: Folder | None = None
    tags: Tags | None = None
    expected_version: VersionNumber | None = Field(default=None, description="Refuse when it is at another version.")

    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        if self.yaml is not None and self.document is not None:
            raise ValueError("give `yaml` or `document`, not both")
        return self


class TemplateRead(BaseModel):
    """A template."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    description: str
    folder: str
    tags: list[str]
    version: int = Field(description="The newest one; jobs name it as `template/name@version`.")
    created_at: datetime
    updated_at: datetime


class TemplateDetail(TemplateRead):
    """A template with its newest document."""

    ref: str = Field(description="What a step writes in `uses`.")
    document: dict[str, Any]
    yaml: str
    warnings: list[ProblemField] = Field(default_factory=list[ProblemField])


class TemplateVersionRead(BaseModel):
    """One version of a template, without its document."""

    model_config = ConfigDict(from_attributes=True)
    version: int
    created_by: str
    created_at: datetime


class TemplateVersionDetail(TemplateVersionRead):
    """One version of a template."""

    document: dict[str, Any]
    yaml: str


class TemplateValidation(BaseModel):
    """What checking a template found; nothing was kept."""

    valid: bool
    name: str | None
    problems: list[ProblemField]
    warnings: list[ProblemField]


class UserRead(BaseModel):
    """A job or template whose current version uses a template."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    folder: str
    version: int
    template_version: int = Field(description="The version that it uses.")
    direct: bool = Field(description="Whether its own document names the template.")
    newer_version: int | None = Field(default=None, description="The template's newest version, when it is another.")


class UsersRead(BaseModel):
    """Where a template is used, as far as somebody may see."""

    jobs: list[UserRead]
    templates: list[UserRead]
