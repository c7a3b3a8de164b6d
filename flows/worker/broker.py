"""The broker: opens the credentials of a run, and of no other.

What a run may use was frozen when it was made, in a column that the flow's database role cannot write. The
broker reads that list itself; a flow process can ask for nothing.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from opsconductor.errors import NotFoundError, OpsError, RunNotClaimableError, SealedError, UnavailableError
from opsconductor.sdk.credential import Credential

from .handover import Handover

_CACHED_DOCUMENTS: Final = 4096
_PATIENCE_SECONDS: Final = 120.0
_log = logging.getLogger(__name__)

_FROZEN: Final = "SELECT credentials, status FROM job_runs WHERE id = %s AND epoch = %s"


@dataclass(frozen=True, slots=True)
class SealedDocument:
    """A block document as Prefect keeps it: type and sealed data.

    Attributes:
        id: Its key.
        block_type: Slug of the block type.
        data: Its fields; the secret one is an envelope.
    """

    id: UUID
    block_type: str
    data: Mapping[str, Any]


class Documents(Protocol):
    """Where sealed documents are read."""

    async def read(self, document_id: UUID) -> SealedDocument:
        """The document.

        Raises:
            NotFoundError: It was deleted.
            UnavailableError: Prefect is away.
        """
        ...


class Asked(NamedTuple):
    """One entry of a run's frozen list.

    Attributes:
        reference: What targets and parameters call it.
        credential_id: Identity of the credential.
        document_id: The block document that holds this version of it.
        version: The version that was frozen.
    """

    reference: str
    credential_id: str
    document_id: UUID
    version: int


Open = Callable[[SealedDocument, Asked], Credential]


class Broker:
    """Opens what a run's frozen list names.

    Args:
        pool: Our database, as the service role.
        documents: Where sealed documents are read. They are kept, still sealed, by key and version, so that
            later runs do not wait for Prefect.
        open_document: Opens one; raises SealedError.
        patience_seconds: How long Prefect may be away before a credential is refused.
    """

    def __init__(
        self,
        pool: AsyncConnectionPool[Any],
        documents: Documents,
        open_document: Open,
        *,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._pool = pool
        self._documents = documents
        self._open_document = open_document
        self._patience = patience_seconds
        self._cache: OrderedDict[Asked, SealedDocument] = OrderedDict()

    async def open_for(self, run_id: UUID, epoch: int) -> Handover:
        """The opened credentials of one run.

        Raises:
            RunNotClaimableError: There is no such run in that epoch, or it has ended.
        """
        frozen = await self._frozen(run_id, epoch)
        references = [asked.reference for asked in frozen]
        opened = await asyncio.gather(*(self._open(asked) for asked in frozen))
        results = dict(zip(references, opened, strict=True))
        refused = {reference: result for reference, result in results.items() if isinstance(result, str)}
        credentials = {reference: result for reference, result in results.items() if not isinstance(result, str)}
        for reference, reason in refused.items():
            _log.warning("run %s: credential %s is refused: %s", run_id, reference, reason)
        return Handover(credentials, refused)

    async def _frozen(self, run_id: UUID, epoch: int) -> list[Asked]:
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_FROZEN, (run_id, epoch))).fetchone()
        if row is None or row[1] == "ended":
            raise RunNotClaimableError(f"run {run_id} has ended or is not in epoch {epoch}")
        entries: Mapping[str, Mapping[str, Any]] = row[0]
        return [
            Asked(reference, entry["credential_id"], UUID(entry["block_document_id"]), int(entry["version"]))
            for reference, entry in entries.items()
        ]

    async def _open(self, asked: Asked) -> Credential | str:
        """The credential, or why there is none."""
        try:
            try:
                return self._open_document(await self._sealed(asked), asked)
            except SealedError:  # the kept envelope may be from before a rotation of the keys
                self._cache.pop(asked, None)
                return self._open_document(await self._sealed(asked), asked)
        except OpsError as error:
            return str(error)

    async def _sealed(self, asked: Asked) -> SealedDocument:
        document = self._cache.get(asked)
        if document is None:
            document = self._cache[asked] = await self._read(asked)
            if len(self._cache) > _CACHED_DOCUMENTS:
                self._cache.popitem(last=False)
        return document

    async def _read(self, asked: Asked) -> SealedDocument:
        give_up = asyncio.get_running_loop().time() + self._patience
        pause = 0.1
        while True:
            try:
                return await self._documents.read(asked.document_id)
            except NotFoundError:
                raise NotFoundError("credential", asked.reference) from None
            except UnavailableError:
                if asyncio.get_running_loop().time() + pause > give_up:
                    raise
            await asyncio.sleep(pause)
            pause = min(2.0, pause * 2)
