"""A connection on which no request arrives is given up: the server itself waits for ever (Slowloris)."""

import asyncio
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class HeadTimeouts(H11Protocol):
    """Gives each request's line and headers a time to arrive in (RFC 9110, section 15.5.9).

    Between two requests the server's own keep-alive time counts, up to the next one's first byte.
    """

    seconds: ClassVar[float] = 60

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count from the connection on."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Count until the head is there."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count no more."""
        self._stop()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._stop()
        elif self._due is None:
            self._due = self.loop.call_later(self.seconds, self.timeout_keep_alive_handler)

    def _stop(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None


def head_timeouts(seconds: float) -> type[HeadTimeouts]:
    """The protocol with another time."""
    return type("HeadTimeouts", (HeadTimeouts,), {"seconds": seconds})
