"""The second factor of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from types import NoneType
from typing import Unpack

from opsconductor.client.bodies import Code, PasswordProof
from opsconductor.client.calls import AsyncResource, Call, Resource
from opsconductor.client.models import EnrolmentRead, RecoveryCodesRead, SecondFactorRead


class SecondFactor(Resource):
    """The second factor of a portal."""

    def get(self) -> SecondFactorRead:
        """Whether you have a second factor, and have to.

        Returns:
            `SecondFactorRead`: Whether there is a second factor, and whether there has to be one.
        """
        return self._send(Call("GET", "/auth/second-factor", answer=SecondFactorRead))

    def enrol(self, **body: Unpack[PasswordProof]) -> EnrolmentRead:
        """A secret for your authenticator app; it counts once its first code confirms it.

        Args:
            **body: The fields of `PasswordProof`.

        Returns:
            `EnrolmentRead`: What the app needs to know; shown this once.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/auth/second-factor", body=body, answer=EnrolmentRead))

    def confirm(self, **body: Unpack[Code]) -> RecoveryCodesRead:
        """Confirm your app by its first code; gives recovery codes, once.

        Args:
            **body: The fields of `Code`.

        Returns:
            `RecoveryCodesRead`: Codes for when the app is lost; each works once. Shown this once.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/auth/second-factor/confirm", body=body, answer=RecoveryCodesRead))

    def disable(self, **body: Unpack[PasswordProof]) -> None:
        """Do without a second factor from now on.

        Args:
            **body: The fields of `PasswordProof`.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/auth/second-factor/disable", body=body, answer=NoneType))

    def renew_recovery_codes(self, **body: Unpack[PasswordProof]) -> RecoveryCodesRead:
        """New recovery codes; those before are worth nothing.

        Args:
            **body: The fields of `PasswordProof`.

        Returns:
            `RecoveryCodesRead`: Codes for when the app is lost; each works once. Shown this once.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/auth/second-factor/recovery-codes", body=body, answer=RecoveryCodesRead))


class AsyncSecondFactor(AsyncResource):
    """The second factor of a portal."""

    async def get(self) -> SecondFactorRead:
        """Whether you have a second factor, and have to.

        Returns:
            `SecondFactorRead`: Whether there is a second factor, and whether there has to be one.
        """
        return await self._send(Call("GET", "/auth/second-factor", answer=SecondFactorRead))

    async def enrol(self, **body: Unpack[PasswordProof]) -> EnrolmentRead:
        """A secret for your authenticator app; it counts once its first code confirms it.

        Args:
            **body: The fields of `PasswordProof`.

        Returns:
            `EnrolmentRead`: What the app needs to know; shown this once.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/auth/second-factor", body=body, answer=EnrolmentRead))

    async def confirm(self, **body: Unpack[Code]) -> RecoveryCodesRead:
        """Confirm your app by its first code; gives recovery codes, once.

        Args:
            **body: The fields of `Code`.

        Returns:
            `RecoveryCodesRead`: Codes for when the app is lost; each works once. Shown this once.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/auth/second-factor/confirm", body=body, answer=RecoveryCodesRead))

    async def disable(self, **body: Unpack[PasswordProof]) -> None:
        """Do without a second factor from now on.

        Args:
            **body: The fields of `PasswordProof`.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/auth/second-factor/disable", body=body, answer=NoneType))

    async def renew_recovery_codes(self, **body: Unpack[PasswordProof]) -> RecoveryCodesRead:
        """New recovery codes; those before are worth nothing.

        Args:
            **body: The fields of `PasswordProof`.

        Returns:
            `RecoveryCodesRead`: Codes for when the app is lost; each works once. Shown this once.

        Raises:
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/auth/second-factor/recovery-codes", body=body, answer=RecoveryCodesRead))
