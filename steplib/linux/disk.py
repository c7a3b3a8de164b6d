"""Disk space."""

from pydantic import BaseModel, Field

from opsconductor.errors import ActionFailedError
from opsconductor.sdk.action import Result, action
from opsconductor.sdk.transport import Host

from .parameters import AbsolutePath
from .posix import C_LOCALE

_COLUMNS = 6
_PSEUDO = frozenset({"tmpfs", "devtmpfs", "proc", "sysfs", "udev", "none", "shm", "efivarfs"})


class FileSystem(BaseModel):
    """One mounted file system."""

    device: str = Field(description="Device or source.")
    mount: str = Field(description="Where it is mounted.")
    size_bytes: int = Field(description="Its size.")
    used_bytes: int = Field(description="Used bytes.")
    available_bytes: int = Field(description="Bytes that ordinary users can still use.")
    used_percent: float = Field(description="Used share of what ordinary users can use, 0 to 100.")


class DiskUsage(BaseModel):
    """Space of mounted file systems.

    Attributes:
        filesystems: The file systems: device, mount, size_bytes, used_bytes, available_bytes, used_percent.
        fullest: Mount point of the fullest one; empty when there is none.
        highest_percent: Used share of the fullest one, 0 to 100.
    """

    filesystems: list[FileSystem]
    fullest: str
    highest_percent: float


@action("disk.usage", effect="read", platforms=("linux", "unix", "macos"))
async def usage(host: Host, *, path: AbsolutePath | None = None, memory: bool = False) -> Result[DiskUsage]:
    """Read how full file systems are.

    Args:
        host: Where.
        path: Only the file system that holds this path; all when absent.
        memory: Include file systems that are in memory, such as tmpfs.
    """
    # df ends with 1 when it may not look at one of many mounts, and still lists the others.
    accept = (0,) if path else (0, 1)
    output = await host.run("df", "-P", "-k", *([path] if path else []), environment=C_LOCALE, accept=accept)
    found = [system for line in output.stdout.splitlines()[1:] if (system := _parse(line))]
    if path is None and not memory:
        found = [system for system in found if system.device not in _PSEUDO]
    if path and not found:
        raise ActionFailedError(f"{host.name}: df says nothing about {path}")
    return _result(found)


def _result(found: list[FileSystem]) -> Result[DiskUsage]:
    top = max(found, key=lambda system: system.used_percent, default=None)
    outputs = DiskUsage(
        filesystems=found,
        fullest=top.mount if top else "",
        highest_percent=top.used_percent if top else 0,
    )
    summary = f"{top.mount} is {top.used_percent:g} % full" if top else "no file system found"
    return Result.unchanged(summary, outputs)


def _parse(line: str) -> FileSystem | None:
    columns = line.split(None, _COLUMNS - 1)
    if len(columns) < _COLUMNS or not all(column.isdigit() for column in columns[1:4]):
        return None
    size, used, available = (int(column) * 1024 for column in columns[1:4])
    usable = used + available
    return FileSystem(
        device=columns[0],
        mount=columns[5],
        size_bytes=size,
        used_bytes=used,
        available_bytes=available,
        used_percent=round(100 * used / usable, 1) if usable else 0,
    )
