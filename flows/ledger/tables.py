"""Tables of the record of runs.

No foreign key leads to a portal table: a flow process flushes rows without asking whether the target or
user that they name still exists. The portal inserts runs, frozen targets and published job versions; the
flow's database role writes only what EXECUTION_COLUMNS names and the execution tables.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

_now = text("now()")


def _time(*, nullable: bool = True) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable, server_default=None if nullable else _now)


class PublishedJob(SQLModel, table=True):
    """One immutable version of a job, as flow processes read it."""

    __tablename__: ClassVar[Any] = "published_jobs"

    job_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    name: str
    plan: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    published_at: datetime | None = Field(default=None, sa_column=_time(nullable=False))


class JobRun(SQLModel, table=True):
    """One run. `status`: queued → running → ended; `outcome` is set when it ended, or never."""

    __tablename__: ClassVar[Any] = "job_runs"
    # Lists are ordered by id, which is the order of creation. None of these columns changes more than twice in a
    # run, so the updates of `event_seq` and `lease_until` touch no index (HOT).
    __table_args__: ClassVar[Any] = (
        Index("ix_job_runs_open", "id", postgresql_where=text("status <> 'ended'")),
        Index("ix_job_runs_pinned", "id", postgresql_where=text("pinned_at IS NOT NULL")),
        Index("ix_job_runs_job", "job_id", "id"),
        Index("ix_job_runs_job_name", "job_name", "id"),
        Index("ix_job_runs_requested_by", "requested_by", "id"),
        Index("ix_job_runs_outcome", "outcome", "id"),
        Index("ix_job_runs_trigger", "trigger", "id"),
        Index("ix_job_runs_finished", "finished_at"),
        Index(
            "ix_job_runs_to_count",
            "id",
            postgresql_where=text("status = 'ended' AND (counted_at IS NULL OR counted_at < finished_at)"),
        ),
    )

    id: UUID = Field(primary_key=True)
    job_id: UUID
    job_version: int
    job_name: str
    parameters: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    credentials: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    """Frozen list: reference → {"block_document_id": …, "version": …}. The broker hands out only these."""
    secret_parameters: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    """Parameter name → credential reference."""
    check_only: bool = False
    trigger: str = "manual"
    requested_by: str = ""
    correlation_id: str = ""
    traceparent: str | None = None
    """The trace of the request that started it (W3C Trace Context); null: it was not traced."""
    idempotency_key: str | None = Field(default=None, unique=True)
    rerun_of: UUID | None = None
    resume_of_epoch: int | None = None
    target_count: int = 0
    created_at: datetime | None = Field(default=None, sa_column=_time(nullable=False))
    # execution columns
    status: str = "queued"
    outcome: str | None = None
    summary: str = ""
    epoch: int = 0
    owner: str | None = None
    lease_until: datetime | None = Field(default=None, sa_column=_time())
    prefect_flow_run_id: UUID | None = None
    event_seq: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    started_at: datetime | None = Field(default=None, sa_column=_time())
    finished_at: datetime | None = Field(default=None, sa_column=_time())
    # written by the portal on behalf of people
    cancel_requested_at: datetime | None = Field(default=None, sa_column=_time())
    cancel_requested_by: str | None = None
    pinned_at: datetime | None = Field(default=None, sa_column=_time())
    """Retention leaves a pinned run and all that belongs to it."""
    pinned_by: str | None = None
    counted_at: datetime | None = Field(default=None, sa_column=_time())
    """The end (`finished_at`) that the portal's figures have counted."""


EXECUTION_COLUMNS = (
    "status", "outcome", "summary", "epoch", "owner", "lease_until", "prefect_flow_run_id", "event_seq",
    "started_at", "finished_at",
)  # fmt: skip


