"""Handing the credentials of a run to its own flow process."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from blocks.documents import open_document
from blocks.keyring import Keyring
from flows.worker.handover import Handover
from opsconductor.errors import NotFoundError, OpsError
from opsconductor.sdk.credential import Credential
from portal.audit.log import AuditLog
from portal.gateway import Gateway

from .repository import RunTokenRepository


async def hand_over(
    tokens: RunTokenRepository,
    gateway: Gateway,
    audit: AuditLog,
    keyring_file: Path,
    run_id: UUID,
    epoch: int,
    token: str,
) -> dict[str, Any]:
    """The opened credentials of a run, once an epoch; everything that is not right is not found.

    Raises:
        NotFoundError: Not the run's token, another epoch, not claimed, or handed over before.
    """
    run = await tokens.use(run_id, epoch, token)
    if run is None:
        raise NotFoundError("run", run_id)
    names = list(run.credentials)
    opened = await asyncio.gather(*(_open(gateway, keyring_file, run.credentials[name]) for name in names))
    results = dict(zip(names, opened, strict=True))
    audit.record(None, "run.credentials_handed_over", "run", run_id, epoch=epoch, credentials=names)
    return Handover(
        {name: result for name, result in results.items() if not isinstance(result, str)},
        {name: result for name, result in results.items() if isinstance(result, str)},
    ).to_message()


async def _open(gateway: Gateway, keyring_file: Path, frozen: Mapping[str, Any]) -> Credential | str:
    """A credential, or why there is none."""
    try:
        block = await gateway.read_block(UUID(frozen["block_document_id"]))
        return open_document(
            block.block_type,
            block.data,
            Keyring.load(keyring_file),
            credential_id=frozen["credential_id"],
            version=frozen["version"],
        )
    except OpsError as error:
        return str(error)
