"""Bodies of the timeline."""

from datetime import datetime

from pydantic import BaseModel, Field


class StepTimeline(BaseModel):
    """All attempts of one step."""

    id: str
    uses: str
    scope: str
    count: int = Field(description="Attempts that were begun.")
    running: int = Field(description="Those that go on.")
    start_ms: int | None = Field(description="When the first one began, since `origin`.")
    end_ms: int | None = Field(description="When the last one ended.")
    min_ms: int | None
    median_ms: int | None
    max_ms: int | None


class TimelineRead(BaseModel):
    """When things happened in a run, in milliseconds since `origin`."""

    origin: datetime = Field(description="When the run began.")
    finished_at: datetime | None
    steps: list[StepTimeline]
    total: int = Field(description="Targets of the run.")
    targets: list[int] = Field(description="Number, start, duration, number, start … Duration -1: it goes on.")
    first: int = Field(description="Number of the first target in `spans`.")
    names: list[str] = Field(description="Names of the targets in `spans`, in the order of their numbers.")
    spans: list[int] = Field(description="Target, step, attempt, start, duration, target … Target -1: runs once.")
