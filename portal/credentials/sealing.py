"""Sealing a credential before it leaves this process, and opening one for who may see it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from blocks.certificates import Validity
from blocks.documents import kind_named, open_values, seal_values
from blocks.keyring import Keyring
from blocks.kinds import checked
from opsconductor.errors import InvalidInputError
from portal.gateway import BlockOrder


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """A secret in its envelope, and what may be known of it.

    Attributes:
        order: The block document to keep.
        username: Login name; empty where the kind has none.
        details: What else may be shown.
        validity: When its certificate is good; None without one.
    """

    order: BlockOrder
    username: str
    details: Mapping[str, str]
    validity: Validity | None


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals with the active key of a keyring file.

    Attributes:
        keyring_file: Read anew each time, so that a rotation, or a keyring that went missing, counts at once.
    """

    keyring_file: Path

    async def seal(self, kind: str, fields: Mapping[str, str], credential_id: UUID, version: int) -> SealedSecret:
        """One version of a credential in its envelope.

        Raises:
            SealedError: The keyring is missing, wrong or open to others; nothing is kept.
            InvalidInputError: A field is refused, such as a private key that does not open.
        """
        return await asyncio.to_thread(self._seal, kind, fields, credential_id, version)

    async def open(self, block: BlockOrder, credential_id: UUID, version: int) -> dict[str, str]:
        """The fields of one version of a credential, in clear.

        Raises:
            SealedError: The keyring does not open it, or the block holds something else.
        """
        return await asyncio.to_thread(self._open, block, credential_id, version)

    def _seal(self, name: str, fields: Mapping[str, str], credential_id: UUID, version: int) -> SealedSecret:
        keyring, kind = Keyring.load(self.keyring_file), kind_named(name)
        try:
            values = checked(kind, fields)
        except InvalidInputError as error:
            found = [replace(problem, path=f"secret.{problem.path}") for problem in error.problems]
            raise InvalidInputError(found) from error
        data = seal_values(kind, values, keyring, credential_id=str(credential_id), version=version)
        shown = {field: values[field] for field in kind.shown if field in values}
        username = shown.pop("username", "")
        order = BlockOrder(kind.slug, f"c-{credential_id}-v{version}", data)
        return SealedSecret(order, username, shown | kind.facts(values), kind.validity(values))

    def _open(self, block: BlockOrder, credential_id: UUID, version: int) -> dict[str, str]:
        keyring = Keyring.load(self.keyring_file)
        return open_values(block.block_type, block.data, keyring, credential_id=str(credential_id), version=version)
