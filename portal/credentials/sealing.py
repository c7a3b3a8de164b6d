"""Sealing a credential before it leaves this process."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from blocks.documents import seal_document
from blocks.keyring import Keyring
from blocks.kinds import KINDS
from opsconductor.errors import InvalidInputError
from portal.gateway import BlockOrder


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals with the active key of a keyring file.

    Attributes:
        keyring_file: Read anew each time, so that a rotation, or a keyring that went missing, counts at once.
    """

    keyring_file: Path

    async def seal(self, kind: str, fields: Mapping[str, str], credential_id: UUID, version: int) -> BlockOrder:
        """The block document of one version of a credential.

        Raises:
            SealedError: The keyring is missing, wrong or open to others; nothing is kept.
            InvalidInputError: A field is refused, such as a private key that does not open.
        """
        return await asyncio.to_thread(self._seal, kind, fields, credential_id, version)

    def _seal(self, kind: str, fields: Mapping[str, str], credential_id: UUID, version: int) -> BlockOrder:
        keyring = Keyring.load(self.keyring_file)
        try:
            data = seal_document(kind, fields, keyring, credential_id=str(credential_id), version=version)
        except InvalidInputError as error:
            found = [replace(problem, path=f"secret.{problem.path}") for problem in error.problems]
            raise InvalidInputError(found) from error
        return BlockOrder(KINDS[kind].slug, f"c-{credential_id}-v{version}", data)
