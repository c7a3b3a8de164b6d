"""Files."""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from opsconductor.errors import ActionFailedError
from opsconductor.sdk.action import Result, action
from opsconductor.sdk.transport import Host

from .content import Attributes, Content, FileWritten, compare, ensure
from .parameters import AbsolutePath, Account, FileMode
from .path import Kind, look
from .posix import sh

READ_LIMIT_BYTES = 48_000
"""As base64 this just fits into the output that is kept of a command."""

Encoding = Literal["utf-8", "base64"]
Limit = Annotated[int, Field(ge=1, le=READ_LIMIT_BYTES)]
NewText = Annotated[str, Field(max_length=4_000_000)]

_READ = """
[ -e "$1" ] || { echo "$1 does not exist" >&2; exit 64; }
[ -f "$1" ] || { echo "$1 is not a file" >&2; exit 64; }
size=$(wc -c < "$1") || exit
[ "$size" -le "$2" ] || { echo "$1 has" $size "bytes, more than the limit of $2" >&2; exit 64; }
base64 < "$1"
"""


class FileState(BaseModel):
    """What is at a path.

    Attributes:
        path: The path.
        exists: Whether anything is there.
        kind: What it is: file, directory, link, other or absent.
        size_bytes: Its size.
        mode: Permissions in octal, such as `0644`.
        owner: Name of its owner.
        group: Name of its group.
        modified_at: When its content changed, ISO 8601 in UTC; None when nothing is there.
        sha256: Digest of a file's content, when it was asked for.
    """

    path: str
    exists: bool
    kind: Kind
    size_bytes: int
    mode: str
    owner: str
    group: str
    modified_at: datetime | None
    sha256: str


class FileContent(BaseModel):
    """Content of a file.

    Attributes:
        content: The content, in the encoding asked for.
        size_bytes: Its size on the target.
        sha256: Its digest.
    """

    content: str
    size_bytes: int
    sha256: str


class FileDeleted(BaseModel):
    """What was deleted.

    Attributes:
        path: The path.
        existed: Whether anything was there.
    """

    path: str
    existed: bool


@action("file.stat", effect="read", platforms=("linux",))
async def stat(
    host: Host, *, path: AbsolutePath, follow: bool = False, sha256: bool = False, sudo: bool = False
) -> Result[FileState]:
    """Read what is at a path; that nothing is there is an answer, not a failure.

    Args:
        host: Where the path is.
        path: The path.
        follow: Look at what a symbolic link points to, not at the link.
        sha256: Read the digest of a file's content as well.
        sudo: Look as root by sudo.
    """
    found = await look(host, path, follow=follow, sha256=sha256, sudo=sudo)
    there = found.kind != "absent"
    outputs = FileState(
        path=path,
        exists=there,
        kind=found.kind,
        size_bytes=found.size_bytes,
        mode=f"{found.mode:04o}",
        owner=found.owner,
        group=found.group,
        modified_at=datetime.fromtimestamp(found.modified, UTC) if there else None,
        sha256=found.sha256,
    )
    return Result.unchanged(f"{path} is a {found.kind}" if there else f"{path} does not exist", outputs)


