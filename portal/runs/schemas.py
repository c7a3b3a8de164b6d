"""Bodies of the runs endpoints."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator

from portal.kit.text import Line, RequestModel, VersionNumber
from portal.targets.schemas import DroppedTarget

Status = Literal["queued", "running", "ended"]
RunOutcomeName = Literal["succeeded", "partial", "failed", "cancelled", "no_targets", "unknown"]
IdempotencyKey = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")]


class TargetsOverride(RequestModel):
    """Fewer targets than the job's own: those that this selector picks too."""

    select: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    allow_empty: StrictBool | None = None


class RunStart(RequestModel):
    """What to run."""

    job_id: UUID | None = None
    job: Line | None = Field(default=None, description="Name of the job, in place of its id.")
    version: VersionNumber | None = Field(default=None, description="The current one when absent.")
    parameters: dict[str, Any] = Field(
        default_factory=dict[str, Any], description="By name; a secret's value is the name of a credential."
    )
    targets: TargetsOverride | None = None
    check_only: StrictBool = Field(default=False, description="Dry run: look, change nothing.")

    @model_validator(mode="after")
    def _names_a_job(self) -> Self:
        if (self.job_id is None) == (self.job is None):
            raise ValueError("give either `job_id` or `job`")
        return self


class Refusal(BaseModel):
    """Why a run would not start."""

    path: str = Field(description="Where in the request, such as `parameters.unit`; empty for a missing right.")
    message: str
    hint: str = ""


class PreviewTarget(BaseModel):
    """A target that a run would run on."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    address: str
    port: int
    credential: str | None = Field(description="Name of the credential that would sign in.")


class PreviewStep(BaseModel):
    """A step that a run would take."""

    ord: int
    id: str
    uses: str
    scope: Literal["target", "run"]
    effect: Literal["read", "idempotent", "once"]
    supports_check: bool = Field(description="Whether a dry run can tell what the step would change.")
    installed: bool = Field(description="Whether the action is still there; without it the run would fail.")
    unsupported: list[str] = Field(description="Targets of a platform that the action does not work on.")


class RunPreview(BaseModel):
    """What starting a run would do. Nothing was started."""

    job_id: UUID
    job_version: int
    check_only: bool
    parameters: dict[str, Any] = Field(description="As the run would have them, defaults included.")
    secret_parameters: dict[str, str] = Field(description="Parameter → name of the credential.")
    select: str | None = Field(description="The selector of the run: the job's own, narrowed by the request.")
    total: int
    targets: list[PreviewTarget]
    left_out: list[str] = Field(description="Targets of the job that the request's selector leaves out.")
    dropped: list[DroppedTarget] = Field(description="Targets that are the same host and login as another one.")
    steps: list[PreviewStep]
    refusals: list[Refusal] = Field(description="Everything that keeps the run from starting; empty: it would start.")


RerunTargets = Literal["failed", "unreachable", "not_started", "all"]


class Rerun(RequestModel):
    """Which targets to repeat a run on."""

    targets: RerunTargets = Field(
        default="failed",
        description="`failed`: those that did not end well, whatever the reason. `unreachable`: those that nobody got "
        "into, refused logins included. `not_started`: those on which no command was begun, such as those left out "
        "after too many failures. `all`: every one.",
    )


class RerunTarget(BaseModel):
    """A target that a rerun would run on."""

    name: str
    address: str = Field(description="As it is now, or as the former run had it when the target is gone.")
    outcome: str | None = Field(description="How it ended before.")
    reason: str
    gone: bool = Field(description="Whether the target was deleted since; the rerun takes it as it was.")


class RerunPreview(BaseModel):
    """What a rerun would run on. Nothing was started."""

    rerun_of: UUID
    job_version: int
    parameters: dict[str, Any]
    total: int
    targets: list[RerunTarget]


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
    pinned_at: datetime | None = Field(description="Since when retention leaves this run.")
    pinned_by: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    prefect_flow_run_id: UUID | None = Field(description="What shows it in Prefect; null before, and once it has gone.")


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


class TargetRunRead(RunRead):
    """A run, and how it ended on one target."""

    target_ord: int = Field(description="Number of the target in the run.")
    target_outcome: str | None
    target_reason: str


class OutcomeChange(BaseModel):
    """How many targets ended one way in a run and another way in the other one."""

    before: str = Field(description="An outcome, `pending`, or `absent`: it was no target of that run.")
    after: str
    count: int


class ChangedTarget(BaseModel):
    """A target that ended another way."""

    name: str
    before: str
    after: str
    reason_before: str
    reason_after: str


class RunComparison(BaseModel):
    """Two runs, target by target; `run` is before, `other` after."""

    run: RunRead
    other: RunRead
    counts: list[OutcomeChange] = Field(description="Every pair of outcomes, equal ones included.")
    changed_total: int
    changed: list[ChangedTarget] = Field(description="The first 1,000 that differ, by name.")


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
