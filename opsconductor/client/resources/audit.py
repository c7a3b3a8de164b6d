"""The audit of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Unpack

from opsconductor.client.bodies import AuditExport, AuditList, AuditVerify
from opsconductor.client.calls import AsyncResource, Call, Page, Resource
from opsconductor.client.models import AuditEventRead, AuditRead, ChainRead


class Audit(Resource):
    """The audit of a portal."""

    def list(self, **query: Unpack[AuditList]) -> Iterator[AuditRead]:
        """Who did what, the newest first.

        Args:
            **query: The fields of `AuditList`.

        Returns:
            One after the other; the next page is fetched when it is read. `AuditRead`: One entry of the audit log.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/audit", query=query, answer=Page[AuditRead]))

    def verify(self, **query: Unpack[AuditVerify]) -> ChainRead:
        """Recompute the log's hash chain: was an entry changed, added or removed by hand?.

        Args:
            **query: The fields of `AuditVerify`.

        Returns:
            `ChainRead`: Whether the audit log is as it was written.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("GET", "/audit/chain", query=query, answer=ChainRead))

    def events(self) -> Sequence[AuditEventRead]:
        """Every event that the log may hold, and what it says.

        Returns:
            `AuditEventRead`: An event that the log may hold.
        """
        return self._send(Call("GET", "/audit/events", answer=list[AuditEventRead]))

    def export(self, **query: Unpack[AuditExport]) -> Iterator[bytes]:
        """The entries that pass the filter as a file, the oldest first, however many there are.

        Args:
            **query: The fields of `AuditExport`.

        Returns:
            The file, piece by piece as it arrives.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._stream(Call("GET", "/audit/export", query=query, answer=bytes))


class AsyncAudit(AsyncResource):
    """The audit of a portal."""

    def list(self, **query: Unpack[AuditList]) -> AsyncIterator[AuditRead]:
        """Who did what, the newest first.

        Args:
            **query: The fields of `AuditList`.

        Returns:
            One after the other; the next page is fetched when it is read. `AuditRead`: One entry of the audit log.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/audit", query=query, answer=Page[AuditRead]))

    async def verify(self, **query: Unpack[AuditVerify]) -> ChainRead:
        """Recompute the log's hash chain: was an entry changed, added or removed by hand?.

        Args:
            **query: The fields of `AuditVerify`.

        Returns:
            `ChainRead`: Whether the audit log is as it was written.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("GET", "/audit/chain", query=query, answer=ChainRead))

    async def events(self) -> Sequence[AuditEventRead]:
        """Every event that the log may hold, and what it says.

        Returns:
            `AuditEventRead`: An event that the log may hold.
        """
        return await self._send(Call("GET", "/audit/events", answer=list[AuditEventRead]))

    def export(self, **query: Unpack[AuditExport]) -> AsyncIterator[bytes]:
        """The entries that pass the filter as a file, the oldest first, however many there are.

        Args:
            **query: The fields of `AuditExport`.

        Returns:
            The file, piece by piece as it arrives.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._stream(Call("GET", "/audit/export", query=query, answer=bytes))
