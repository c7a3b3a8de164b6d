"""Bodies of the folders endpoints."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from portal.jobs.folder import Folder
from portal.kit.text import RequestModel

InnerFolder = Annotated[Folder, StringConstraints(min_length=1)]


class FolderRead(BaseModel):
    """A folder of jobs and templates; it is there as long as something is in it."""

    model_config = ConfigDict(from_attributes=True)
    path: str = Field(description="Empty for the top.")
    parent: str | None = Field(description="Path of the folder around it; null for the top.")
    name: str
    jobs: int = Field(description="Jobs in it.")
    jobs_below: int = Field(description="Jobs in it and in the folders below.")
    templates: int = Field(description="Templates in it.")
    templates_below: int = Field(description="Templates in it and in the folders below.")


class FolderTree(BaseModel):
    """All folders that somebody may see, each before those below it."""

    items: list[FolderRead]


class FolderMove(RequestModel):
    """Another path for a folder, with everything below it."""

    path: InnerFolder = Field(description="The folder as it is called now.")
    new_path: InnerFolder = Field(description="A path that nothing is in yet.")


class MoveRead(BaseModel):
    """What moved."""

    path: str
    jobs: int
    templates: int
    grants: int = Field(description="Roles that people have in the folder or below; they moved along.")
