"""The inventory of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Unpack

from opsconductor.client.bodies import InventoryExport, InventoryImport
from opsconductor.client.calls import AsyncResource, Call, Resource
from opsconductor.client.models import ImportReport


class Inventory(Resource):
    """The inventory of a portal."""

    def import_(self, **body: Unpack[InventoryImport]) -> ImportReport:
        """Add and change targets as a file says: all of it, or nothing; a dry run only says what would be done.

        Args:
            **body: The fields of `InventoryImport`.

        Returns:
            `ImportReport`: What an import did, or would do.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/inventory/import", body=body, answer=ImportReport))

    def export(self, **query: Unpack[InventoryExport]) -> Iterator[bytes]:
        """Targets as a file, without secrets.

        Args:
            **query: The fields of `InventoryExport`.

        Returns:
            The file, piece by piece as it arrives.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._stream(Call("GET", "/inventory/export", query=query, answer=bytes))


class AsyncInventory(AsyncResource):
    """The inventory of a portal."""

    async def import_(self, **body: Unpack[InventoryImport]) -> ImportReport:
        """Add and change targets as a file says: all of it, or nothing; a dry run only says what would be done.

        Args:
            **body: The fields of `InventoryImport`.

        Returns:
            `ImportReport`: What an import did, or would do.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/inventory/import", body=body, answer=ImportReport))

    def export(self, **query: Unpack[InventoryExport]) -> AsyncIterator[bytes]:
        """Targets as a file, without secrets.

        Args:
            **query: The fields of `InventoryExport`.

        Returns:
            The file, piece by piece as it arrives.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._stream(Call("GET", "/inventory/export", query=query, answer=bytes))
