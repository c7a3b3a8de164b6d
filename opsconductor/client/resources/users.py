"""The users of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from types import NoneType
from typing import Unpack

from opsconductor.client.bodies import PasswordReset, SsoLink, UserCreate, UsersList, UsersSessions, UserUpdate
from opsconductor.client.calls import AsyncResource, Call, Key, Page, Resource, part
from opsconductor.client.models import (
    PasswordResetRead,
    SessionRead,
    SignedOutRead,
    SsoIdentityRead,
    UserCreated,
    UserRead,
)


class Users(Resource):
    """The users of a portal."""

    def list(self, **query: Unpack[UsersList]) -> Iterator[UserRead]:
        """Users, a page at a time.

        Args:
            **query: The fields of `UsersList`.

        Returns:
            One after the other; the next page is fetched when it is read. `UserRead`: A user, as others see them.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/users", query=query, answer=Page[UserRead]))

    def create(self, **body: Unpack[UserCreate]) -> UserCreated:
        """Add a user. Nobody can give a role that holds more than their own.

        Args:
            **body: The fields of `UserCreate`.

        Returns:
            `UserCreated`: A new user, with the password that was made.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/users", body=body, answer=UserCreated))

    def get(self, user_id: Key) -> UserRead:
        """One user.

        Args:
            user_id: Id of the user.

        Returns:
            `UserRead`: A user, as others see them.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/users/{part(user_id)}", answer=UserRead))

    def update(self, user_id: Key, **body: Unpack[UserUpdate]) -> UserRead:
        """Change a user, disable them or let them in again; what is absent stays. It binds with their next request.

        Args:
            user_id: Id of the user.
            **body: The fields of `UserUpdate`.

        Returns:
            `UserRead`: A user, as others see them.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("PATCH", f"/users/{part(user_id)}", body=body, answer=UserRead))

    def delete(self, user_id: Key) -> None:
        """Remove a user for good; the audit log keeps what they did.

        Args:
            user_id: Id of the user.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
        """
        return self._send(Call("DELETE", f"/users/{part(user_id)}", answer=NoneType))

    def reset_password(self, user_id: Key, **body: Unpack[PasswordReset]) -> PasswordResetRead:
        """Give a user a password that they have to change; all of their sign-ins end.

        Args:
            user_id: Id of the user.
            **body: The fields of `PasswordReset`.

        Returns:
            `PasswordResetRead`: The password that was made.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", f"/users/{part(user_id)}/reset-password", body=body, answer=PasswordResetRead))

    def delete_second_factor(self, user_id: Key) -> None:
        """Remove the second factor of a user who lost their app; all of their sign-ins end.

        Args:
            user_id: Id of the user.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
        """
        return self._send(Call("DELETE", f"/users/{part(user_id)}/second-factor", answer=NoneType))

    def sessions(self, user_id: Key, **query: Unpack[UsersSessions]) -> Iterator[SessionRead]:
        """A user's sign-ins that still hold, the newest first.

        Args:
            user_id: Id of the user.
            **query: The fields of `UsersSessions`.

        Returns:
            One after the other; the next page is fetched when it is read. `SessionRead`: A sign-in that still holds.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", f"/users/{part(user_id)}/sessions", query=query, answer=Page[SessionRead]))

    def delete_session(self, user_id: Key, session_id: Key) -> None:
        """End one sign-in of a user.

        Args:
            user_id: Id of the user.
            session_id: Id of the session.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("DELETE", f"/users/{part(user_id)}/sessions/{part(session_id)}", answer=NoneType))

    def delete_sessions(self, user_id: Key) -> SignedOutRead:
        """End all sign-ins of a user.

        Args:
            user_id: Id of the user.

        Returns:
            `SignedOutRead`: How many sign-ins were ended.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("DELETE", f"/users/{part(user_id)}/sessions", answer=SignedOutRead))

    def sso_accounts(self, user_id: Key) -> Sequence[SsoIdentityRead]:
        """The accounts at the provider that a user signs in with.

        Args:
            user_id: Id of the user.

        Returns:
            `SsoIdentityRead`: An account that a user signs in with.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/users/{part(user_id)}/sso", answer=list[SsoIdentityRead]))

    def add_sso_account(self, user_id: Key, **body: Unpack[SsoLink]) -> SsoIdentityRead:
        """Let a user sign in with an account at the provider.

        Args:
            user_id: Id of the user.
            **body: The fields of `SsoLink`.

        Returns:
            `SsoIdentityRead`: An account that a user signs in with.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", f"/users/{part(user_id)}/sso", body=body, answer=SsoIdentityRead))

    def delete_sso_accounts(self, user_id: Key) -> None:
        """A user does not sign in with an account at the provider any more; all of their sign-ins end.

        Args:
            user_id: Id of the user.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("DELETE", f"/users/{part(user_id)}/sso", answer=NoneType))


