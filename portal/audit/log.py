"""Writing the audit log, in the transaction of the change it tells of."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

from asgi_correlation_id import correlation_id
from fastapi import Depends
from fastapi.requests import HTTPConnection
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from flows.ledger.values import plain_text, storable
from portal.authz.actor import Actor
from portal.kit.database import SessionDep, Sessions
from portal.kit.ids import now

from .chain import GENESIS, entry_hash
from .models import AuditEntry

_CHAIN_LOCK = 7_310_014_201
"""Advisory lock: one writer adds to the chain at a time."""


class AuditLog:
    """Collects entries and adds them to the chain at the end of the transaction."""

    def __init__(self, session: AsyncSession, source: str = "") -> None:
        self._session = session
        self._source = source
        self._pending: list[AuditEntry] = []

    def record(self, actor: Actor | None, event: str, subject_kind: str, subject_id: UUID | str, **facts: Any) -> None:
        """Note an event. `facts` never hold a secret.

        Args:
            actor: Who did it; None for the portal itself.
            event: `noun.past`, such as `target.created`.
            subject_kind: What kind of thing it was done to.
            subject_id: Which one.
            facts: What else is worth knowing, as JSON values.
        """
        if actor is not None and actor.token_id is not None:
            facts["api_token"] = str(actor.token_id)
        self._pending.append(
            AuditEntry(
                seq=0,
                at=now(),
                event=event,
                actor_id=str(actor.user_id) if actor else "",
                actor_name=actor.username if actor else "",
                subject_kind=subject_kind,
                subject_id=plain_text(str(subject_id)),
                source=self._source,
                request_id=correlation_id.get() or "",
                facts=storable(facts),
                previous_hash="",
                hash="",
            )
        )

    def aside(self) -> "AuditLog":
        """A log whose entries are never written, for what is only tried."""
        return AuditLog(self._session, self._source)

    async def flush(self) -> None:
        """Add what was noted to the chain; the chain stays locked until the transaction ends."""
        if not self._pending:
            return
        await self._session.flush()
        await self._session.execute(text("SELECT pg_advisory_xact_lock(:key)").bindparams(key=_CHAIN_LOCK))
        query = select(AuditEntry.seq, AuditEntry.hash).order_by(col(AuditEntry.seq).desc()).limit(1)
        last = (await self._session.execute(query)).one_or_none()
        seq, previous = last or (0, GENESIS)
        for entry in self._pending:
            seq += 1
            entry.seq, entry.previous_hash = seq, previous
            previous = entry.hash = entry_hash(entry)
        self._session.add_all(self._pending)
        await self._session.flush()
        self._pending.clear()


def source_address(connection: HTTPConnection) -> str:
    """Address of the peer; a forwarded one only where the server trusts the proxy."""
    return connection.client.host if connection.client else ""


async def get_audit(connection: HTTPConnection, session: SessionDep) -> AsyncIterator[AuditLog]:
    """The request's audit log; written just before the request's transaction commits."""
    audit = AuditLog(session, source_address(connection))
    yield audit
    await audit.flush()


AuditDep = Annotated[AuditLog, Depends(get_audit, scope="function")]


@asynccontextmanager
async def audited(sessions: Sessions, source: str = "") -> AsyncGenerator[tuple[AsyncSession, AuditLog]]:
    """A transaction outside of any request, with its audit log."""
    async with sessions() as session, session.begin():
        audit = AuditLog(session, source)
        yield session, audit
        await audit.flush()
