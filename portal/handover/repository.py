"""Queries over the tokens of runs. A token is its own right: there is no actor."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select, update

from flows.ledger.tables import JobRun
from portal.identity.tokens import opaque_token
from portal.kit.ids import now

from .models import RunToken

_LIFETIME = timedelta(days=1)


class RunTokenRepository:
    """Tokens of runs."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def give(self, run_id: UUID) -> None:
        """Give a run a token, in place of an earlier one."""
        await self._session.merge(RunToken(run_id=run_id, token=opaque_token(), expires_at=now() + _LIFETIME))

    async def use(self, run_id: UUID, epoch: int, token: str) -> JobRun | None:
        """The run, if this is its token, it is claimed in this epoch, and nobody asked for the epoch before."""
        used = (
            update(RunToken)
            .where(col(RunToken.run_id) == run_id, col(RunToken.token) == token, col(RunToken.expires_at) > now())
            .where(col(RunToken.used_epoch) < epoch)
            .where(
                select(JobRun.id)
                .where(col(JobRun.id) == run_id, col(JobRun.epoch) == epoch, col(JobRun.status) == "running")
                .where(col(JobRun.owner).is_not(None))
                .exists()
            )
            .values(used_epoch=epoch)
            .returning(col(RunToken.run_id))
        )
        if (await self._session.scalar(used)) is None:
            return None
        return await self._session.get(JobRun, run_id)
