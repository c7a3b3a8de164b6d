"""Sealed credentials as Prefect keeps them."""

from uuid import UUID

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.exceptions import ObjectNotFound

from opsconductor.errors import NotFoundError, UnavailableError

from .broker import SealedDocument


class PrefectDocuments:
    """Reads block documents over Prefect's API."""

    def __init__(self, client: PrefectClient) -> None:
        self._client = client

    async def read(self, document_id: UUID) -> SealedDocument:
        """The document, its secret field an envelope.

        Raises:
            NotFoundError: It was deleted.
            UnavailableError: Prefect is away.
        """
        try:
            document = await self._client.read_block_document(document_id, include_secrets=True)
        except ObjectNotFound as error:
            raise NotFoundError("credential", document_id) from error
        except httpx.HTTPError as error:
            raise UnavailableError(f"Prefect does not answer: {error}") from error
        slug = document.block_type.slug if document.block_type is not None else ""
        return SealedDocument(document.id, slug, document.data)
