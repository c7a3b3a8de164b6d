"""The bundles of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from typing import Unpack

from opsconductor.client.bodies import ExportRequest, ImportRequest
from opsconductor.client.calls import AsyncResource, Call, Resource
from opsconductor.client.models import Bundle, ImportRead


class Bundles(Resource):
    """The bundles of a portal."""

    def export(self, **body: Unpack[ExportRequest]) -> Bundle:
        """Jobs as they are now, with the templates in them, for another installation; never with a secret.

        Args:
            **body: The fields of `ExportRequest`.

        Returns:
            `Bundle`: Jobs with the templates that they use; each template stands before those that use it.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/job-bundles/export", body=body, answer=Bundle))

    def import_(self, **body: Unpack[ImportRequest]) -> ImportRead:
        """Keep a bundle's jobs and templates: all of them, or nothing; a dry run tells what would become of each.

        Args:
            **body: The fields of `ImportRequest`.

        Returns:
            `ImportRead`: What an import did, or would do.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/job-bundles/import", body=body, answer=ImportRead))


class AsyncBundles(AsyncResource):
    """The bundles of a portal."""

    async def export(self, **body: Unpack[ExportRequest]) -> Bundle:
        """Jobs as they are now, with the templates in them, for another installation; never with a secret.

        Args:
            **body: The fields of `ExportRequest`.

        Returns:
            `Bundle`: Jobs with the templates that they use; each template stands before those that use it.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/job-bundles/export", body=body, answer=Bundle))

    async def import_(self, **body: Unpack[ImportRequest]) -> ImportRead:
        """Keep a bundle's jobs and templates: all of them, or nothing; a dry run tells what would become of each.

        Args:
            **body: The fields of `ImportRequest`.

        Returns:
            `ImportRead`: What an import did, or would do.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/job-bundles/import", body=body, answer=ImportRead))
