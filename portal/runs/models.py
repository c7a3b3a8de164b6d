"""What the portal keeps about runs besides the record that the flow shares."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey
from sqlmodel import Field, SQLModel

from portal.kit.ids import now


class RunRequest(SQLModel, table=True):
    """An idempotency key with what it asked for: the same request again finds the same run."""

    __tablename__: ClassVar[Any] = "run_requests"

    idempotency_key: str = Field(primary_key=True)
    fingerprint: str
    # Written just before the run; the deletion of a run looks for it.
    run_id: UUID = Field(
        sa_column=Column(
            ForeignKey("job_runs.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED"),
            nullable=False,
            index=True,
        )
    )
    created_at: datetime = Field(default_factory=now, sa_column=Column(DateTime(timezone=True), nullable=False))


class EventPosition(SQLModel, table=True):
    """How far the portal's upkeep has read the events of a run."""

    __tablename__: ClassVar[Any] = "event_positions"

    run_id: UUID = Field(sa_column=Column(ForeignKey("job_runs.id", ondelete="CASCADE"), primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