@action("file.read", effect="read", platforms=("linux",))
async def read(
    host: Host,
    *,
    path: AbsolutePath,
    encoding: Encoding = "utf-8",
    limit_bytes: Limit = READ_LIMIT_BYTES,
    sudo: bool = False,
) -> Result[FileContent]:
    """Read a file whole; a file above the limit is a failure, never cut.

    Args:
        host: Where the file is.
        path: Its path.
        encoding: `utf-8` for text, `base64` for anything.
        limit_bytes: The largest file to read.
        sudo: Read as root by sudo.
    """
    output = await sh(host, "file.read", _READ, path, str(limit_bytes), sudo=sudo)
    content = base64.b64decode(output.stdout)
    outputs = FileContent(
        content=_decode(host, path, content) if encoding == "utf-8" else base64.b64encode(content).decode(),
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    return Result.unchanged(f"read {len(content)} bytes of {path}", outputs)


async def _would_write(
    host: Host,
    *,
    path: AbsolutePath,
    content: NewText,
    encoding: Encoding = "utf-8",
    mode: FileMode | None = None,
    owner: Account | None = None,
    group: Account | None = None,
    sudo: bool = False,
) -> Result[FileWritten]:
    return await compare(host, path, _given(content, encoding), Attributes(mode, owner, group), sudo=sudo)


@action("file.write", effect="idempotent", platforms=("linux",), check=_would_write)
async def write(
    host: Host,
    *,
    path: AbsolutePath,
    content: NewText,
    encoding: Encoding = "utf-8",
    mode: FileMode | None = None,
    owner: Account | None = None,
    group: Account | None = None,
    sudo: bool = False,
) -> Result[FileWritten]:
    """Make sure a file has this content; readers see the old one or the new one, never a part.

    Args:
        host: Where the file is.
        path: Its path; through a symbolic link, the file it points to.
        content: The whole content.
        encoding: How `content` is written here: `utf-8` for text, `base64` for anything.
        mode: Permissions in octal; when absent as they are, `0644` for a new file.
        owner: Owner's name or number; as it is when absent.
        group: Group's name or number; as it is when absent.
        sudo: Write as root by sudo.
    """
    return await ensure(host, path, _given(content, encoding), Attributes(mode, owner, group), sudo=sudo)


async def _would_copy(
    host: Host,
    *,
    source: AbsolutePath,
    destination: AbsolutePath,
    mode: FileMode | None = None,
    owner: Account | None = None,
    group: Account | None = None,
    sudo: bool = False,
) -> Result[FileWritten]:
    original = await _original(host, source, sudo=sudo)
    return await compare(host, destination, original, Attributes(mode, owner, group), sudo=sudo)


@action("file.copy", effect="idempotent", platforms=("linux",), check=_would_copy)
async def copy(
    host: Host,
    *,
    source: AbsolutePath,
    destination: AbsolutePath,
    mode: FileMode | None = None,
    owner: Account | None = None,
    group: Account | None = None,
    sudo: bool = False,
) -> Result[FileWritten]:
    """Make sure a file on the target has the content of another one there.

    Args:
        host: Where both files are.
        source: The file to copy.
        destination: The file to make; a directory is refused.
        mode: Permissions in octal; when absent as they are, the source's for a new file.
        owner: Owner's name or number; as it is when absent.
        group: Group's name or number; as it is when absent.
        sudo: Copy as root by sudo.
    """
    original = await _original(host, source, sudo=sudo)
    return await ensure(host, destination, original, Attributes(mode, owner, group), sudo=sudo)


async def _would_delete(
    host: Host, *, path: AbsolutePath, recursive: bool = False, sudo: bool = False
) -> Result[FileDeleted]:
    _refuse_precious(path)
    found = await look(host, path.rstrip("/"), follow=False, sudo=sudo)
    if found.kind == "absent":
        return Result.unchanged(f"{path} does not exist", FileDeleted(path=path, existed=False))
    if found.kind == "directory" and not recursive:
        raise ActionFailedError(f"{host.name}: {path} is a directory; say `recursive: true` to delete it and all in it")
    return Result.changed(f"would delete the {found.kind} {path}", FileDeleted(path=path, existed=True))


@action("file.delete", effect="idempotent", platforms=("linux",), check=_would_delete)
async def delete(host: Host, *, path: AbsolutePath, recursive: bool = False, sudo: bool = False) -> Result[FileDeleted]:
    """Make sure nothing is at a path; of a symbolic link the link goes, not what it points to.

    Args:
        host: Where the path is.
        path: The path; `/`, what stands directly under it, and paths with `..` are refused.
        recursive: Delete a directory and all in it; without it directories are refused.
        sudo: Delete as root by sudo.
    """
    looked = await _would_delete(host, path=path, recursive=recursive, sudo=sudo)
    if not looked.did_change:
        return looked
    await host.run("rm", "-rf" if recursive else "-f", "--", path.rstrip("/"), sudo=sudo)
    return Result.changed(f"deleted {path}", looked.outputs)


def _refuse_precious(path: str) -> None:
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts or len(parts) < 2:
        raise ActionFailedError(f"{path} is not deleted: name a path below a directory of the root, without `..`")


async def _original(host: Host, source: str, *, sudo: bool) -> Content:
    found = await look(host, source, sha256=True, sudo=sudo)
    if found.kind != "file":
        there = "does not exist" if found.kind == "absent" else f"is a {found.kind}, not a file"
        raise ActionFailedError(f"{host.name}: {source} {there}")
    return Content(found.sha256, found.size_bytes, source=source, mode_if_new=f"{found.mode:04o}")


def _given(text: str, encoding: Encoding) -> Content:
    try:
        data = text.encode() if encoding == "utf-8" else base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ActionFailedError(f"the content is not {encoding}: {error}") from error
    return Content(hashlib.sha256(data).hexdigest(), len(data), data=data)


def _decode(host: Host, path: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ActionFailedError(f"{host.name}: {path} is not UTF-8 text; read it with `encoding: base64`") from error
