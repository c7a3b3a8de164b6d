"""Giving a file its content: compare first, then replace it whole."""

from dataclasses import dataclass

from pydantic import BaseModel

from opsconductor.errors import ActionFailedError
from opsconductor.sdk.action import Result
from opsconductor.sdk.transport import Host

from .path import PathState, look
from .posix import sh

# $1 path, $2 mode, $3 owner, $4 group (empty: as they are), $5 digest, $6 source (empty: standard input).
# The new content is complete and verified under another name before it takes the path's place.
_REPLACE = """
set -eu
path=$1
if [ -L "$path" ]; then path=$(readlink -f "$path"); fi
new=$(mktemp "${path%/*}/.opsconductor.XXXXXX")
trap 'rm -f "$new"' EXIT
trap 'exit 1' HUP INT TERM
if [ -n "$6" ]; then cat < "$6" > "$new"; else cat > "$new"; fi
sum=$(sha256sum < "$new")
if [ "${sum%% *}" != "$5" ]; then echo "the content of $path did not arrive whole; nothing was changed" >&2; exit 64; fi
if [ -n "$3" ]; then chown "$3" "$new"; fi
if [ -n "$4" ]; then chgrp "$4" "$new"; fi
chmod "$2" "$new"
mv -f "$new" "$path"
"""

_ATTRIBUTES = """
set -eu
if [ -n "$3" ]; then chown "$3" "$1"; fi
if [ -n "$4" ]; then chgrp "$4" "$1"; fi
if [ -n "$2" ]; then chmod "$2" "$1"; fi
"""


class FileWritten(BaseModel):
    """A file as it is now (in a dry run: as it would be).

    Attributes:
        path: The path.
        created: Whether nothing was there before.
        size_bytes: Its size.
        sha256: Digest of its content.
    """

    path: str
    created: bool
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Attributes:
    """Permissions and owners as asked for; None leaves them as they are."""

    mode: str | None
    owner: str | None
    group: str | None


@dataclass(frozen=True, slots=True)
class Content:
    """What a file shall hold: `data`, or what the file `source` on the target holds."""

    sha256: str
    size_bytes: int
    data: bytes | None = None
    source: str = ""
    mode_if_new: str = "0644"


async def compare(
    host: Host, path: str, content: Content, attributes: Attributes, *, sudo: bool
) -> Result[FileWritten]:
    """Find out whether a file would change."""
    return _compared(host, path, content, attributes, await look(host, path, sha256=True, sudo=sudo))


async def ensure(host: Host, path: str, content: Content, attributes: Attributes, *, sudo: bool) -> Result[FileWritten]:
    """Give a file its content and attributes, unless it has them.

    Raises:
        ActionFailedError: The path is not a file, or the content did not arrive whole.
        CommandFailedError: The target refused, such as for lack of space or rights; the old file is untouched.
    """
    found = await look(host, path, sha256=True, sudo=sudo)
    looked = _compared(host, path, content, attributes, found)
    if not looked.did_change:
        return looked
    if found.sha256 == content.sha256:
        await change_attributes(host, path, attributes, sudo=sudo)
        return Result.changed(f"changed {_differences(found, attributes)} of {path}", looked.outputs)
    new = _for_new_file(found, content, attributes)
    await sh(host, "file.replace", _REPLACE, path, *new, content.sha256, content.source, stdin=content.data, sudo=sudo)
    return Result.changed(f"wrote {content.size_bytes} bytes to {path}", looked.outputs)


async def change_attributes(host: Host, path: str, attributes: Attributes, *, sudo: bool) -> None:
    """Set the permissions and owners that are asked for."""
    asked = (attributes.mode or "", attributes.owner or "", attributes.group or "")
    await sh(host, "attributes", _ATTRIBUTES, path, *asked, sudo=sudo)


def _compared(host: Host, path: str, content: Content, attributes: Attributes, found: PathState) -> Result[FileWritten]:
    created = found.kind == "absent"
    if not created and found.kind != "file":
        raise ActionFailedError(f"{host.name}: {path} is a {found.kind}, not a file")
    outputs = FileWritten(path=path, created=created, size_bytes=content.size_bytes, sha256=content.sha256)
    if created:
        return Result.changed(f"would create {path}", outputs)
    if found.sha256 != content.sha256:
        return Result.changed(f"would change the content of {path}", outputs)
    if differences := _differences(found, attributes):
        return Result.changed(f"would change {differences} of {path}", outputs)
    return Result.unchanged(f"{path} is as asked", outputs)


def _differences(found: PathState, asked: Attributes) -> str:
    return ", ".join(found.differences(mode=asked.mode, owner=asked.owner, group=asked.group))


def _for_new_file(found: PathState, content: Content, asked: Attributes) -> tuple[str, str, str]:
    if found.kind == "absent":
        return asked.mode or content.mode_if_new, asked.owner or "", asked.group or ""
    return asked.mode or f"{found.mode:04o}", asked.owner or str(found.uid), asked.group or str(found.gid)
