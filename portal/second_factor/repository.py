"""Queries over second factors. They are part of signing in, so they start from the user, not from an actor."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, delete, func, select

from portal.kit.ids import now
from portal.kit.sealing_lock import hold_keys

from .models import LoginChallenge, RecoveryCode, SecondFactor


class SecondFactorRepository:
    """Second factors, recovery codes and challenges."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, user_id: UUID, *, lock: bool = False) -> SecondFactor | None:
        """The user's second factor, confirmed or not."""
        query = select(SecondFactor).where(col(SecondFactor.user_id) == user_id)
        return (await self._session.scalars(query.with_for_update() if lock else query)).one_or_none()

    async def find_challenge(self, token_hash: str) -> LoginChallenge | None:
        """The challenge, while it holds."""
        query = select(LoginChallenge).where(
            col(LoginChallenge.token_hash) == token_hash, col(LoginChallenge.expires_at) > now()
        )
        return (await self._session.scalars(query)).one_or_none()

    async def take_challenge(self, token_hash: str) -> UUID | None:
        """Use a challenge up; gives its user. Of two uses at once, one finds it gone."""
        statement = (
            delete(LoginChallenge)
            .where(col(LoginChallenge.token_hash) == token_hash, col(LoginChallenge.expires_at) > now())
            .returning(col(LoginChallenge.user_id))
        )
        return (await self._session.scalars(statement)).one_or_none()

    async def take_recovery_code(self, user_id: UUID, code_hash: str) -> bool:
        """Use a recovery code up; says whether it was one."""
        statement = (
            delete(RecoveryCode)
            .where(col(RecoveryCode.code_hash) == code_hash, col(RecoveryCode.user_id) == user_id)
            .returning(col(RecoveryCode.user_id))
        )
        return (await self._session.scalars(statement)).one_or_none() is not None

    async def count_recovery_codes(self, user_id: UUID) -> int:
        """How many are left."""
        query = select(func.count()).select_from(RecoveryCode).where(col(RecoveryCode.user_id) == user_id)
        return (await self._session.scalars(query)).one()

    async def replace_recovery_codes(self, user_id: UUID, code_hashes: Iterable[str]) -> None:
        """These codes instead of those before."""
        await self._session.execute(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user_id))
        self._session.add_all(RecoveryCode(code_hash=code_hash, user_id=user_id) for code_hash in code_hashes)

    async def hold_keys(self) -> None:
        """Keep a rotation from forgetting a key that this transaction seals with."""
        await hold_keys(self._session)

    def add(self, row: SecondFactor | LoginChallenge) -> None:
        """Keep a new row."""
        self._session.add(row)

    async def forget(self, factor: SecondFactor) -> None:
        """Remove a second factor with its recovery codes."""
        await self.replace_recovery_codes(factor.user_id, ())
        await self._session.delete(factor)
        await self._session.flush()

    async def forget_expired(self) -> None:
        """Remove challenges that nobody met."""
        await self._session.execute(delete(LoginChallenge).where(col(LoginChallenge.expires_at) <= now()))
