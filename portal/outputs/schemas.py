"""Bodies of the output endpoints."""

from typing import Literal

from pydantic import BaseModel, Field

Stream = Literal["stdout", "stderr"]


class OutputRead(BaseModel):
    """What an attempt printed, or a range of it; of long output the middle was cut when it was kept."""

    stdout: str
    stderr: str
    stdout_bytes: int = Field(description="Bytes written in all.")
    stderr_bytes: int
    truncated: bool = Field(description="Whether the middle was cut.")
    stdout_lines: int = Field(description="Lines that are kept.")
    stderr_lines: int


class OutputGroup(BaseModel):
    """Targets on which a step ended the same way and printed the same, but for their own names."""

    outcome: str | None
    exit_code: int | None
    summary: str
    count: int
    targets: list[str]
    stdout: str = Field(description="What the first of them printed; at most 4,096 characters.")
    stderr: str
    stdout_bytes: int
    stderr_bytes: int


class OutputGroups(BaseModel):
    """What a step came to on the targets of a run: trouble first, then the largest groups."""

    step: str
    total: int
    groups: list[OutputGroup]


class Hit(BaseModel):
    """A line in which the text was found."""

    target: str = Field(description="Name of the target; empty for a step that runs once.")
    target_ord: int
    step: str
    step_ord: int
    attempt: int
    stream: Stream
    line: int = Field(description="Number of the line in what is kept, from 1.")
    text: str = Field(description="The line; a long one is cut around the place.")


class Hits(BaseModel):
    """Where a text was found."""

    items: list[Hit]
    count: int = Field(description="Lines found in what was searched, also those of later pages.")
    outputs: int = Field(description="Outputs that were searched.")
    complete: bool = Field(description="Whether everything behind the cursor was searched.")
    next: str | None = Field(description="Cursor of the next page.")
