"""Looking at secrets, and at who did."""

import math
from datetime import timedelta
from typing import Any
from uuid import UUID

from portal.audit.log import AuditLog
from portal.audit.models import AuditEntry
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.kit.ids import now
from portal.kit.pages import PageParams, paged

from .errors import TooManyRevealsError
from .repository import CredentialRepository
from .schemas import AccessRead, RevealRead, RevealRequest
from .service import Vault, get_credential

_HOUR = timedelta(hours=1)


async def reveal(
    vault: Vault, audit: AuditLog, actor: Actor, credential_id: UUID, body: RevealRequest, per_hour: int
) -> RevealRead:
    """A secret in clear, for a reason that goes on record in the same transaction.

    Args:
        vault: Where the secret lies.
        audit: Where the reason goes.
        actor: Who asks.
        credential_id: For what.
        body: Why.
        per_hour: How many secrets one person may see in an hour.

    Raises:
        TooManyRevealsError: The actor has seen too many.
        SealedError: The keyring does not open it.
    """
    credential = await get_credential(vault.credentials, actor, credential_id, Permission.CREDENTIALS_REVEAL)
    await _check_rate(vault.credentials, actor, per_hour)
    version = (await vault.credentials.find_versions([credential]))[credential.id]
    block = await vault.gateway.read_block(version.block_document_id)
    fields = await vault.sealer.open(block, credential.id, credential.version)
    audit.record(
        actor, "credential.revealed", "credential", credential.id, reason=body.reason, version=credential.version
    )
    return RevealRead(name=credential.name, kind=credential.kind, version=credential.version, fields=fields)


async def _check_rate(credentials: CredentialRepository, actor: Actor, per_hour: int) -> None:
    """The audit log counts, so that every portal sees the same."""
    await credentials.hold_reveals(actor)
    seen = await credentials.list_reveals(actor, now() - _HOUR, per_hour)
    if len(seen) >= per_hour:
        wait = seen[-1] + _HOUR - now()
        raise TooManyRevealsError(actor, max(1, math.ceil(wait.total_seconds())))


async def list_accesses(
    credentials: CredentialRepository, actor: Actor, credential_id: UUID, page: PageParams
) -> dict[str, Any]:
    """One page of the uses of a secret, the newest first; for those who keep it."""
    credential = await get_credential(credentials, actor, credential_id, Permission.CREDENTIALS_EDIT)
    return paged(await credentials.list_accesses(credential, page), _access)


def _access(entry: AuditEntry) -> AccessRead:
    facts = entry.facts
    return AccessRead(
        at=entry.at,
        event=entry.event,
        by=entry.actor_name,
        source=entry.source,
        run_id=facts.get("run_id"),
        job=facts.get("job"),
        targets=facts.get("targets"),
        version=facts.get("version"),
        reason=facts.get("reason"),
    )
