"""Queries over groups. Every one starts from what the actor may see."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi_pagination.cursor import CursorPage
from sqlalchemy import ColumnElement, text, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, delete, func, insert, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import in_groups
from portal.credentials.models import Credential
from portal.kit.pages import PageParams, order, paginate
from portal.targets.models import Target

from .models import TargetGroup, TargetGroupMembership, TargetGroupParent

# Plain SQL: these modules come beside this one. Only what new runs would use is asked.
_SELECTS = text("""
SELECT j.name, v.document->'targets'->>'select' FROM jobs j
JOIN job_versions v ON v.job_id = j.id AND v.version = j.version
WHERE j.deleted_at IS NULL AND v.document->'targets'->>'select' LIKE '%group%' ORDER BY lower(j.name)
""")
_BOUND = text("""
SELECT name FROM credentials WHERE id IN (SELECT credential_id FROM credential_bindings WHERE group_id = :group_id)
ORDER BY lower(name)
""")
_CHECK = text("""
SELECT mode || ' every ' || interval_seconds || ' s' FROM target_health_checks WHERE group_id = :group_id
""")
_GRANTS = "FROM role_grants WHERE kind = 'target_group' AND place = :place"
_HOLDERS = text(f"SELECT username FROM users WHERE id IN (SELECT user_id {_GRANTS}) ORDER BY lower(username)")  # noqa: S608 (of constants)
_REVOKE = text(f"DELETE {_GRANTS}")


@dataclass(frozen=True, slots=True)
class GroupFilter:
    """Which groups to list."""

    q: str | None = None
    dynamic: bool | None = None
    parent: UUID | None = None
    sort: str = "name"


class GroupRepository:
    """Groups, and what uses them."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_page(self, actor: Actor, wanted: GroupFilter, page: PageParams) -> CursorPage[TargetGroup]:
        """One page of the groups that pass the filter."""
        query = _visible_to(actor)
        if wanted.q:
            fields = (TargetGroup.name, TargetGroup.description)
            query = query.where(or_(*(func.strpos(func.lower(field), wanted.q.lower()) > 0 for field in fields)))
        if wanted.dynamic is not None:
            without = col(TargetGroup.select).is_(None)
            query = query.where(~without if wanted.dynamic else without)
        if wanted.parent is not None:
            inside = select(TargetGroupParent.group_id).where(col(TargetGroupParent.parent_id) == wanted.parent)
            query = query.where(col(TargetGroup.id).in_(inside))
        columns = {
            "name": func.lower(TargetGroup.name),
            "created_at": col(TargetGroup.created_at),
            "updated_at": col(TargetGroup.updated_at),
        }
        return await paginate(self._session, query.order_by(*order(wanted.sort, columns, col(TargetGroup.id))), page)

    async def list_visible(self, actor: Actor) -> Sequence[TargetGroup]:
        """Every group that the actor may see, by name."""
        query = _visible_to(actor).order_by(func.lower(TargetGroup.name))
        return (await self._session.scalars(query)).all()

    async def find(self, actor: Actor, group_id: UUID) -> TargetGroup | None:
        """The group, or None when it is absent or out of the actor's sight."""
        query = _visible_to(actor).where(col(TargetGroup.id) == group_id)
        return (await self._session.scalars(query)).one_or_none()

    async def find_many(self, ids: Collection[UUID]) -> Sequence[TargetGroup]:
        """The groups with these keys, whoever asks: their selectors follow a name."""
        return (await self._session.scalars(select(TargetGroup).where(col(TargetGroup.id).in_(ids)))).all()

    async def find_by_names(self, actor: Actor, names: Sequence[str]) -> Sequence[TargetGroup]:
        """The groups of these names, in any case of letters."""
        query = _visible_to(actor).where(func.lower(TargetGroup.name).in_([name.lower() for name in names]))
        return (await self._session.scalars(query)).all()

    async def count_targets(self, actor: Actor, names: Collection[str]) -> Mapping[str, int]:
        """Group → how many targets the actor sees in it, those of groups inside it included."""
        if not names:
            return {}
        seen = in_groups(actor.scope(Permission.TARGETS_VIEW), Target.groups)
        if len(names) == 1:
            [name] = names
            query = select(func.count()).select_from(Target).where(seen, col(Target.groups).contains([name]))
            return {name: (await self._session.scalars(query)).one()}
        # For many, one pass over all targets is less than an index scan for each.
        each = func.jsonb_array_elements_text(Target.groups).table_valued("value")
        grouped = (
            select(each.c.value, func.count()).select_from(Target).join(each, true()).where(seen).group_by(each.c.value)
        )
        return {name: count for name, count in await self._session.execute(grouped) if name in names}

    async def count_members(self, group_id: UUID) -> int:
        """How many targets were put into the group."""
        query = select(func.count()).where(col(TargetGroupMembership.group_id) == group_id)
        return (await self._session.scalars(query)).one()

    async def list_members(self, group_id: UUID) -> Sequence[UUID]:
        """The targets that were put into the group."""
        query = select(TargetGroupMembership.target_id).where(col(TargetGroupMembership.group_id) == group_id)
        return (await self._session.scalars(query)).all()

    async def set_parents(self, group_id: UUID, parent_ids: Collection[UUID]) -> None:
        """Put the group into these groups, and out of all others."""
        await self._session.flush()
        await self._session.execute(delete(TargetGroupParent).where(col(TargetGroupParent.group_id) == group_id))
        if parent_ids:
            rows = [{"group_id": group_id, "parent_id": parent_id} for parent_id in parent_ids]
            await self._session.execute(insert(TargetGroupParent), rows)

    async def job_selects(self) -> Sequence[tuple[str, str]]:
        """Name and selector of the jobs whose selectors speak of groups."""
        return [(name, picks) for name, picks in await self._session.execute(_SELECTS)]

    async def holders(self, group_id: UUID) -> Sequence[str]:
        """Users that have a role in this group."""
        return (await self._session.scalars(_HOLDERS, {"place": str(group_id)})).all()

    async def bound_credentials(self, group_id: UUID) -> Sequence[str]:
        """Credentials that targets of this group sign in with when they have none of their own."""
        return (await self._session.scalars(_BOUND, {"group_id": group_id})).all()

    async def limited_credentials(self) -> Sequence[Credential]:
        """Credentials whose limits speak of groups, whoever asks; locked in one order for all."""
        limits = col(Credential.allowed_targets).contains("group")
        query = select(Credential).where(limits).order_by(col(Credential.id)).with_for_update()
        return (await self._session.scalars(query)).all()

    async def health_check(self, group_id: UUID) -> str | None:
        """How targets of this group are checked, as far as it says so."""
        return (await self._session.scalars(_CHECK, {"group_id": group_id})).one_or_none()

    async def revoke_grants(self, group_id: UUID) -> None:
        """Take roles in this group away."""
        await self._session.execute(_REVOKE, {"place": str(group_id)})

    def add(self, group: TargetGroup) -> None:
        """Keep a new group."""
        self._session.add(group)

    async def delete(self, group: TargetGroup) -> None:
        """Remove a group; its targets and the groups inside it stay."""
        await self._session.delete(group)
        await self._session.flush()

    async def flush(self) -> None:
        """Send changes now, so that the database can refuse them here."""
        await self._session.flush()


def _visible_to(actor: Actor) -> SelectOfScalar[TargetGroup]:
    return select(TargetGroup).where(_in_sight(actor))


def _in_sight(actor: Actor) -> ColumnElement[bool]:
    """Groups that the actor has a grant in, and those inside them."""
    scope = actor.scope(Permission.TARGETS_VIEW)
    if scope.everywhere:
        return true()
    held = select(TargetGroup.id).where(col(TargetGroup.name).in_(sorted(scope.groups))).cte("held", recursive=True)
    inside = select(TargetGroupParent.group_id).join(held, held.c.id == col(TargetGroupParent.parent_id))
    held = held.union(inside)
    return col(TargetGroup.id).in_(select(held.c.id))
