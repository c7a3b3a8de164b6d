"""Bodies of the jobs endpoints."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator

from portal.kit.problems import ProblemField
from portal.kit.text import Label, Name, RequestModel, VersionNumber

from .folder import Folder

JobOutcome = Literal["succeeded", "partial", "failed", "cancelled", "no_targets", "unknown"]
LastOutcome = JobOutcome | Literal["running", "never"]


def _unique(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


Tags = Annotated[list[Label], Field(max_length=50), AfterValidator(_unique)]


ExpectedVersion = Annotated[
    VersionNumber | None, Field(description="Refuse when the job is at another version; `If-Match` says the same.")
]


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
    active: StrictBool = Field(default=True, description="Whether runs may be started.")


class JobUpdate(RequestModel):
    """A new version of the document, or another folder, tags or state; what is absent stays."""

    yaml: Annotated[str, StringConstraints(max_length=2_000_000)] | None = None
    document: dict[str, Any] | None = None
    folder: Folder | None = None
    tags: Tags | None = None
    active: StrictBool | None = None
    expected_version: ExpectedVersion = None

    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        if self.yaml is not None and self.document is not None:
            raise ValueError("give `yaml` or `document`, not both")
        return self


class JobClone(RequestModel):
    """A copy of a job under another name."""

    name: Name
    folder: Folder | None = Field(default=None, description="The original's folder when absent.")
    tags: Tags | None = Field(default=None, description="The original's tags when absent.")


class Restore(RequestModel):
    """Bring an old version back as a new one."""

    expected_version: ExpectedVersion = None


class LastRunRead(BaseModel):
    """The last run of a job that was no dry run."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    status: Literal["queued", "running", "ended"]
    outcome: JobOutcome | None
    requested_by: str
    created_at: datetime
    finished_at: datetime | None


class JobRead(BaseModel):
    """A job."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    description: str
    folder: str
    tags: list[str]
    version: int
    active: bool = Field(description="Whether runs may be started.")
    created_at: datetime
    updated_at: datetime
    last_run: LastRunRead | None = None
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


class TemplateUseRead(BaseModel):
    """A version of a template that a job was compiled with."""

    id: UUID
    ref: str
    version: int
    direct: bool = Field(description="Whether the job's own document names it; else it stands inside another one.")
    newer_version: int | None = Field(description="The template's newest version, when it is another.")


class JobDetail(JobRead):
    """A job with its current document."""

    document: dict[str, Any]
    yaml: str
    parameters: list[ParameterRead]
    templates: list[TemplateUseRead]
    warnings: list[ProblemField] = Field(default_factory=list[ProblemField])


class VersionRead(BaseModel):
    """One version of a job, without its document."""

    model_config = ConfigDict(from_attributes=True)
    version: int
    created_by: str
    created_at: datetime
    restored_from: int | None = Field(description="The version that this one brought back.")


class VersionDetail(VersionRead):
    """One version of a job."""

    document: dict[str, Any]
    yaml: str


class KeyChange(BaseModel):
    """A key that differs between two versions."""

    model_config = ConfigDict(from_attributes=True)
    key: str = Field(description="Where in the step or document, such as `with.unit`.")
    change: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None


class StepChange(BaseModel):
    """A step or block that differs between two versions; it is known by its id."""

    model_config = ConfigDict(from_attributes=True)
    id: str
    change: Literal["added", "removed", "changed"]
    moved: bool = Field(description="Whether it stands elsewhere among the steps that both versions have.")
    lane: str = Field(description="Where it stands, such as `steps` or `deploy.rescue`.")
    keys: list[KeyChange]


class DiffRead(BaseModel):
    """What changed between two versions."""

    before: int
    after: int
    diff: str = Field(description="Unified diff of the YAML texts.")
    steps: list[StepChange] = Field(description="What became of each step, in the order of the newer version.")
    settings: list[KeyChange] = Field(description="What changed outside of the steps.")


class StatisticsRead(BaseModel):
    """How a job's runs went; dry runs do not count."""

    days: int
    runs: int
    running: int
    succeeded: int
    partial: int
    failed: int
    unknown: int
    cancelled: int
    no_targets: int
    success_rate: float | None = Field(
        description="Share of `succeeded` among the runs that ended as succeeded, partial, failed or unknown."
    )
    median_seconds: float | None
    p95_seconds: float | None
    last_run: LastRunRead | None


class ValidationRead(BaseModel):
    """What compiling a document found; nothing was kept."""

    valid: bool
    name: str | None
    problems: list[ProblemField]
    warnings: list[ProblemField]
    parameters: list[ParameterRead]
