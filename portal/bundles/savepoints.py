"""Parts of a transaction that are taken back by themselves."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession


class Savepoints:
    """Savepoints of a request's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    @asynccontextmanager
    async def attempt(self, *, keep: bool = True) -> AsyncGenerator[None]:
        """What is done inside is taken back when it fails, or is not to be kept."""
        async with self._session.begin_nested() as savepoint:
            yield
            await self._session.flush()
            if not keep:
                await savepoint.rollback()
