"""Queries over connection tests. Every one starts from what the actor may see."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, cast
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from flows.ledger.tables import JobRun, JobRunStep, JobRunTarget, PublishedJob
from flows.maintenance_plan import TEST_JOB_ID
from flows.plan import Plan
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import in_groups
from portal.targets.models import Target

from .built_in import TEST_JOB_NAME

_STEP_ORD = 0


class ConnectionRepository:
    """Tests of connections: runs of the built-in job, as far as their targets are in sight."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def publish(self, version: int, plan: Plan) -> None:
        """Make the built-in job known to flow processes; a version that is known stays as it is."""
        facts: dict[str, Any] = {
            "job_id": TEST_JOB_ID, "version": version, "name": TEST_JOB_NAME, "plan": plan.model_dump(mode="json"),
        }  # fmt: skip
        await self._session.execute(insert(PublishedJob).values(**facts).on_conflict_do_nothing())

    async def find(self, actor: Actor, test_id: UUID) -> JobRun | None:
        """The test, or None when it is absent or none of its targets is in the actor's sight."""
        query = select(JobRun).where(
            col(JobRun.id) == test_id, col(JobRun.job_id) == TEST_JOB_ID, _visible_to(actor, test_id).exists()
        )
        return (await self._session.scalars(query)).one_or_none()

    async def list_targets(self, actor: Actor, test_id: UUID) -> Sequence[JobRunTarget]:
        """Its targets that are in sight, in order."""
        return (await self._session.scalars(_visible_to(actor, test_id).order_by(col(JobRunTarget.ord)))).all()

    async def list_frozen(self, test_id: UUID) -> Sequence[JobRunTarget]:
        """All its targets, for the portal itself."""
        query = select(JobRunTarget).where(col(JobRunTarget.run_id) == test_id).order_by(col(JobRunTarget.ord))
        return (await self._session.scalars(query)).all()

    async def latest_attempts(self, test_id: UUID) -> Mapping[int, JobRunStep]:
        """Target → its latest attempt that has ended."""
        query = (
            select(JobRunStep)
            .where(
                col(JobRunStep.run_id) == test_id,
                col(JobRunStep.step_ord) == _STEP_ORD,
                col(JobRunStep.target_ord) >= 0,
                col(JobRunStep.outcome).is_not(None),
            )
            .order_by(col(JobRunStep.attempt))
        )
        return {row.target_ord: row for row in await self._session.scalars(query)}


def _visible_to(actor: Actor, test_id: UUID) -> SelectOfScalar[JobRunTarget]:
    """Targets of a test that still exist and are in sight."""
    return (
        select(JobRunTarget)
        .join(Target, col(Target.id) == cast(col(JobRunTarget.target_id), Uuid))
        .where(col(JobRunTarget.run_id) == test_id, in_groups(actor.scope(Permission.TARGETS_VIEW), Target.groups))
    )
