"""Bodies of the connection test endpoints."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StrictInt, StringConstraints

from portal.kit.text import RequestModel

TestStatus = Literal["queued", "running", "ended"]
ResultStatus = Literal["waiting", "connected", "unreachable", "auth_failed", "host_key_changed", "failed"]


class ConnectionTestStart(RequestModel):
    """Which targets to log in to."""

    select: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    at_most: StrictInt = Field(default=500, ge=1, le=50_000, description="Refused when the selector picks more.")


class CredentialTest(RequestModel):
    """Where to try a credential."""

    target_id: UUID


class ConnectionTestRead(BaseModel):
    """A test of one target or many; its id is that of the run that makes it."""

    id: UUID
    status: TestStatus
    requested_by: str
    created_at: datetime
    finished_at: datetime | None
    total: int
    counts: dict[ResultStatus, int] = Field(description="Targets by what came of them, of those in sight.")


class ConnectionResult(BaseModel):
    """What came of one login, or why there was none."""

    target_id: UUID
    name: str
    address: str
    port: int
    credential: str | None
    status: ResultStatus
    reason: str = Field(description="Why it did not work; empty when it did.")
    user: str | None = Field(default=None, description="Login name on the host.")
    hostname: str | None = None
    os: str | None = None
    kernel: str | None = None
    login_ms: float | None = Field(default=None, description="From the first packet until the login was accepted.")
    host_key: str | None = Field(default=None, description="The key that the host showed, OpenSSH text.")
    fingerprint: str | None = Field(default=None, description="Fingerprint of that key.")
    first_seen: bool = Field(default=False, description="Whether the key was trusted because it was the first one.")
    expected_fingerprint: str | None = Field(default=None, description="Of the recorded key, when another one came.")
