"""The lock that makes one supervisor of a home, and tells others where it is."""

import fcntl
import json
import os
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from opsconductor.errors import ConflictError


@dataclass(frozen=True, slots=True)
class Running:
    """What a running supervisor says of itself."""

    pid: int
    portal_url: str
    prefect_api_url: str
    database_url: str


class AlreadyRunningError(ConflictError):
    """Another supervisor holds this home."""

    def __init__(self, home: Path, running: Running | None) -> None:
        where = f" (pid {running.pid}, {running.portal_url})" if running else ""
        super().__init__(
            f"OpsConductor is already running from {home}{where}. "
            "See `opsconductor status`; stop it with `opsconductor down`"
        )


class UpLock:
    """An advisory lock (flock) on a file that says who holds it. It goes with its holder, however that ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def take(self, home: Path) -> None:
        """Hold the lock.

        Raises:
            AlreadyRunningError: Somebody else does.
        """
        file = os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644), "r+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise AlreadyRunningError(home, _read(self._path)) from None
        self._file = file

    def refuse_if_held(self, home: Path) -> None:
        """Say at once that somebody holds it, before anything is written.

        Raises:
            AlreadyRunningError: Somebody does.
        """
        if running := self.holder():
            raise AlreadyRunningError(home, running)

    def tell(self, running: Running) -> None:
        """Write down who holds it."""
        assert self._file is not None  # noqa: S101 (take comes first)
        self._file.seek(0)
        self._file.truncate()
        json.dump(asdict(running), self._file)
        self._file.flush()

    def release(self) -> None:
        """Let go, and say so."""
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None

    def holder(self) -> Running | None:
        """Who holds the lock now; None when nobody does."""
        try:
            with self._path.open("r+") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return None
        except FileNotFoundError:
            return None
        except BlockingIOError:
            return _read(self._path)

    def wait_until_free(self, seconds: float) -> bool:
        """Whether nobody holds the lock, now or within some time."""
        deadline = time.monotonic() + seconds
        while self.holder() is not None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def ask_to_end(self) -> Running | None:
        """Send TERM to the holder; None when there is none."""
        running = self.holder()
        if running is not None:
            os.kill(running.pid, signal.SIGTERM)
        return running


def _read(path: Path) -> Running | None:
    try:
        return Running(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None
