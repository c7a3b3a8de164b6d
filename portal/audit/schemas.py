"""Bodies of the audit endpoints."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class AuditRead(BaseModel):
    """One entry of the audit log."""

    model_config = ConfigDict(from_attributes=True)
    seq: int
    at: datetime
    event: str
    actor_id: str
    actor_name: str
    subject_kind: str
    subject_id: str
    source: str
    request_id: str
    facts: dict[str, Any]
    hash: str


class ChainRead(BaseModel):
    """Whether the audit log is as it was written."""

    intact: bool
    entries: int
    first_break: int | None
    head: str = Field(description="Hash of the last good entry; kept elsewhere, it shows later that none is missing.")


class EventRead(BaseModel):
    """An event that the log may hold."""

    event: str
    meaning: str
