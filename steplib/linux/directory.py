"""Directories."""

from pydantic import BaseModel

from opsconductor.errors import ActionFailedError
from opsconductor.sdk.action import Result, action
from opsconductor.sdk.transport import Host

from .content import Attributes, change_attributes
from .parameters import AbsolutePath, Account, FileMode
from .path import look


class DirectoryState(BaseModel):
    """A directory as it is now (in a dry run: as it would be).

    Attributes:
        path: The path.
        created: Whether nothing was there before.
    """

    path: str
    created: bool


async def _would_create(
    host: Host,
    *,
    path: AbsolutePath,
    parents: bool = True,
    mode: FileMode | None = None,
    owner: Account | None = None,
    group: Account | None = None,
    sudo: bool = False,
) -> Result[DirectoryState]:
    found = await look(host, path, sudo=sudo)
    if found.kind == "absent":
        return Result.changed(f"would create {path}", DirectoryState(path=path, created=True))
    if found.kind != "directory":
        raise ActionFailedError(f"{host.name}: {path} is a {found.kind}, not a directory")
    outputs = DirectoryState(path=path, created=False)
    if differences := found.differences(mode=mode, owner=owner, group=group):
        return Result.changed(f"would change {', '.join(differences)} of {path}", outputs)
    return Result.unchanged(f"{path} is as asked", outputs)


@action("directory.create", effect="idempotent", platforms=("linux",), check=_would_create)
async def create(
    host: Host,
    *,
    path: AbsolutePath,
    parents: bool = True,
    mode: FileMode | None = None,
    owner: Account | None = None,
    group: Account | None = None,
    sudo: bool = False,
) -> Result[DirectoryState]:
    """Make sure a directory is there.

    Args:
        host: Where.
        path: The path.
        parents: Make missing directories above it as well.
        mode: Permissions in octal; when absent as they are, the login's default for a new one.
        owner: Owner's name or number; as it is when absent.
        group: Group's name or number; as it is when absent.
        sudo: Work as root by sudo.
    """
    looked = await _would_create(host, path=path, parents=parents, mode=mode, owner=owner, group=group, sudo=sudo)
    if not looked.did_change:
        return looked
    if looked.outputs.created:
        await host.run("mkdir", *(("-p",) if parents else ()), "--", path, sudo=sudo)
    if mode or owner or group:
        await change_attributes(host, path, Attributes(mode, owner, group), sudo=sudo)
    return Result.changed(f"{'created' if looked.outputs.created else 'changed'} {path}", looked.outputs)
