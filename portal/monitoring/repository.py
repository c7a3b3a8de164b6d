"""Queries over health of targets. Every one for a person starts from what they may see."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi_pagination.cursor import CursorPage
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from flows.ledger.tables import JobRun
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import in_groups
from portal.groups.models import TargetGroup
from portal.kit.pages import PageParams, order, paginate
from portal.targets.models import Target

from .models import HealthCheck, HealthLogin, HealthRecord, TargetStatus

_BATCH = 1000


class HealthRepository:
    """Checks, what they found, and what follows."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find_check(self, *, target_id: UUID | None = None, group_id: UUID | None = None) -> HealthCheck | None:
        """The check of a target's own, or of a group's."""
        query = select(HealthCheck).where(
            col(HealthCheck.target_id) == target_id if target_id else col(HealthCheck.group_id) == group_id
        )
        return (await self._session.scalars(query.with_for_update())).one_or_none()

    async def effective_check(self, target: Target) -> tuple[HealthCheck, str] | None:
        """The check that counts for a target, and the name of the group it comes from: empty for its own."""
        query = (
            select(HealthCheck, TargetGroup.name)
            .join(TargetGroup, col(TargetGroup.id) == col(HealthCheck.group_id), isouter=True)
            .where((col(HealthCheck.target_id) == target.id) | col(TargetGroup.name).in_(target.groups))
            .order_by(col(HealthCheck.group_id).is_not(None), col(HealthCheck.interval_seconds), col(HealthCheck.mode))
            .limit(1)
        )
        found = (await self._session.execute(query)).one_or_none()
        return None if found is None else (found[0], found[1] or "")

    def add(self, row: HealthCheck) -> None:
        """Keep a new check."""
        self._session.add(row)

    async def remove(self, check: HealthCheck) -> None:
        """Forget a check; what it found stays."""
        await self._session.delete(check)

    async def find_status(self, target_id: UUID) -> TargetStatus | None:
        """What the last check of a target found."""
        return await self._session.get(TargetStatus, target_id)

    async def list_history(self, target_id: UUID, page: PageParams) -> CursorPage[HealthRecord]:
        """What the checks of a target found, the newest first."""
        query = select(HealthRecord).where(col(HealthRecord.target_id) == target_id)
        newest = (col(HealthRecord.at).desc(), col(HealthRecord.id).desc())
        return await paginate(self._session, query.order_by(*newest), page)

    async def list_statuses(
        self, actor: Actor, status: str | None, sort: str, page: PageParams
    ) -> CursorPage[TargetStatus]:
        """One page of what is known of the targets in sight."""
        query = (
            select(TargetStatus)
            .join(Target, col(Target.id) == col(TargetStatus.target_id))
            .where(in_groups(actor.scope(Permission.TARGETS_VIEW), Target.groups))
        )
        if status is not None:
            query = query.where(col(TargetStatus.status) == status)
        columns = {"since": col(TargetStatus.since), "checked_at": col(TargetStatus.checked_at)}
        return await paginate(self._session, query.order_by(*order(sort, columns, col(TargetStatus.target_id))), page)

    async def names(self, target_ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """Target → its name."""
        rows = await self._session.execute(select(Target.id, Target.name).where(col(Target.id).in_(target_ids)))
        return {row.id: row.name for row in rows}

    async def claim_logins(self) -> HealthLogin | None:
        """Logins that a round asks for and nobody has begun; another portal passes over them meanwhile."""
        query = select(HealthLogin).where(col(HealthLogin.begun_at).is_(None)).order_by(col(HealthLogin.id)).limit(1)
        return (await self._session.scalars(query.with_for_update(skip_locked=True))).one_or_none()

    async def claim_ended(self) -> tuple[HealthLogin, JobRun] | None:
        """Logins whose run has ended, and whose results nobody has kept."""
        query = (
            select(HealthLogin, JobRun)
            .join(JobRun, col(JobRun.id) == col(HealthLogin.run_id))
            .where(col(HealthLogin.ended_at).is_(None), col(JobRun.status) == "ended")
            .order_by(col(HealthLogin.id))
            .limit(1)
            .with_for_update(skip_locked=True, of=HealthLogin)
        )
        found = (await self._session.execute(query)).one_or_none()
        return None if found is None else (found[0], found[1])

    async def keep(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add what logins found; targets that are gone meanwhile are left out."""
        known = await self.names([row["target_id"] for row in rows])
        kept = [row for row in rows if row["target_id"] in known]
        if kept:
            await self._session.execute(insert(HealthRecord), kept)

    async def unnoted(self) -> Sequence[HealthRecord]:
        """What was found and not yet noted, in order; at most a thousand, locked."""
        query = select(HealthRecord).where(~col(HealthRecord.noted)).order_by(col(HealthRecord.id)).limit(_BATCH)
        return (await self._session.scalars(query.with_for_update(skip_locked=True))).all()

    async def statuses(self, target_ids: Sequence[UUID]) -> dict[UUID, TargetStatus]:
        """Target → what the last noted check found."""
        query = select(TargetStatus).where(col(TargetStatus.target_id).in_(target_ids)).with_for_update()
        return {row.target_id: row for row in await self._session.scalars(query)}

    def add_status(self, status: TargetStatus) -> None:
        """Keep a target's first status."""
        self._session.add(status)
