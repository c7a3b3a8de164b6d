"""Bodies of changes of many targets at once."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StrictBool, StrictInt, StringConstraints, model_validator

from portal.kit.text import Line, RequestModel

from .schemas import Labels, Platform, Port, Variables, Zone, unique

Select = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
References = Annotated[list[Line], Field(min_length=1, max_length=20_000), AfterValidator(unique)]
VariableNames = Annotated[list[Line], Field(max_length=500), AfterValidator(unique)]


class ChosenTargets(RequestModel):
    """Which targets are meant: those that are named, or those that a selector picks."""

    targets: References | None = Field(default=None, description="Names or keys.")
    select: Select | None = Field(default=None, description="A selector.")
    at_most: StrictInt = Field(default=1000, ge=1, le=100_000, description="Refuse everything when more are meant.")
    dry_run: StrictBool = Field(default=False, description="Only say what would become of each.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.targets is None) == (self.select is None):
            raise ValueError("say either targets or select")
        return self


class TargetChanges(RequestModel):
    """What to change of each; what is absent stays."""

    add_tags: Labels = Field(default_factory=list[str])
    remove_tags: Labels = Field(default_factory=list[str])
    add_groups: Labels = Field(default_factory=list[str])
    remove_groups: Labels = Field(default_factory=list[str])
    set_variables: Variables = Field(default_factory=dict[str, Any])
    remove_variables: VariableNames = Field(default_factory=list[str])
    credential: Line | None = Field(default=None, description="Name of a credential; null takes it away.")
    platform: Platform = "linux"
    os_version: Line = ""
    zone: Zone = ""
    port: Port = 22

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("say what to change")
        return self


class TargetsUpdate(ChosenTargets):
    """A change of many targets."""

    changes: TargetChanges


class TargetOutcome(BaseModel):
    """What became of one target, or would."""

    name: str = Field(description="As it was asked for where there is no such target.")
    id: UUID | None = None
    result: Literal["changed", "deleted", "unchanged", "refused", "missing"]
    message: str = ""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}


class TargetsOutcome(BaseModel):
    """What became of each."""

    dry_run: bool
    changed: int
    unchanged: int
    refused: int
    missing: int
    items: list[TargetOutcome]
