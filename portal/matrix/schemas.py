"""Bodies of the matrix endpoints."""

from pydantic import BaseModel, ConfigDict, Field

from portal.runs.schemas import RunOutcomeName, Status, StepRead

Notes = dict[int, str]


class RunState(BaseModel):
    """How far a run is."""

    model_config = ConfigDict(from_attributes=True)
    status: Status
    outcome: RunOutcomeName | None
    summary: str


class MatrixRead(BaseModel):
    """Every pair of a run, or of some of its targets, in one answer.

    `cells` is base64 of one byte for each target and step, target by target in the order of `targets`, step by
    step in the order of `steps`; `codes` says what a byte means. More codes may be added, none ever changes.
    """

    seq: int = Field(description="The newest event this answer knows of; ask for changes `after` it.")
    state: RunState
    codes: list[str] = Field(description="What a byte says, by its number.")
    steps: list[StepRead]
    total: int = Field(description="Targets of the run.")
    first: int = Field(description="Number of the first target in this answer.")
    targets: list[str] = Field(description="Names, in the order of their numbers.")
    cells: str
    run_cells: str = Field(description="One byte a step, for the steps that run once.")
    target_cells: str = Field(description="One byte a target: how it ended as a whole.")
    notes: Notes = Field(description="Number of a target → why it ended as it did, where there is a reason.")


class MatrixChanges(BaseModel):
    """What changed in a matrix between two events.

    Values are absolute, so applying them twice does no harm. With `reset` there are too many, or the events are
    no longer on record: take a new snapshot.
    """

    model_config = ConfigDict(serialize_by_alias=True)
    from_: int = Field(serialization_alias="from")
    to: int
    cells: list[int] = Field(default_factory=list[int], description="Target, step, code, target, step … -1: runs once.")
    targets: list[int] = Field(default_factory=list[int], description="Target, code, target, code …")
    notes: Notes = Field(default_factory=dict[int, str])
    state: RunState | None = None
    reset: bool = False