class JobRunTarget(SQLModel, table=True):
    """One target as frozen into a run; `outcome` and `reason` are the flow's to write."""

    __tablename__: ClassVar[Any] = "job_run_targets"
    # What happened on one target, the newest run first; neither column ever changes.
    __table_args__: ClassVar[Any] = (Index("ix_job_run_targets_target", "target_id", "run_id"),)

    run_id: UUID = Field(primary_key=True)
    ord: int = Field(primary_key=True)
    target_id: str
    name: str
    address: str
    port: int
    platform: str = "linux"
    variables: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    tags: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    host_keys: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    encoding: str = "utf-8"
    credential: str | None = None
    outcome: int | None = Field(default=None, sa_column=Column(SmallInteger))
    reason: str = ""
    first_seen_key: str | None = None
    """Host key met on first use; the portal pins it on the target when the run's events say so."""


class JobRunStep(SQLModel, table=True):
    """One attempt of one step on one target. No row: it was never sent.

    `state` 1 = sent (committed before the command may start), 2 = done. Run-scoped steps have target_ord -1.
    """

    __tablename__: ClassVar[Any] = "job_run_steps"

    run_id: UUID = Field(primary_key=True)
    target_ord: int = Field(primary_key=True)
    step_ord: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    attempt: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    state: int = Field(sa_column=Column(SmallInteger, nullable=False))
    outcome: int | None = Field(default=None, sa_column=Column(SmallInteger))
    exit_code: int | None = None
    epoch: int
    sent_at: datetime | None = Field(default=None, sa_column=_time())
    done_at: datetime | None = Field(default=None, sa_column=_time())
    summary: str = ""
    outputs: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))


class JobRunOutput(SQLModel, table=True):
    """What an attempt printed: zstd of head and tail, redacted; insert only."""

    __tablename__: ClassVar[Any] = "job_run_outputs"

    run_id: UUID = Field(primary_key=True)
    target_ord: int = Field(primary_key=True)
    step_ord: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    attempt: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    stdout_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    stderr_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    truncated: bool = False
    stdout: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    stderr: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class JobRunCount(SQLModel, table=True):
    """Counters per (run, step), so that nobody scans a million rows for a progress bar."""

    __tablename__: ClassVar[Any] = "job_run_counts"

    run_id: UUID = Field(primary_key=True)
    step_ord: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    sent: int = 0
    ok: int = 0
    changed: int = 0
    skipped: int = 0
    bad: int = 0


class JobRunEvent(SQLModel, table=True):
    """Everything that changed, in the order of `seq`: the outbox of a run.

    kind `pairs`: data = {"rows": [[target_ord, step_ord, attempt, state, outcome|null], …]};
    kind `targets`: data = {"rows": [[ord, outcome|null, reason|null, host key seen first|null], …]};
    other kinds (`run.claimed`, `run.taken_over`, `run.reopened`, `run.ended`, `batch.started`, …) carry their facts.
    """

    __tablename__: ClassVar[Any] = "job_run_events"

    run_id: UUID = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True))
    at: datetime | None = Field(default=None, sa_column=_time(nullable=False))
    kind: str
    data: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class JobRunDecision(SQLModel, table=True):
    """A decision on a pair of unknown outcome: `ran` (done), `not_ran` (may run again) or `skip` (go on without)."""

    __tablename__: ClassVar[Any] = "job_run_decisions"

    run_id: UUID = Field(primary_key=True)
    target_ord: int = Field(primary_key=True)
    step_ord: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    attempt: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    decision: str
    decided_by: str
    reason: str = ""
    decided_at: datetime | None = Field(default=None, sa_column=_time(nullable=False))


class JobRunLeftover(SQLModel, table=True):
    """A run that retention deleted, and whose other rows are still to go."""

    __tablename__: ClassVar[Any] = "job_run_leftovers"

    run_id: UUID = Field(primary_key=True)


class RetentionReport(SQLModel, table=True):
    """What retention deleted at one time; the portal puts it on the audit log."""

    __tablename__: ClassVar[Any] = "retention_reports"

    id: UUID = Field(primary_key=True)
    outputs: int = Field(sa_column=Column(BigInteger, nullable=False))
    events: int = Field(sa_column=Column(BigInteger, nullable=False))
    runs: int = Field(sa_column=Column(BigInteger, nullable=False))
    flow_runs: int = Field(sa_column=Column(BigInteger, nullable=False, server_default="0"))
