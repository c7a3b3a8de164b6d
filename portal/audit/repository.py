"""Queries over the audit log; those who may view it see all of it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from fastapi_pagination.cursor import CursorPage
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from portal.kit.pages import PageParams, paginate

from .models import AuditEntry

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries to list."""

    event: str | None = None
    actor_name: str | None = None
    subject_id: str | None = None


class AuditRepository:
    """The audit log, for reading."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_page(self, wanted: AuditFilter, page: PageParams) -> CursorPage[AuditEntry]:
        """One page of entries, the newest first."""
        query = select(AuditEntry)
        if wanted.event:
            query = query.where(col(AuditEntry.event) == wanted.event)
        if wanted.actor_name:
            query = query.where(col(AuditEntry.actor_name) == wanted.actor_name)
        if wanted.subject_id:
            query = query.where(col(AuditEntry.subject_id) == wanted.subject_id)
        return await paginate(self._session, query.order_by(col(AuditEntry.seq).desc()), page)

    async def chunks(self) -> AsyncIterator[Sequence[AuditEntry]]:
        """Every entry, the oldest first, a thousand at a time."""
        last = 0
        while True:
            query = select(AuditEntry).where(col(AuditEntry.seq) > last).order_by(col(AuditEntry.seq)).limit(_AT_ONCE)
            found = (await self._session.scalars(query)).all()
            if not found:
                return
            yield found
            last = found[-1].seq
            self._session.expunge_all()
