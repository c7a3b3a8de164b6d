"""Bodies of the runs endpoints."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from portal.kit.text import Line, RequestModel

Status = Literal["queued", "running", "ended"]
RunOutcomeName = Literal["succeeded", "partial", "failed", "cancelled", "no_targets", "unknown"]
IdempotencyKey = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")]


class TargetsOverride(RequestModel):
    """Other targets than the job's own."""

    select: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    allow_empty: bool | None = None


class RunStart(RequestModel):
    """What to run."""

    job_id: UUID | None = None
    job: Line | None = Field(default=None, description="Name of the job, in place of its id.")
    version: int | None = Field(default=None, ge=1, description="The current one when absent.")
    parameters: dict[str, Any] = Field(
        default_factory=dict[str, Any], description="By name; a secret's value is the name of a credential."
    )
    targets: TargetsOverride | None = None
    check_only: bool = Field(default=False, description="Dry run: look, change nothing.")

    @model_validator(mode="after")
    def _names_a_job(self) -> Self:
        if (self.job_id is None) == (self.job is None):
            raise ValueError("give either `job_id` or `job`")
        return self


class Rerun(RequestModel):
    """Which targets to repeat a run on."""

    targets: Literal["failed", "all"] = Field(
        default="failed", description="`failed`: those that did not end well, whatever the reason."
    )


class Decide(RequestModel):
    """What a person found out about an attempt of unknown outcome."""

    target: Line = Field(description="Name of the target; empty for a run-scoped step.")
    step: Line = Field(description="Id of the step.")
    decision: Literal["ran", "not_ran"] = Field(description="`ran`: treat as done. `not_ran`: it may run again.")
    reason: Line = ""


class RunRead(BaseModel):
    """A run."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    job_id: UUID
    job_version: int
    job_name: str
    status: Status
    outcome: RunOutcomeName | None
    summary: str
    check_only: bool
    trigger: str
    requested_by: str
    target_count: int
    rerun_of: UUID | None
    epoch: int
    cancel_requested_at: datetime | None
    cancel_requested_by: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    prefect_flow_run_id: UUID | None


class StepRead(BaseModel):
    """A step of a run, and how far it is."""

    ord: int
    id: str
    uses: str
    scope: str
    sent: int = 0
    ok: int = 0
    changed: int = 0
    skipped: int = 0
    bad: int = 0


class RunDetail(RunRead):
    """A run with its counts."""

    parameters: dict[str, Any]
    secret_parameters: dict[str, str] = Field(description="Parameter → name of the credential; never its value.")
    correlation_id: str
    last_seq: int = Field(description="The newest event; a watcher starts after it.")
    steps: list[StepRead]
    targets_by_outcome: dict[str, int] = Field(description="Outcome → targets; `pending` for those not ended.")


class RunTargetRead(BaseModel):
    """A target of a run, as frozen when it started."""

    model_config = ConfigDict(from_attributes=True)
    ord: int
    target_id: str
    name: str
    address: str
    port: int
    platform: str
    credential: str | None
    outcome: str | None
    reason: str


class AttemptRead(BaseModel):
    """One attempt of one step on one target."""

    step_ord: int
    step: str
    uses: str
    attempt: int
    state: Literal["sent", "done"]
    outcome: str | None
    exit_code: int | None
    summary: str
    outputs: dict[str, Any] | None
    sent_at: datetime | None
    done_at: datetime | None
    decision: str | None = None


class OutputRead(BaseModel):
    """What an attempt printed; the middle may be cut."""

    stdout: str
    stderr: str
    stdout_bytes: int
    stderr_bytes: int
    truncated: bool


class MatrixRead(BaseModel):
    """Every pair of a run in one answer.

    `cells` holds, by step, one byte for each target in the order of `targets`, in base64: the outcome's number,
    254 for an attempt that is under way, 255 for a pair nothing was sent for.
    """

    seq: int = Field(description="The newest event this answer knows of.")
    outcomes: list[str] = Field(description="Names of the outcomes, by number.")
    steps: list[StepRead]
    targets: list[str]
    target_outcomes: list[int | None]
    cells: dict[str, str]


class EventRead(BaseModel):
    """Something that changed in a run."""

    model_config = ConfigDict(from_attributes=True)
    seq: int
    at: datetime
    kind: str
    data: dict[str, Any]


class EventsRead(BaseModel):
    """Events after a cursor."""

    items: list[EventRead]
    last_seq: int
    ended: bool = Field(description="Whether nothing more will come.")


class DecisionRead(BaseModel):
    """A decision that was kept."""

    target: str
    step: str
    attempt: int
    decision: str
    decided_by: str
