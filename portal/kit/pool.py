"""A pool of database connections that says who waits for one."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.pool import AsyncAdaptedQueuePool, PoolProxiedConnection


class WatchedPool(AsyncAdaptedQueuePool):
    """The usual pool; `waiting` are those who asked for a connection and have none yet."""

    def __init__(self, creator: Callable[..., Any], **options: Any) -> None:
        super().__init__(creator, **options)
        self.waiting = 0

    def connect(self) -> PoolProxiedConnection:
        """A connection; other tasks run while this one waits for it."""
        self.waiting += 1
        try:
            return super().connect()
        finally:
            self.waiting -= 1
