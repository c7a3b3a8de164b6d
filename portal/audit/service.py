"""Looking at the audit log."""

from typing import Any

from portal.kit.pages import PageParams, paged

from .chain import GENESIS, first_break
from .repository import AuditFilter, AuditRepository
from .schemas import AuditRead, ChainRead


async def list_entries(entries: AuditRepository, wanted: AuditFilter, page: PageParams) -> dict[str, Any]:
    """One page of entries."""
    return paged(await entries.list_page(wanted, page), AuditRead.model_validate)


async def verify(entries: AuditRepository) -> ChainRead:
    """Recompute the chain from its beginning."""
    previous, count = GENESIS, 0
    async for chunk in entries.chunks():
        broken = first_break(chunk, previous)
        if broken is not None or chunk[0].seq != count + 1:
            return ChainRead(intact=False, entries=count, first_break=broken or chunk[0].seq)
        previous, count = chunk[-1].hash, count + len(chunk)
    return ChainRead(intact=True, entries=count, first_break=None)
