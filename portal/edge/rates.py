"""How many requests one address, and one user, may make in a minute."""

import math
import time
from uuid import UUID

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from opsconductor.errors import TooManyRequestsError
from portal.identity.throttle import network_of
from portal.kit.problems import render


class RequestRateError(TooManyRequestsError):
    """Too many requests from one address, or of one user."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(
            f"too many requests; try again in {retry_after_seconds} s", retry_after_seconds=retry_after_seconds
        )


class RequestRates:
    """Counts requests. Each portal process counts for itself: this keeps a process alive, it is no quota.

    Args:
        per_address: Requests a minute from one address.
        per_user: Requests a minute of one user.
    """

    def __init__(self, per_address: int, per_user: int) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._per_address = RateLimitItemPerMinute(per_address)
        self._per_user = RateLimitItemPerMinute(per_user)

    async def count_address(self, address: str) -> None:
        """Count a request from an address; of IPv6, from the /64 that one person holds.

        Raises:
            RequestRateError: There were too many in this minute.
        """
        await self._count(self._per_address, network_of(address))

    async def count_user(self, user_id: UUID) -> None:
        """Count a request of a user.

        Raises:
            RequestRateError: There were too many in this minute.
        """
        await self._count(self._per_user, str(user_id))

    async def _count(self, limit: RateLimitItemPerMinute, key: str) -> None:
        if not await self._limiter.hit(limit, key):
            window = await self._limiter.get_window_stats(limit, key)
            raise RequestRateError(max(1, math.ceil(window.reset_time - time.time())))


class AddressRates:
    """Counts each request and each WebSocket by its address, before anything else is done. Health checks are free."""

    def __init__(self, app: ASGIApp, rates: RequestRates) -> None:
        self._app = app
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and not scope["path"].startswith("/health"):
            client = scope.get("client")
            try:
                await self._rates.count_address(client[0] if client else "")
            except RequestRateError as error:
                refusal = await render(HTTPConnection(scope), error)
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)
