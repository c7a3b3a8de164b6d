"""The settings of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from collections.abc import Sequence

from opsconductor.client.calls import AsyncResource, Call, Resource
from opsconductor.client.models import SettingRead


class Settings(Resource):
    """The settings of a portal."""

    def list(self) -> Sequence[SettingRead]:
        """Every setting of this portal: what holds, where it comes from, and what it would be; never a secret.

        Returns:
            `SettingRead`: One setting of the portal that answers, as it holds now.
        """
        return self._send(Call("GET", "/settings", answer=list[SettingRead]))


class AsyncSettings(AsyncResource):
    """The settings of a portal."""

    async def list(self) -> Sequence[SettingRead]:
        """Every setting of this portal: what holds, where it comes from, and what it would be; never a secret.

        Returns:
            `SettingRead`: One setting of the portal that answers, as it holds now.
        """
        return await self._send(Call("GET", "/settings", answer=list[SettingRead]))
