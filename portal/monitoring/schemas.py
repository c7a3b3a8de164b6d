"""Bodies of the health endpoints."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from portal.kit.text import RequestModel

HealthStatus = Literal["unknown", "up", "unreachable", "auth_failed", "host_key_changed", "failed"]
FoundStatus = Literal["up", "unreachable", "auth_failed", "host_key_changed", "failed"]


class HealthCheckSet(RequestModel):
    """How a target, or every target of a group, is checked."""

    mode: Literal["tcp", "login", "off"] = Field(
        description="`tcp` connects to the target's port; `login` signs in with the target's credential, with the "
        "rights that whoever sets this has then; `off` leaves a target out of its groups' checks. "
        "Both connect to the enabled services of the target, too."
    )
    interval_seconds: StrictInt = Field(default=300, ge=60, le=86_400, description="How often.")


class HealthCheckRead(BaseModel):
    """A check, and whose."""

    mode: str
    interval_seconds: int
    set_by: str
    updated_at: datetime
    source: str = Field(description="`target`, or `group:` and the name of the group that it comes from.")


class HealthRead(BaseModel):
    """How a target is."""

    status: HealthStatus
    since: datetime | None = Field(default=None, description="Since when it is so.")
    checked_at: datetime | None = None
    latency_ms: float | None = Field(default=None, description="Until the connection stood, or the login was accepted.")
    detail: str = Field(default="", description="Why it is not up.")
    check: HealthCheckRead | None = Field(default=None, description="What is done; null: nothing.")


class HealthRecordRead(BaseModel):
    """What one check found."""

    model_config = ConfigDict(from_attributes=True)
    id: int
    at: datetime
    mode: str
    status: FoundStatus
    latency_ms: float | None
    detail: str


class TargetHealthRead(BaseModel):
    """How a target is, in a list of them."""

    model_config = ConfigDict(from_attributes=True)
    target_id: UUID
    name: str
    status: FoundStatus
    since: datetime
    checked_at: datetime
    latency_ms: float | None
    detail: str
