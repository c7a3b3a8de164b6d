"""Queries over the audit log; those who may view it see all of it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TypeVar

from fastapi_pagination.cursor import CursorPage
from sqlalchemy import String, cast, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.kit.pages import PageParams, paginate

from .models import AuditEntry

_AT_ONCE = 1000
Query = TypeVar("Query", bound=SelectOfScalar[AuditEntry])


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries to look at.

    Attributes:
        event: The event, such as `target.created`; with `.*` at its end, all events of that noun.
        q: Part of what the entry says: its subject's key, its actor's name, or its facts.
        since: The first moment that counts.
        until: The first moment that does not count any more.
    """

    event: str | None = None
    actor_name: str | None = None
    subject_kind: str | None = None
    subject_id: str | None = None
    source: str | None = None
    request_id: str | None = None
    q: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def facts(self) -> dict[str, str]:
        """What was asked for, as JSON values."""
        return {name: str(value) for name, value in asdict(self).items() if value is not None}


class AuditRepository:
    """The audit log, for reading."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_page(self, wanted: AuditFilter, page: PageParams) -> CursorPage[AuditEntry]:
        """One page of entries, the newest first."""
        query = _filtered(select(AuditEntry), wanted)
        return await paginate(self._session, query.order_by(col(AuditEntry.seq).desc()), page)

    async def chunks(self, wanted: AuditFilter | None = None) -> AsyncIterator[Sequence[AuditEntry]]:
        """Every entry that passes the filter, the oldest first, a thousand at a time."""
        last = 0
        while True:
            query = _filtered(select(AuditEntry), wanted or AuditFilter())
            query = query.where(col(AuditEntry.seq) > last).order_by(col(AuditEntry.seq)).limit(_AT_ONCE)
            found = (await self._session.scalars(query)).all()
            if not found:
                return
            yield found
            last = found[-1].seq
            self._session.expunge_all()


def _filtered(query: Query, wanted: AuditFilter) -> Query:
    if wanted.event and wanted.event.endswith(".*"):
        query = query.where(col(AuditEntry.event).startswith(wanted.event[:-1], autoescape=True))
    elif wanted.event:
        query = query.where(col(AuditEntry.event) == wanted.event)
    for name in ("actor_name", "subject_kind", "subject_id", "source", "request_id"):
        value = getattr(wanted, name)
        if value:
            query = query.where(col(getattr(AuditEntry, name)) == value)
    if wanted.since:
        query = query.where(col(AuditEntry.at) >= wanted.since)
    if wanted.until:
        query = query.where(col(AuditEntry.at) < wanted.until)
    if wanted.q:
        fields = (AuditEntry.subject_id, AuditEntry.actor_name, cast(col(AuditEntry.facts), String))
        part = wanted.q.lower()
        query = query.where(or_(*(func.strpos(func.lower(field), part) > 0 for field in fields)))
    return query
