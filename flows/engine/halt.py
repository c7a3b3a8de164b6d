"""Halt: one switch that ends everything a run is doing."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from enum import StrEnum


class HaltReason(StrEnum):
    """Why a run stops before its end."""

    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"


class HaltedError(Exception):
    """The run stops; what was under way did not end by itself."""


class StepTimedOutError(Exception):
    """The step's own time is up."""


class Halt:
    """Ends what runs under `guard` and keeps the rest from starting.

    Attributes:
        reason: Why the run stops; None while it goes on.
    """

    def __init__(self) -> None:
        self.reason: HaltReason | None = None
        self._open: set[asyncio.Timeout] = set()

    def pull(self, reason: HaltReason) -> None:
        """Stop the run; the first reason stays."""
        if self.reason is not None:
            return
        self.reason = reason
        now = asyncio.get_running_loop().time()
        for timeout in self._open:
            timeout.reschedule(now)

    @asynccontextmanager
    async def guard(self, seconds: float | None = None) -> AsyncGenerator[None]:
        """Run the body until it ends, its time is up or the run stops.

        Raises:
            HaltedError: The run stops.
            StepTimedOutError: The time is up.
        """
        if self.reason is not None:
            raise HaltedError(self.reason)
        scope = asyncio.timeout(seconds)
        try:
            async with scope:
                self._open.add(scope)
                try:
                    yield
                finally:
                    self._open.discard(scope)
        except TimeoutError:
            if not scope.expired():
                raise
            if self.reason is not None:
                raise HaltedError(self.reason) from None
            raise StepTimedOutError from None
