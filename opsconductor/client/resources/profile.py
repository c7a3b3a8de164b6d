"""The profile of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from typing import Unpack

from opsconductor.client.bodies import NotificationPreferences as NotificationPreferencesBody
from opsconductor.client.bodies import ProfileUpdate
from opsconductor.client.bodies import UiPreferences as UiPreferencesBody
from opsconductor.client.calls import AsyncResource, Call, Resource
from opsconductor.client.models import NotificationPreferences, UiPreferences, UserRead


class Profile(Resource):
    """The profile of a portal."""

    def get(self) -> UserRead:
        """One's own profile.

        Returns:
            `UserRead`: A user, as others see them.
        """
        return self._send(Call("GET", "/profile", answer=UserRead))

    def update(self, **body: Unpack[ProfileUpdate]) -> UserRead:
        """Change one's own profile; what is absent stays. Role, name and activity are for those who manage users.

        Args:
            **body: The fields of `ProfileUpdate`.

        Returns:
            `UserRead`: A user, as others see them.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("PATCH", "/profile", body=body, answer=UserRead))

    def notifications(self) -> NotificationPreferences:
        """What one is told of, and how.

        Returns:
            `NotificationPreferences`: What somebody is told of, and how.
        """
        return self._send(Call("GET", "/profile/notifications", answer=NotificationPreferences))

    def set_notifications(self, **body: Unpack[NotificationPreferencesBody]) -> NotificationPreferences:
        """Choose what one is told of, and how; what is absent gets its default.

        Args:
            **body: The fields of `NotificationPreferences`.

        Returns:
            `NotificationPreferences`: What somebody is told of, and how.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("PUT", "/profile/notifications", body=body, answer=NotificationPreferences))

    def preferences(self) -> UiPreferences:
        """How pages look: time zone, theme, density.

        Returns:
            `UiPreferences`: How pages look.
        """
        return self._send(Call("GET", "/profile/preferences", answer=UiPreferences))

    def set_preferences(self, **body: Unpack[UiPreferencesBody]) -> UiPreferences:
        """Choose how pages look; what is absent gets its default.

        Args:
            **body: The fields of `UiPreferences`.

        Returns:
            `UiPreferences`: How pages look.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("PUT", "/profile/preferences", body=body, answer=UiPreferences))


class AsyncProfile(AsyncResource):
    """The profile of a portal."""

    async def get(self) -> UserRead:
        """One's own profile.

        Returns:
            `UserRead`: A user, as others see them.
        """
        return await self._send(Call("GET", "/profile", answer=UserRead))

    async def update(self, **body: Unpack[ProfileUpdate]) -> UserRead:
        """Change one's own profile; what is absent stays. Role, name and activity are for those who manage users.

        Args:
            **body: The fields of `ProfileUpdate`.

        Returns:
            `UserRead`: A user, as others see them.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("PATCH", "/profile", body=body, answer=UserRead))

    async def notifications(self) -> NotificationPreferences:
        """What one is told of, and how.

        Returns:
            `NotificationPreferences`: What somebody is told of, and how.
        """
        return await self._send(Call("GET", "/profile/notifications", answer=NotificationPreferences))

    async def set_notifications(self, **body: Unpack[NotificationPreferencesBody]) -> NotificationPreferences:
        """Choose what one is told of, and how; what is absent gets its default.

        Args:
            **body: The fields of `NotificationPreferences`.

        Returns:
            `NotificationPreferences`: What somebody is told of, and how.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("PUT", "/profile/notifications", body=body, answer=NotificationPreferences))

    async def preferences(self) -> UiPreferences:
        """How pages look: time zone, theme, density.

        Returns:
            `UiPreferences`: How pages look.
        """
        return await self._send(Call("GET", "/profile/preferences", answer=UiPreferences))

    async def set_preferences(self, **body: Unpack[UiPreferencesBody]) -> UiPreferences:
        """Choose how pages look; what is absent gets its default.

        Args:
            **body: The fields of `UiPreferences`.

        Returns:
            `UiPreferences`: How pages look.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("PUT", "/profile/preferences", body=body, answer=UiPreferences))
