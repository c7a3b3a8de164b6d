"""Queries over targets. Every one starts from what the actor may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi_pagination.cursor import CursorPage
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import in_groups
from portal.kit.pages import PageParams, order, paginate

from .models import Target, TargetRow

_ROW = [col(getattr(Target, name)) for name in TargetRow._fields]


@dataclass(frozen=True, slots=True)
class TargetFilter:
    """Which targets to list."""

    q: str | None = None
    tag: str | None = None
    group: str | None = None
    platform: str | None = None
    sort: str = "name"


class TargetRepository:
    """Targets."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_page(self, actor: Actor, wanted: TargetFilter, page: PageParams) -> CursorPage[Target]:
        """One page of the targets that pass the filter."""
        query = _filtered(_visible_to(actor), wanted)
        columns = {
            "name": func.lower(Target.name),
            "created_at": col(Target.created_at),
            "updated_at": col(Target.updated_at),
            "address": col(Target.address),
        }
        return await paginate(self._session, query.order_by(*order(wanted.sort, columns, col(Target.id))), page)

    async def list_rows(self, actor: Actor, narrowed: ColumnElement[bool] | None = None) -> Sequence[TargetRow]:
        """Every target that fulfils the condition, by name."""
        query = _visible_to(actor).with_only_columns(*_ROW).order_by(func.lower(Target.name), col(Target.id))
        rows = await self._session.execute(query if narrowed is None else query.where(narrowed))
        return [TargetRow(*row) for row in rows]

    async def find(self, actor: Actor, target_id: UUID, *, lock: bool = False) -> Target | None:
        """The target, or None when it is absent or out of the actor's sight."""
        query = _visible_to(actor).where(col(Target.id) == target_id)
        return (await self._session.scalars(query.with_for_update() if lock else query)).one_or_none()

    async def find_by_names(self, actor: Actor, names: Sequence[str]) -> Sequence[Target]:
        """The targets with these names, in any case of letters."""
        query = _visible_to(actor).where(func.lower(Target.name).in_([name.lower() for name in names]))
        return (await self._session.scalars(query)).all()

    def add(self, *targets: Target) -> None:
        """Keep new targets."""
        self._session.add_all(targets)

    async def delete(self, target: Target) -> None:
        """Remove a target; runs that named it keep what they froze."""
        await self._session.delete(target)

    async def flush(self) -> None:
        """Send changes now, so that the database can refuse them here."""
        await self._session.flush()


def _visible_to(actor: Actor) -> SelectOfScalar[Target]:
    return select(Target).where(in_groups(actor.scope(Permission.TARGETS_VIEW), Target.groups))


def _filtered(query: SelectOfScalar[Target], wanted: TargetFilter) -> SelectOfScalar[Target]:
    if wanted.q:
        like = wanted.q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        fields = (col(Target.name), col(Target.address), col(Target.description))
        query = query.where(or_(*(field.ilike(f"%{like}%") for field in fields)))
    if wanted.tag:
        query = query.where(col(Target.tags).contains([wanted.tag]))
    if wanted.group:
        query = query.where(col(Target.groups).contains([wanted.group]))
    if wanted.platform:
        query = query.where(col(Target.platform) == wanted.platform)
    return query
