"""Bundles: jobs with their templates, as one installation hands them to another. They hold no secrets."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, StringConstraints, model_validator

from portal.jobs.folder import Folder
from portal.jobs.schemas import Tags
from portal.kit.problems import ProblemField
from portal.kit.text import Line, RequestModel

MAX_JOBS = 500
FORMAT: Literal["opsconductor-bundle/v1"] = "opsconductor-bundle/v1"
Source = Annotated[str, StringConstraints(max_length=2_000_000)]
Names = Annotated[dict[Line, Line], Field(max_length=500)]
VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,199}$")]
VariableNames = Annotated[dict[VariableName, VariableName], Field(max_length=500)]
Selector = Annotated[str, StringConstraints(min_length=1, max_length=4096)]


class BundledTemplate(RequestModel):
    """A version of a template."""

    ref: Annotated[Line, StringConstraints(max_length=200)] = Field(description="How documents of the bundle name it.")
    folder: Folder = ""
    tags: Tags = Field(default_factory=list)
    yaml: Source


class BundledJob(RequestModel):
    """A job as it is now."""

    folder: Folder = ""
    tags: Tags = Field(default_factory=list)
    active: StrictBool = True
    yaml: Source


class Needs(RequestModel):
    """What the documents of a bundle name that is not in it."""

    selectors: list[str] = Field(default_factory=list[str])
    groups: list[str] = Field(default_factory=list[str])
    targets: list[str] = Field(default_factory=list[str])
    credentials: list[str] = Field(default_factory=list[str])
    variables: list[str] = Field(
        default_factory=list[str], description="Target variables that expressions and selectors read."
    )
    actions: list[str] = Field(default_factory=list[str])
    templates: list[str] = Field(default_factory=list[str])


class Bundle(RequestModel):
    """Jobs with the templates that they use; each template stands before those that use it."""

    format: Literal["opsconductor-bundle/v1"]
    jobs: Annotated[list[BundledJob], Field(max_length=MAX_JOBS)]
    templates: Annotated[list[BundledTemplate], Field(max_length=MAX_JOBS)] = Field(
        default_factory=list[BundledTemplate]
    )
    needs: Needs = Field(default_factory=Needs, description="For people; an import works it out anew.")


class ExportRequest(RequestModel):
    """Which jobs to export."""

    jobs: Annotated[list[UUID], Field(min_length=1, max_length=MAX_JOBS)] | None = None
    folder: Folder | None = Field(default=None, description="All jobs of this folder and those below.")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.jobs is None) == (self.folder is None):
            raise ValueError("give either `jobs` or `folder`")
        return self


class Renaming(RequestModel):
    """What the bundle's documents name, and what that is called here."""

    selectors: Annotated[dict[Selector, Selector], Field(max_length=500)] = Field(
        default_factory=dict[str, str], description="Whole selectors."
    )
    groups: Names = Field(default_factory=dict[str, str], description="Groups inside selectors.")
    targets: Names = Field(default_factory=dict[str, str], description="Targets that selectors name in full.")
    variables: VariableNames = Field(
        default_factory=dict[str, str], description="Target variables in selectors and in steps."
    )
    credentials: Names = Field(default_factory=dict[str, str])
    parameters: Annotated[dict[Line, Any], Field(max_length=500)] = Field(
        default_factory=dict[str, Any], description="Parameter → its default here, in every job that has it."
    )


class ImportRequest(RequestModel):
    """A bundle, and how it becomes what is kept here: all of it, or nothing."""

    bundle: Bundle
    folder: Folder = Field(default="", description="Folder to put the bundle's folders into.")
    mapping: Renaming = Field(default_factory=Renaming)
    existing: Literal["refuse", "update", "skip"] = Field(
        default="refuse", description="What becomes of jobs and templates of the same name that are here."
    )
    dry_run: StrictBool = Field(default=False, description="Only say what would become of it; nothing is kept.")


class ImportedItem(BaseModel):
    """What became of one job or template."""

    kind: Literal["job", "template"]
    name: str
    folder: str
    change: Literal["created", "updated", "unchanged", "skipped", "refused"]
    version: int | None = None
    problems: list[ProblemField] = Field(default_factory=list[ProblemField])
    warnings: list[ProblemField] = Field(default_factory=list[ProblemField])


class ImportRead(BaseModel):
    """What an import did, or would do."""

    dry_run: bool
    items: list[ImportedItem]
    unresolved: Needs = Field(description="What the documents name, after the mapping, that is not here.")
