"""Bodies of the jobs endpoints."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from portal.kit.problems import ProblemField
from portal.kit.text import Label, Line, RequestModel

Folder = Annotated[Line, StringConstraints(max_length=200)]


def _unique(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


Tags = Annotated[list[Label], Field(max_length=50), AfterValidator(_unique)]


class JobSource(RequestModel):
    """A job document: as YAML text, or as the same data in JSON."""

    yaml: Annotated[str, StringConstraints(max_length=2_000_000)] | None = None
    document: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.yaml is None) == (self.document is None):
            raise ValueError("give either `yaml` or `document`")
        return self


class JobCreate(JobSource):
    """A new job; its name is the document's."""

    folder: Folder = ""
    tags: Tags = Field(default_factory=list)


class JobUpdate(RequestModel):
    """A new version of the document, or another folder or tags; what is absent stays."""

    yaml: Annotated[str, StringConstraints(max_length=2_000_000)] | None = None
    document: dict[str, Any] | None = None
    folder: Folder | None = None
    tags: Tags | None = None
    expected_version: int | None = Field(default=None, description="Refuse when the job is at another version.")

    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        if self.yaml is not None and self.document is not None:
            raise ValueError("give `yaml` or `document`, not both")
        return self


class JobRead(BaseModel):
    """A job."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    description: str
    folder: str
    tags: list[str]
    version: int
    created_at: datetime
    updated_at: datetime
    deployed_version: int | None = Field(description="Version that Prefect knows; it follows `version` by itself.")
    deployment_error: str = Field(description="Why Prefect does not know this version yet; empty when it does.")


class ParameterRead(BaseModel):
    """A parameter of a job, for a form."""

    model_config = ConfigDict(from_attributes=True)
    name: str
    type: str
    json_schema: dict[str, Any]
    required: bool
    default: Any
    description: str


class JobDetail(JobRead):
    """A job with its current document."""

    document: dict[str, Any]
    yaml: str
    parameters: list[ParameterRead]
    warnings: list[ProblemField] = Field(default_factory=list[ProblemField])


class VersionRead(BaseModel):
    """One version of a job, without its document."""

    model_config = ConfigDict(from_attributes=True)
    version: int
    created_by: str
    created_at: datetime


class VersionDetail(VersionRead):
    """One version of a job."""

    document: dict[str, Any]
    yaml: str


class DiffRead(BaseModel):
    """What changed between two versions, as a unified diff of the YAML texts."""

    before: int
    after: int
    diff: str


class ValidationRead(BaseModel):
    """What compiling a document found; nothing was kept."""

    valid: bool
    name: str | None
    problems: list[ProblemField]
    warnings: list[ProblemField]
    parameters: list[ParameterRead]
