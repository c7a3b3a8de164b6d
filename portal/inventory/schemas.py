"""Bodies of the inventory endpoints."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictBool, StringConstraints

from portal.kit.problems import ProblemField
from portal.kit.text import Line, RequestModel

from .formats import FormatName

Action = Literal["create", "update", "unchanged", "refused"]


class InventoryImport(RequestModel):
    """A file with targets: all of them become targets, or none."""

    format: FormatName
    content: str = Field(max_length=8_000_000, description="The file's text.")
    dry_run: StrictBool = Field(default=False, description="Only say what would be done.")
    update_existing: StrictBool = Field(
        default=False,
        description="Change targets of the same name instead of refusing. What the file says replaces what was; "
        "groups are added, never taken away.",
    )
    credential: Line | None = Field(
        default=None, description="Name of the credential for targets that have none, here and in the file."
    )
    group_prefix: Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9][A-Za-z0-9_.@/-]{0,49})?$")] = Field(
        default="", description="Stands before the name of every group of the file, such as `aws-`."
    )


class ImportRow(BaseModel):
    """What becomes of one host of the file."""

    line: int | None = Field(description="Where it stands; null where the format has no lines.")
    name: str
    action: Action
    changes: list[str] = Field(description="Fields that an update changes.")
    problems: list[ProblemField] = Field(description="Why it is refused.")
    withheld: list[str] = Field(description="Variables that hold secrets and are not kept.")
    notes: list[str] = Field(description="What else is worth knowing.")


class Nesting(BaseModel):
    """A group that the import puts into another one."""

    group: str
    parent: str


class ImportReport(BaseModel):
    """What an import did, or would do."""

    dry_run: bool
    created: int
    updated: int
    unchanged: int
    refused: int
    groups_created: list[str]
    groups_nested: list[Nesting]
    problems: list[ProblemField] = Field(description="Why the file's groups are refused.")
    rows: list[ImportRow]
