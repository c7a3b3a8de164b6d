"""The auth of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from types import NoneType
from typing import Unpack

from opsconductor.client.bodies import Challenge, ChallengeAnswer, Login, PasswordChange, Refresh
from opsconductor.client.calls import AsyncResource, Call, Resource
from opsconductor.client.models import ChallengeRead, EnrolmentRead, MeRead, SecondStepRead, SsoRead, TokenRead


class Auth(Resource):
    """The auth of a portal."""

    def login(self, **body: Unpack[Login]) -> TokenRead | ChallengeRead:
        """Sign in with username and password; a challenge asks for the second factor as well.

        Args:
            **body: The fields of `Login`.

        Returns:
            `TokenRead`: Tokens of a sign-in. `ChallengeRead`: The password was right; a code is asked for.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        call: Call[TokenRead | ChallengeRead] = Call("POST", "/auth/login", body=body, answer=TokenRead | ChallengeRead)
        return self._send(call)

    def login_enrol(self, **body: Unpack[Challenge]) -> EnrolmentRead:
        """A secret for an authenticator app, where a sign-in says that one has to be enrolled first.

        Args:
            **body: The fields of `Challenge`.

        Returns:
            `EnrolmentRead`: What the app needs to know; shown this once.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/auth/login/enrol", body=body, answer=EnrolmentRead))

    def login_code(self, **body: Unpack[ChallengeAnswer]) -> SecondStepRead:
        """The second step of a sign-in: a code of the app, or a recovery code.

        Args:
            **body: The fields of `ChallengeAnswer`.

        Returns:
            `SecondStepRead`: Tokens of a sign-in, and recovery codes where an app was enrolled on the way.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/auth/login/code", body=body, answer=SecondStepRead))

    def refresh(self, **body: Unpack[Refresh]) -> TokenRead:
        """Replace a refresh token by a new pair of tokens.

        Args:
            **body: The fields of `Refresh`.

        Returns:
            `TokenRead`: Tokens of a sign-in.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/auth/refresh", body=body, answer=TokenRead))

    def logout(self) -> None:
        """End this sign-in; its tokens are worth nothing from now on."""
        return self._send(Call("POST", "/auth/logout", answer=NoneType))

    def me(self) -> MeRead:
        """Who is signed in, and what they may do.

        Returns:
            `MeRead`: The signed-in user and what they may do.
        """
        return self._send(Call("GET", "/auth/me", answer=MeRead))

    def change_password(self, **body: Unpack[PasswordChange]) -> None:
        """Set a new password; every other sign-in of the user ends.

        Args:
            **body: The fields of `PasswordChange`.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/auth/password", body=body, answer=NoneType))

    def sso(self) -> SsoRead:
        """Whether people can sign in with their account at a provider.

        Returns:
            `SsoRead`: Whether there is single sign-on.
        """
        return self._send(Call("GET", "/auth/sso", answer=SsoRead))


class AsyncAuth(AsyncResource):
    """The auth of a portal."""

    async def login(self, **body: Unpack[Login]) -> TokenRead | ChallengeRead:
        """Sign in with username and password; a challenge asks for the second factor as well.

        Args:
            **body: The fields of `Login`.

        Returns:
            `TokenRead`: Tokens of a sign-in. `ChallengeRead`: The password was right; a code is asked for.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        call: Call[TokenRead | ChallengeRead] = Call("POST", "/auth/login", body=body, answer=TokenRead | ChallengeRead)
        return await self._send(call)

    async def login_enrol(self, **body: Unpack[Challenge]) -> EnrolmentRead:
        """A secret for an authenticator app, where a sign-in says that one has to be enrolled first.

        Args:
            **body: The fields of `Challenge`.

        Returns:
            `EnrolmentRead`: What the app needs to know; shown this once.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/auth/login/enrol", body=body, answer=EnrolmentRead))

    async def login_code(self, **body: Unpack[ChallengeAnswer]) -> SecondStepRead:
        """The second step of a sign-in: a code of the app, or a recovery code.

        Args:
            **body: The fields of `ChallengeAnswer`.

        Returns:
            `SecondStepRead`: Tokens of a sign-in, and recovery codes where an app was enrolled on the way.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/auth/login/code", body=body, answer=SecondStepRead))

    async def refresh(self, **body: Unpack[Refresh]) -> TokenRead:
        """Replace a refresh token by a new pair of tokens.

        Args:
            **body: The fields of `Refresh`.

        Returns:
            `TokenRead`: Tokens of a sign-in.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/auth/refresh", body=body, answer=TokenRead))

    async def logout(self) -> None:
        """End this sign-in; its tokens are worth nothing from now on."""
        return await self._send(Call("POST", "/auth/logout", answer=NoneType))

    async def me(self) -> MeRead:
        """Who is signed in, and what they may do.

        Returns:
            `MeRead`: The signed-in user and what they may do.
        """
        return await self._send(Call("GET", "/auth/me", answer=MeRead))

    async def change_password(self, **body: Unpack[PasswordChange]) -> None:
        """Set a new password; every other sign-in of the user ends.

        Args:
            **body: The fields of `PasswordChange`.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/auth/password", body=body, answer=NoneType))

    async def sso(self) -> SsoRead:
        """Whether people can sign in with their account at a provider.

        Returns:
            `SsoRead`: Whether there is single sign-on.
        """
        return await self._send(Call("GET", "/auth/sso", answer=SsoRead))
