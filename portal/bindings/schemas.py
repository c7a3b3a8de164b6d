"""Bodies of the bindings endpoints."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

Place = Literal["target", "group", "job"]


class BindingRead(BaseModel):
    """A credential bound to a target, a group or a job."""

    credential: str
    place: Place
    name: str = Field(description="Of the target, group or job.")
    replaced: str | None = Field(default=None, description="The credential that was bound there before, if in sight.")


class CandidateRead(BaseModel):
    """One credential that a target could sign in with."""

    source: Place
    place: str = Field(description="Name of the group; empty for the target itself and for the job.")
    credential_id: UUID | None = Field(description="Null when it is out of sight.")
    credential: str | None


class TargetCredentialRead(BaseModel):
    """Which credential a target signs in with, and why."""

    credential: CandidateRead | None
    why: str
    order: list[CandidateRead] = Field(
        description="All of them in order: the target's own, those of its groups, the nearest first, and the job's."
    )
