"""Queries of single sign-on. It is part of signing in, so it starts from the provider's word, not from an actor."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, delete, select

from portal.kit.ids import now

from .models import SsoCode, SsoIdentity, SsoLogin


class SsoRepository:
    """Accounts at the provider, and sign-ins on their way."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, issuer: str, subject: str) -> SsoIdentity | None:
        """The account with this subject at this provider."""
        query = select(SsoIdentity).where(col(SsoIdentity.issuer) == issuer, col(SsoIdentity.subject) == subject)
        return (await self._session.scalars(query)).one_or_none()

    async def list_of(self, user_id: UUID) -> Sequence[SsoIdentity]:
        """The accounts that a user signs in with."""
        query = select(SsoIdentity).where(col(SsoIdentity.user_id) == user_id).order_by(col(SsoIdentity.id))
        return (await self._session.scalars(query)).all()

    async def take_login(self, state_hash: str) -> SsoLogin | None:
        """The way to the provider that this state belongs to; it leads back once."""
        statement = (
            delete(SsoLogin)
            .where(col(SsoLogin.state_hash) == state_hash, col(SsoLogin.expires_at) > now())
            .returning(SsoLogin)
        )
        return (await self._session.scalars(statement)).one_or_none()

    async def take_code(self, code_hash: str) -> SsoCode | None:
        """The one-time code, used up."""
        statement = (
            delete(SsoCode)
            .where(col(SsoCode.code_hash) == code_hash, col(SsoCode.expires_at) > now())
            .returning(SsoCode)
        )
        return (await self._session.scalars(statement)).one_or_none()

    def add(self, row: SsoIdentity | SsoLogin | SsoCode) -> None:
        """Keep a new row."""
        self._session.add(row)

    async def flush(self) -> None:
        """Send changes now, so that the database can refuse them here."""
        await self._session.flush()

    async def unlink(self, user_id: UUID) -> int:
        """Forget the accounts of a user; gives how many."""
        statement = delete(SsoIdentity).where(col(SsoIdentity.user_id) == user_id).returning(col(SsoIdentity.id))
        return len((await self._session.scalars(statement)).all())

    async def forget_expired(self) -> None:
        """Remove ways and codes that nobody came back with."""
        await self._session.execute(delete(SsoLogin).where(col(SsoLogin.expires_at) <= now()))
        await self._session.execute(delete(SsoCode).where(col(SsoCode.expires_at) <= now()))
