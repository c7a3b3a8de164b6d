"""What is at a path: the look that file and directory actions take before they change anything."""

import stat
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from opsconductor.errors import ActionFailedError
from opsconductor.sdk.transport import Host

from .posix import sh

Kind = Literal["absent", "file", "directory", "link", "other"]

_LOOK = """
if [ "$2" = follow ]; then follow=-L; else follow=; fi
if [ ! -e "$1" ] && [ ! -L "$1" ]; then echo absent; exit 0; fi
stat $follow -c '%f %s %u %g %Y %U %G' "$1" || exit
if [ "$3" = sum ] && [ -f "$1" ]; then sha256sum < "$1"; fi
"""

_KINDS: dict[int, Kind] = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "link"}


@dataclass(frozen=True, slots=True)
class PathState:
    """What is at a path.

    Attributes:
        kind: What it is.
        size_bytes: Its size.
        mode: Permission bits.
        uid: Number of the owner.
        gid: Number of the group.
        owner: Name of the owner, `UNKNOWN` when it has none.
        group: Name of the group, likewise.
        modified: Seconds since 1970 UTC.
        sha256: Digest of a file's content, when asked for.
    """

    kind: Kind = "absent"
    size_bytes: int = 0
    mode: int = 0
    uid: int = 0
    gid: int = 0
    owner: str = ""
    group: str = ""
    modified: int = 0
    sha256: str = ""

    def differences(self, *, mode: str | None, owner: str | None, group: str | None) -> list[str]:
        """Names of the attributes that are not as asked; what is not asked for is as asked."""
        wanted: Iterable[tuple[str, bool]] = (
            ("mode", mode is not None and int(mode, 8) != self.mode),
            ("owner", owner is not None and owner not in (self.owner, str(self.uid))),
            ("group", group is not None and group not in (self.group, str(self.gid))),
        )
        return [name for name, differs in wanted if differs]


async def look(host: Host, path: str, *, follow: bool = True, sha256: bool = False, sudo: bool = False) -> PathState:
    """Find out what is at a path.

    Args:
        host: Where.
        path: The path.
        follow: Look at what a symbolic link points to, not at the link.
        sha256: Read a file's digest as well.
        sudo: Look as root.
    """
    options = ("follow" if follow else "keep", "sum" if sha256 else "no")
    output = await sh(host, "look", _LOOK, path, *options, sudo=sudo)
    return _parse(host, path, output.stdout)


def _parse(host: Host, path: str, text: str) -> PathState:
    lines = text.split("\n")
    if lines[0] == "absent":
        return PathState()
    try:
        raw, size, uid, gid, modified, owner, group = lines[0].split(" ")
        mode = int(raw, 16)
        return PathState(
            kind=_KINDS.get(stat.S_IFMT(mode), "other"),
            size_bytes=int(size),
            mode=stat.S_IMODE(mode),
            uid=int(uid),
            gid=int(gid),
            owner=owner,
            group=group,
            modified=int(modified),
            sha256=lines[1].split(" ")[0] if len(lines) > 1 else "",
        )
    except ValueError as error:
        raise ActionFailedError(f"{host.name}: `stat {path}` answered `{lines[0][:200]}`") from error
