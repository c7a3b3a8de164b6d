"""The health of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from collections.abc import AsyncIterator, Iterator

from opsconductor.client.calls import AsyncResource, Call, Resource
from opsconductor.client.models import PortalHealth


class Health(Resource):
    """The health of a portal."""

    def get(self) -> PortalHealth:
        """Every part of this portal and what it needs, for people and dashboards.

        Returns:
            `PortalHealth`: How a part feels: `degraded` works but waits for something.
        """
        return self._send(Call("GET", "/health", below="", answer=PortalHealth))

    def live(self) -> PortalHealth:
        """The process answers.

        Returns:
            `PortalHealth`: How a part feels: `degraded` works but waits for something.
        """
        return self._send(Call("GET", "/health/live", below="", answer=PortalHealth))

    def ready(self) -> PortalHealth:
        """The database answers; runs can be recorded. Prefect away is said, and waited for.

        Returns:
            `PortalHealth`: How a part feels: `degraded` works but waits for something.
        """
        return self._send(Call("GET", "/health/ready", below="", answer=PortalHealth))

    def metrics(self) -> Iterator[bytes]:
        """Figures for Prometheus.

        Returns:
            The file, piece by piece as it arrives.
        """
        return self._stream(Call("GET", "/metrics", below="", answer=bytes))


class AsyncHealth(AsyncResource):
    """The health of a portal."""

    async def get(self) -> PortalHealth:
        """Every part of this portal and what it needs, for people and dashboards.

        Returns:
            `PortalHealth`: How a part feels: `degraded` works but waits for something.
        """
        return await self._send(Call("GET", "/health", below="", answer=PortalHealth))

    async def live(self) -> PortalHealth:
        """The process answers.

        Returns:
            `PortalHealth`: How a part feels: `degraded` works but waits for something.
        """
        return await self._send(Call("GET", "/health/live", below="", answer=PortalHealth))

    async def ready(self) -> PortalHealth:
        """The database answers; runs can be recorded. Prefect away is said, and waited for.

        Returns:
            `PortalHealth`: How a part feels: `degraded` works but waits for something.
        """
        return await self._send(Call("GET", "/health/ready", below="", answer=PortalHealth))

    def metrics(self) -> AsyncIterator[bytes]:
        """Figures for Prometheus.

        Returns:
            The file, piece by piece as it arrives.
        """
        return self._stream(Call("GET", "/metrics", below="", answer=bytes))
