"""Between those who seal with a key of the keyring and those who forget keys."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

_SEALING_LOCK: Final = 7_310_014_204
"""Advisory lock: shared by who seals, alone for who forgets keys."""


async def hold_keys(session: AsyncSession) -> None:
    """Keep a rotation from forgetting a key that this transaction seals with; asked before the keyring is read."""
    await session.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": _SEALING_LOCK})


async def wait_for_sealers(connection: AsyncConnection) -> None:
    """Wait until nobody seals any more; who begins now waits until this transaction ends, and reads the new keyring."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SEALING_LOCK})
