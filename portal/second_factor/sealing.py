"""The app's secret at rest: an envelope of the keyring, bound to its user."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from blocks.envelope import Binding, Envelope, seal, unseal
from blocks.keyring import Keyring
from opsconductor.errors import SealedError


@dataclass(frozen=True, slots=True)
class SecretSealer:
    """Seals and opens with a keyring file, which is read anew each time."""

    keyring_file: Path

    async def seal(self, secret: str, user_id: UUID) -> str:
        """The secret's envelope.

        Raises:
            SealedError: The keyring is missing, wrong or open to others.
        """
        return await asyncio.to_thread(self._seal, secret, user_id)

    async def open(self, sealed: str, user_id: UUID) -> str:
        """The secret.

        Raises:
            SealedError: The keyring does not open it, or it is another user's.
        """
        return await asyncio.to_thread(self._open, sealed, user_id)

    def _seal(self, secret: str, user_id: UUID) -> str:
        return str(seal({"secret": secret}, Keyring.load(self.keyring_file), _binding(user_id)))

    def _open(self, sealed: str, user_id: UUID) -> str:
        keyring = Keyring.load(self.keyring_file)
        try:
            return unseal(Envelope.parse(sealed), keyring, _binding(user_id))["secret"]
        except SealedError as error:
            raise SealedError(
                "the second factor does not open with this keyring: restore the keyring of that time, sign in with a "
                "recovery code, or have an admin reset the second factor"
            ) from error


def reseal(sealed: str, keyring: Keyring, user_id: UUID) -> str:
    """The same secret under the keyring's active key; an envelope that is under it already stays as it is.

    Raises:
        SealedError: It does not open.
    """
    envelope = Envelope.parse(sealed)
    if envelope.key_id == keyring.active:
        return sealed
    return str(seal(unseal(envelope, keyring, _binding(user_id)), keyring, _binding(user_id)))


def _binding(user_id: UUID) -> Binding:
    return Binding(str(user_id), "second-factor", 1)
