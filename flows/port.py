"""Whether something takes connections on a port."""

import asyncio
import os
from typing import NamedTuple


class Answer(NamedTuple):
    """What came of a connection.

    Attributes:
        latency_ms: Until it stood; None when it did not.
        reason: Why it did not, in the system's words.
        timed_out: Whether nothing at all came back.
    """

    latency_ms: float | None
    reason: str = ""
    timed_out: bool = False


async def try_port(address: str, port: int, timeout_seconds: float) -> Answer:
    """Connect once, and hang up.

    Args:
        address: Host name or IP address.
        port: TCP port.
        timeout_seconds: How long to wait for an answer.
    """
    loop = asyncio.get_running_loop()
    begun = loop.time()
    try:
        async with asyncio.timeout(timeout_seconds):
            _, writer = await asyncio.open_connection(address, port)
    except TimeoutError:
        return Answer(None, f"no answer within {timeout_seconds:g} s", timed_out=True)
    except (OSError, UnicodeError) as error:  # the latter from a name that no host can have
        return Answer(None, _reason(error))
    taken = loop.time() - begun
    writer.close()
    return Answer(round(taken * 1000, 1))


def _reason(error: Exception) -> str:
    """In the system's words: asyncio puts its own in their place."""
    if isinstance(error, OSError) and error.errno and error.errno > 0:
        return os.strerror(error.errno)
    return getattr(error, "strerror", None) or str(error)
