"""Looking at the audit log."""

from collections.abc import Callable
from typing import Any

from portal.kit.pages import PageParams, paged

from .chain import GENESIS, first_break
from .events import EVENTS
from .repository import AuditFilter, AuditRepository
from .schemas import AuditRead, ChainRead, EventRead


async def list_entries(entries: AuditRepository, wanted: AuditFilter, page: PageParams) -> dict[str, Any]:
    """One page of entries."""
    return paged(await entries.list_page(wanted, page), AuditRead.model_validate)


def list_events() -> list[EventRead]:
    """Every event, by its name."""
    return [EventRead(event=event, meaning=meaning) for event, meaning in sorted(EVENTS.items())]


async def verify_and_note(
    entries: AuditRepository, known: int, known_head: str, note: Callable[..., None]
) -> ChainRead:
    """As `verify`; what it found is told to the portal's figures."""
    found = await verify(entries, known, known_head)
    note(intact=found.intact)
    return found


async def verify(entries: AuditRepository, known: int, known_head: str) -> ChainRead:
    """Recompute the chain from its beginning.

    A chain cannot tell that entries are missing at its end. Who kept its length and head elsewhere can.

    Args:
        entries: The log.
        known: How many entries there were at an earlier time; 0 when nothing is known.
        known_head: Hash of the last one of them.
    """
    head, count, met = GENESIS, 0, not known
    async for chunk in entries.chunks():
        broken = first_break(chunk, head)
        if broken is not None or chunk[0].seq != count + 1:
            return ChainRead(intact=False, entries=count, first_break=broken or chunk[0].seq, head=head)
        met = met or any((entry.seq, entry.hash) == (known, known_head) for entry in chunk)
        head, count = chunk[-1].hash, count + len(chunk)
    return ChainRead(intact=met, entries=count, first_break=None if met else min(count + 1, known), head=head)
