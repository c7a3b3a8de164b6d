"""The OS users that parts run as."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Account:
    """An OS user."""

    name: str
    uid: int
    gid: int

    @classmethod
    def named(cls, name: str) -> "Account":
        """The account of that name.

        Raises:
            KeyError: There is none.
        """
        entry = pwd.getpwnam(name)
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    @classmethod
    def current(cls) -> "Account":
        """The account of this process."""
        entry = pwd.getpwuid(os.geteuid())
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    @classmethod
    def ensure(cls, name: str, home: Path) -> "Account":
        """The system account of that name, made now if it does not exist. Needs root."""
        try:
            return cls.named(name)
        except KeyError:
            subprocess.run(
                ["/usr/sbin/useradd", "--system", "--user-group", "--no-create-home"]
                + ["--home-dir", str(home), "--shell", "/usr/sbin/nologin", name],
                check=True,
                capture_output=True,
            )
            return cls.named(name)

    @property
    def popen(self) -> dict[str, Any]:
        """Arguments of `subprocess.Popen` that start a process as this account."""
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path, mode: int) -> Path:
        """Make the directory if it is absent, and give it to this account."""
        path.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)
        return path
