"""The worker's ready mark: a file that is locked while the worker listens, so that a dead one is never ready."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def ready_mark(path: Path) -> Generator[None]:
    """Hold the lock (flock) on the file; it goes with its holder, however that ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mark = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(mark, fcntl.LOCK_EX)
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(mark)
