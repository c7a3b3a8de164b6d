"""Bodies for what people decide about attempts of unknown outcome."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictBool

from portal.kit.text import Line, RequestModel

Decision = Annotated[
    Literal["ran", "not_ran", "skip"],
    Field(description="`ran`: treat as done. `not_ran`: it may run again. `skip`: go on without it."),
]


class Decide(RequestModel):
    """What a person found out about an attempt of unknown outcome."""

    target: Line = Field(description="Name of the target; empty for a run-scoped step.")
    step: Line = Field(description="Id of the step.")
    decision: Decision
    reason: Line = ""


class DecideMany(RequestModel):
    """What a person found out about a step of unknown outcome on many targets."""

    step: Line = Field(description="Id of the step.")
    targets: list[Line] | None = Field(
        default=None, max_length=20_000, description="Names; absent: every target where nobody knows."
    )
    decision: Decision
    reason: Line = ""
    dry_run: StrictBool = Field(default=False, description="Only say which attempts would be decided.")


class DecisionRead(BaseModel):
    """A decision that was kept."""

    target: str
    step: str
    attempt: int
    decision: str
    decided_by: str


class NotDecided(BaseModel):
    """A target that was asked for and is not decided now."""

    target: str
    reason: str


class Decisions(BaseModel):
    """What was decided, target by target."""

    dry_run: bool
    decided: list[DecisionRead]
    not_decided: list[NotDecided]
