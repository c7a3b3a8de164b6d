"""Bindings of credentials to groups and jobs, and the groups as far as rights need them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.credentials.models import CredentialBinding
from portal.groups.models import TargetGroup, TargetGroupParent


class BindingRepository:
    """Bindings of credentials to groups and jobs."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find_group(self, actor: Actor, group_id: UUID) -> tuple[TargetGroup, list[str]] | None:
        """A group with the names of it and all above it; None when it is absent or out of the actor's sight."""
        group = await self._session.get(TargetGroup, group_id)
        if group is None:
            return None
        names = [group.name, *await self._names_above(group_id)]
        return (group, names) if actor.scope(Permission.TARGETS_VIEW).covers_target(names) else None

    async def find(self, *, group_id: UUID | None = None, job_id: UUID | None = None) -> CredentialBinding | None:
        """What is bound to a group or a job."""
        place = col(CredentialBinding.job_id) == job_id
        if group_id is not None:
            place = col(CredentialBinding.group_id) == group_id
        return (await self._session.scalars(select(CredentialBinding).where(place).with_for_update())).one_or_none()

    def add(self, binding: CredentialBinding) -> None:
        """Keep a new binding."""
        self._session.add(binding)

    async def delete(self, binding: CredentialBinding) -> None:
        """Remove a binding."""
        await self._session.delete(binding)

    async def flush(self) -> None:
        """Send changes now, so that the database can refuse them here."""
        await self._session.flush()

    async def _names_above(self, group_id: UUID) -> Sequence[str]:
        above = (
            select(TargetGroupParent.parent_id)
            .where(col(TargetGroupParent.group_id) == group_id)
            .cte("above", recursive=True)
        )
        parents = select(TargetGroupParent.parent_id).join(above, col(TargetGroupParent.group_id) == above.c.parent_id)
        above = above.union(parents)
        query = select(TargetGroup.name).where(col(TargetGroup.id).in_(select(above.c.parent_id)))
        return (await self._session.scalars(query)).all()
