"""How often somebody may try to sign in."""

import math
import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from .errors import TooManyLoginsError


class LoginLimiter:
    """Counts attempts to sign in by address and by user name, over a moving minute."""

    def __init__(self, per_minute: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limit: RateLimitItem = RateLimitItemPerMinute(per_minute)

    async def count(self, source: str, username: str) -> None:
        """Count one attempt.

        Raises:
            TooManyLoginsError: There were too many already.
        """
        for key in (f"address:{source}", f"user:{username.lower()}"):
            if not await self._limiter.hit(self._limit, "login", key):
                window = await self._limiter.get_window_stats(self._limit, "login", key)
                raise TooManyLoginsError(max(1, math.ceil(window.reset_time - time.time())))
