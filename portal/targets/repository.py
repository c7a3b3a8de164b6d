"""Queries over targets. Every one starts from what the actor may see."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from fastapi_pagination.cursor import CursorPage
from sqlalchemy import ColumnElement, Uuid, any_, text
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, delete, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import in_groups
from portal.kit.pages import PageParams, order, paginate
from portal.monitoring.models import TargetStatus

from .models import SEARCH, Target, TargetRow, TargetService

# Plain SQL: the jobs and groups modules come beside this one. Only what new runs would use is asked.
_SELECTS = text("""
SELECT kind, name, selector FROM (
  SELECT 'job' AS kind, j.name, v.document->'targets'->>'select' AS selector FROM jobs j
  JOIN job_versions v ON v.job_id = j.id AND v.version = j.version WHERE j.deleted_at IS NULL
  UNION ALL SELECT 'group', name, "select" FROM target_groups
  UNION ALL SELECT 'credential', name, allowed_targets FROM credentials
) users WHERE strpos(selector, :part) > 0 ORDER BY kind, lower(name)
""")


class SelectorUse(NamedTuple):
    """A selector, and what it belongs to: a `job`, a `group` or the allowed targets of a `credential`."""

    kind: str
    name: str
    selector: str


_ROW = [col(getattr(Target, name)) for name in TargetRow._fields]


@dataclass(frozen=True, slots=True)
class TargetFilter:
    """Which targets to list."""

    q: str | None = None
    tag: str | None = None
    group: str | None = None
    platform: str | None = None
    zone: str | None = None
    service: str | None = None
    status: str | None = None
    select: str | None = None
    credential: str | None = None
    health: str | None = None
    sort: str = "name"


class TargetRepository:
    """Targets."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_page(
        self, actor: Actor, wanted: TargetFilter, page: PageParams, *more: ColumnElement[bool]
    ) -> CursorPage[Target]:
        """One page of the targets that pass the filter, its selector and credential excepted: those come in `more`."""
        query = _filtered(_visible_to(actor), wanted).where(*more)
        columns = {
            "name": func.lower(Target.name),
            "created_at": col(Target.created_at),
            "updated_at": col(Target.updated_at),
            "address": col(Target.address),
            "platform": col(Target.platform),
            "zone": col(Target.zone),
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
        """The targets with these names, in any case of letters; locked in one order for all."""
        wanted = sql_cast([name.lower() for name in names], ARRAY(TEXT))
        return await self.find_picked(actor, func.lower(Target.name) == any_(wanted))

    async def find_by_references(self, actor: Actor, references: Sequence[str]) -> Sequence[Target]:
        """The targets with these names, in any case of letters, or keys; locked in one order for all."""
        wanted = sql_cast([reference.lower() for reference in references], ARRAY(TEXT))
        named = or_(func.lower(Target.name) == any_(wanted), sql_cast(Target.id, TEXT) == any_(wanted))
        return await self.find_picked(actor, named)

    async def find_picked(self, actor: Actor, picked: ColumnElement[bool]) -> Sequence[Target]:
        """The targets that fulfil a condition; locked in one order for all."""
        query = _visible_to(actor).where(picked).order_by(col(Target.id))
        return (await self._session.scalars(query.with_for_update())).all()

    async def groups_of(self, keys: Collection[str]) -> Mapping[str, list[str]]:
        """Target → its groups, of those that are there, whoever asks."""
        if not keys:
            return {}
        wanted = sql_cast(keys, ARRAY(TEXT))
        query = select(col(Target.id), col(Target.groups)).where(sql_cast(Target.id, TEXT) == any_(wanted))
        return {str(key): groups for key, groups in await self._session.execute(query)}

    async def list_selectors(self, part: str) -> Sequence[SelectorUse]:
        """Who has a selector with this text in it, whoever asks: it holds for everybody."""
        return [SelectorUse(*row) for row in await self._session.execute(_SELECTS, {"part": part})]

    async def list_ids_of(self, group: str) -> Sequence[UUID]:
        """Every target of a group, whoever asks."""
        return (await self._session.scalars(select(Target.id).where(col(Target.groups).contains([group])))).all()

    async def services_of(self, ids: Collection[UUID]) -> Mapping[UUID, list[TargetService]]:
        """Target → what it offers, by port."""
        found: defaultdict[UUID, list[TargetService]] = defaultdict(list)
        if ids:
            query = select(TargetService).where(col(TargetService.target_id).in_(ids))
            for service in await self._session.scalars(query.order_by(col(TargetService.port), TargetService.type)):
                found[service.target_id].append(service)
        return found

    async def health_of(self, ids: Collection[UUID]) -> Mapping[UUID, str]:
        """Target → what its last health check said, of those that were ever checked."""
        query = select(TargetStatus.target_id, TargetStatus.status).where(col(TargetStatus.target_id).in_(ids))
        return {row.target_id: row.status for row in await self._session.execute(query)}

    async def drop_services(self, services: Collection[TargetService]) -> None:
        """Forget services."""
        if services:
            ids = [service.id for service in services]
            await self._session.execute(delete(TargetService).where(col(TargetService.id).in_(ids)))

    def add(self, *rows: Target | TargetService) -> None:
        """Keep new rows."""
        self._session.add_all(rows)

    async def delete(self, target: Target) -> None:
        """Remove a target; runs that named it keep what they froze."""
        await self._session.delete(target)

    async def delete_many(self, ids: Collection[UUID]) -> None:
        """Remove targets."""
        array = sql_cast(list(ids), ARRAY(Uuid(as_uuid=True)))
        await self._session.execute(
            delete(Target).where(col(Target.id) == any_(array)), execution_options={"synchronize_session": False}
        )

    @asynccontextmanager
    async def trial(self) -> AsyncGenerator[None]:
        """What is done inside is undone at its end."""
        async with self._session.begin_nested() as nested:
            yield
            await nested.rollback()

    async def flush(self) -> None:
        """Send changes now, so that the database can refuse them here."""
        await self._session.flush()


def _visible_to(actor: Actor) -> SelectOfScalar[Target]:
    return select(Target).where(in_groups(actor.scope(Permission.TARGETS_VIEW), Target.groups))


def _filtered(query: SelectOfScalar[Target], wanted: TargetFilter) -> SelectOfScalar[Target]:
    if wanted.q:
        query = query.where(func.strpos(SEARCH, func.lower(wanted.q)) > 0)
    if wanted.tag:
        query = query.where(col(Target.tags).contains([wanted.tag]))
    if wanted.group:
        query = query.where(col(Target.groups).contains([wanted.group]))
    if wanted.service or wanted.status:
        query = query.where(col(Target.id).in_(_offering(wanted)))
    if wanted.health:
        query = query.where(_in_health(wanted.health))
    if wanted.platform:
        query = query.where(col(Target.platform) == wanted.platform)
    return query if wanted.zone is None else query.where(col(Target.zone) == wanted.zone)


def _in_health(status: str) -> ColumnElement[bool]:
    if status == "unknown":
        return col(Target.id).not_in(select(TargetStatus.target_id))
    return col(Target.id).in_(select(TargetStatus.target_id).where(col(TargetStatus.status) == status))


def _offering(wanted: TargetFilter) -> SelectOfScalar[UUID]:
    query = select(TargetService.target_id)
    if wanted.service:
        query = query.where(col(TargetService.type) == wanted.service)
    return query.where(col(TargetService.status) == wanted.status) if wanted.status else query
