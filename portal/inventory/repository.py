"""Queries of imports and exports. Every one starts from what the actor may see."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import func, select

from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import among, in_groups
from portal.credentials.models import Credential
from portal.groups.models import TargetGroupParent
from portal.targets.models import Target


class InventoryRepository:
    """Whole targets, many at once."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_targets(self, actor: Actor, condition: ColumnElement[bool]) -> Sequence[Target]:
        """Every target that fulfils the condition, by name."""
        query = select(Target).where(in_groups(actor.scope(Permission.TARGETS_VIEW), Target.groups), condition)
        return (await self._session.scalars(query.order_by(func.lower(Target.name)))).all()

    async def list_credentials(self, actor: Actor) -> Mapping[str, Credential]:
        """Lower-case name → credential, of all that the actor may see."""
        query = select(Credential).where(among(actor.scope(Permission.CREDENTIALS_VIEW), Credential.id))
        return {row.name.lower(): row for row in await self._session.scalars(query)}

    async def nest(self, pairs: Collection[tuple[UUID, UUID]]) -> None:
        """Put groups into groups, each pair being (group, parent)."""
        if pairs:
            rows = [{"group_id": group_id, "parent_id": parent_id} for group_id, parent_id in pairs]
            await self._session.execute(insert(TargetGroupParent).on_conflict_do_nothing(), rows)