class AsyncUsers(AsyncResource):
    """The users of a portal."""

    def list(self, **query: Unpack[UsersList]) -> AsyncIterator[UserRead]:
        """Users, a page at a time.

        Args:
            **query: The fields of `UsersList`.

        Returns:
            One after the other; the next page is fetched when it is read. `UserRead`: A user, as others see them.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/users", query=query, answer=Page[UserRead]))

    async def create(self, **body: Unpack[UserCreate]) -> UserCreated:
        """Add a user. Nobody can give a role that holds more than their own.

        Args:
            **body: The fields of `UserCreate`.

        Returns:
            `UserCreated`: A new user, with the password that was made.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/users", body=body, answer=UserCreated))

    async def get(self, user_id: Key) -> UserRead:
        """One user.

        Args:
            user_id: Id of the user.

        Returns:
            `UserRead`: A user, as others see them.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/users/{part(user_id)}", answer=UserRead))

    async def update(self, user_id: Key, **body: Unpack[UserUpdate]) -> UserRead:
        """Change a user, disable them or let them in again; what is absent stays. It binds with their next request.

        Args:
            user_id: Id of the user.
            **body: The fields of `UserUpdate`.

        Returns:
            `UserRead`: A user, as others see them.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("PATCH", f"/users/{part(user_id)}", body=body, answer=UserRead))

    async def delete(self, user_id: Key) -> None:
        """Remove a user for good; the audit log keeps what they did.

        Args:
            user_id: Id of the user.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
        """
        return await self._send(Call("DELETE", f"/users/{part(user_id)}", answer=NoneType))

    async def reset_password(self, user_id: Key, **body: Unpack[PasswordReset]) -> PasswordResetRead:
        """Give a user a password that they have to change; all of their sign-ins end.

        Args:
            user_id: Id of the user.
            **body: The fields of `PasswordReset`.

        Returns:
            `PasswordResetRead`: The password that was made.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(
            Call("POST", f"/users/{part(user_id)}/reset-password", body=body, answer=PasswordResetRead)
        )

    async def delete_second_factor(self, user_id: Key) -> None:
        """Remove the second factor of a user who lost their app; all of their sign-ins end.

        Args:
            user_id: Id of the user.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
        """
        return await self._send(Call("DELETE", f"/users/{part(user_id)}/second-factor", answer=NoneType))

    def sessions(self, user_id: Key, **query: Unpack[UsersSessions]) -> AsyncIterator[SessionRead]:
        """A user's sign-ins that still hold, the newest first.

        Args:
            user_id: Id of the user.
            **query: The fields of `UsersSessions`.

        Returns:
            One after the other; the next page is fetched when it is read. `SessionRead`: A sign-in that still holds.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", f"/users/{part(user_id)}/sessions", query=query, answer=Page[SessionRead]))

    async def delete_session(self, user_id: Key, session_id: Key) -> None:
        """End one sign-in of a user.

        Args:
            user_id: Id of the user.
            session_id: Id of the session.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("DELETE", f"/users/{part(user_id)}/sessions/{part(session_id)}", answer=NoneType))

    async def delete_sessions(self, user_id: Key) -> SignedOutRead:
        """End all sign-ins of a user.

        Args:
            user_id: Id of the user.

        Returns:
            `SignedOutRead`: How many sign-ins were ended.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("DELETE", f"/users/{part(user_id)}/sessions", answer=SignedOutRead))

    async def sso_accounts(self, user_id: Key) -> Sequence[SsoIdentityRead]:
        """The accounts at the provider that a user signs in with.

        Args:
            user_id: Id of the user.

        Returns:
            `SsoIdentityRead`: An account that a user signs in with.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/users/{part(user_id)}/sso", answer=list[SsoIdentityRead]))

    async def add_sso_account(self, user_id: Key, **body: Unpack[SsoLink]) -> SsoIdentityRead:
        """Let a user sign in with an account at the provider.

        Args:
            user_id: Id of the user.
            **body: The fields of `SsoLink`.

        Returns:
            `SsoIdentityRead`: An account that a user signs in with.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", f"/users/{part(user_id)}/sso", body=body, answer=SsoIdentityRead))

    async def delete_sso_accounts(self, user_id: Key) -> None:
        """A user does not sign in with an account at the provider any more; all of their sign-ins end.

        Args:
            user_id: Id of the user.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("DELETE", f"/users/{part(user_id)}/sso", answer=NoneType))
