"""Blocks of credential versions that nobody needs any more are removed."""

from sqlalchemy import text

from portal.credentials.models import CredentialVersion
from portal.gateway import Gateway
from portal.kit.database import Sessions

# A run that goes on keeps the versions it started with.
_USELESS = text("""
SELECT credential_id, version FROM credential_versions v WHERE retired_at IS NOT NULL AND NOT EXISTS (
  SELECT FROM job_runs r, jsonb_each(r.credentials) frozen
  WHERE r.status <> 'ended' AND frozen.value->>'block_document_id' = v.block_document_id::text
) LIMIT 100
""")


async def remove_blocks(sessions: Sessions, gateway: Gateway) -> bool:
    """Remove them from Prefect, then forget them here; so what is forgotten is gone."""
    async with sessions() as session:
        keys = (await session.execute(_USELESS)).all()
    for key in keys:
        async with sessions() as session, session.begin():
            row = await session.get(CredentialVersion, tuple(key), with_for_update=True)
            if row is not None:
                await gateway.delete_block(row.block_document_id)
                await session.delete(row)
    return False
