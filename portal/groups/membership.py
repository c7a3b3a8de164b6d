"""Who is in which group: `targets.groups` is made here, and nowhere else, in the transaction of every change."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, any_, delete, or_, text
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY, TEXT, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import col, select

from opsconductor.sdk.selector import Facts
from portal.targets.models import Target
from portal.targets.narrowing import narrowed

from .graph import GroupGraph, Node
from .models import TargetGroup, TargetGroupMembership, TargetGroupParent

_GROUPS_LOCK = 7_310_014_210
"""Advisory lock: shared by those who change targets, alone for who changes groups. Taken before any row is locked."""

_WRITE = text("""
UPDATE targets t SET groups = changed.groups
FROM (SELECT unnest(CAST(:ids AS uuid[])) AS id, CAST(unnest(CAST(:groups AS text[])) AS jsonb) AS groups) changed
WHERE t.id = changed.id
""")


class _Row(NamedTuple):
    id: UUID
    name: str
    tags: list[str]
    platform: str
    zone: str
    variables: dict[str, Any]
    groups: list[str]

    @property
    def facts(self) -> Facts:
        return Facts(self.name, (), self.tags, self.platform, self.zone, self.variables)


class Moved(NamedTuple):
    """A target whose groups changed."""

    name: str
    before: list[str]
    after: list[str]


_COLUMNS = [col(getattr(Target, name)) for name in _Row._fields]


class Memberships:
    """Groups, who was put into them, and what follows for every target."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def share(self) -> None:
        """Before targets change: groups stay as they are until the transaction ends."""
        await self._session.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": _GROUPS_LOCK})

    async def hold(self) -> None:
        """Before groups change: nobody else changes groups or targets until the transaction ends."""
        await self._session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _GROUPS_LOCK})

    async def graph(self) -> GroupGraph:
        """All groups as they are now.

        Raises:
            GroupCycleError: A change of this transaction made a circle.
        """
        parents: defaultdict[UUID, set[UUID]] = defaultdict(set)
        for group_id, parent_id in await self._session.execute(
            select(TargetGroupParent.group_id, TargetGroupParent.parent_id)
        ):
            parents[group_id].add(parent_id)
        rows = await self._session.execute(select(TargetGroup.id, TargetGroup.name, TargetGroup.select))
        return GroupGraph(Node(key, name, picks, frozenset(parents[key])) for key, name, picks in rows)

    async def add_missing(self, names: Iterable[str]) -> list[TargetGroup]:
        """Make groups of these names; gives those that nobody else made meanwhile."""
        made: list[TargetGroup] = []
        for name in names:
            group = TargetGroup(name=name)
            statement = insert(TargetGroup).values(**group.model_dump()).on_conflict_do_nothing()
            if (await self._session.execute(statement.returning(col(TargetGroup.id)))).first():
                made.append(group)
        return made

    async def direct(self, target_ids: Collection[UUID]) -> Mapping[UUID, set[UUID]]:
        """Target → groups that it was put into."""
        found: defaultdict[UUID, set[UUID]] = defaultdict(set)
        among = _one_of(col(TargetGroupMembership.target_id), target_ids)
        for target_id, group_id in await self._session.execute(
            select(TargetGroupMembership.target_id, TargetGroupMembership.group_id).where(among)
        ):
            found[target_id].add(group_id)
        return found

    async def put(self, pairs: Collection[tuple[UUID, UUID]]) -> None:
        """Put targets into groups, each pair being (target, group); those that are in stay."""
        if pairs:
            rows = [{"target_id": target_id, "group_id": group_id} for target_id, group_id in pairs]
            await self._session.execute(insert(TargetGroupMembership).on_conflict_do_nothing(), rows)

    async def take(self, group_id: UUID, target_ids: Collection[UUID]) -> None:
        """Take targets out of a group."""
        among = _one_of(col(TargetGroupMembership.target_id), target_ids)
        await self._session.execute(
            delete(TargetGroupMembership).where(col(TargetGroupMembership.group_id) == group_id, among)
        )

    async def follow_targets(self, target_ids: Collection[UUID], graph: GroupGraph | None = None) -> None:
        """Say anew which groups these targets are in, after a change of theirs."""
        await self._session.flush()
        graph = graph or await self.graph()
        rows = await self._rows(_one_of(col(Target.id), target_ids), lock=True)
        direct = await self.direct(target_ids)
        await self._write({row.id: graph.membership(row.facts, direct.get(row.id, ())) for row in rows}, rows)

    async def follow_groups(self, before: GroupGraph, after: GroupGraph, group_ids: Collection[UUID]) -> list[Moved]:
        """Say anew who is in these groups, and in all that depend on them; gives the targets that moved."""
        await self._session.flush()
        former, present = before.affected_by(group_ids), after.affected_by(group_ids)
        # A group that depended on one of them and does not any more is among the former only.
        gone = {node.id for node in former} | {node.id for node in present}
        present = [node for node in after.order if node.id in gone]
        names = {node.name for node in (*former, *present)}
        rows = await self._rows(_candidates(names, present))
        direct = await self.direct([row.id for row in rows])
        found = {
            row.id: after.membership(
                row.facts, direct.get(row.id, ()), (name for name in row.groups if name not in names), present
            )
            for row in rows
        }
        return await self._write(found, rows)

    async def _rows(self, condition: ColumnElement[bool], *, lock: bool = False) -> list[_Row]:
        query = select(Target).with_only_columns(*_COLUMNS).where(condition).order_by(col(Target.id))
        query = query.with_for_update() if lock else query
        return [_Row(*row) for row in await self._session.execute(query)]

    async def _write(self, found: Mapping[UUID, list[str]], rows: Sequence[_Row]) -> list[Moved]:
        moved = [row for row in rows if found[row.id] != row.groups]
        if moved:
            groups = [json.dumps(found[row.id]) for row in moved]
            await self._session.execute(_WRITE, {"ids": [row.id for row in moved], "groups": groups})
        self._tell_loaded({row.id: found[row.id] for row in moved})
        return [Moved(row.name, row.groups, found[row.id]) for row in moved]

    def _tell_loaded(self, moved: Mapping[UUID, list[str]]) -> None:
        for loaded in self._session.identity_map.values():
            if isinstance(loaded, Target) and loaded.id in moved:
                set_committed_value(loaded, "groups", moved[loaded.id])


def _candidates(names: Collection[str], nodes: Sequence[Node]) -> ColumnElement[bool]:
    """Targets that may enter or leave: whoever is in one of these groups, was put into one, or is picked by one.

    A selector is asked with the groups that targets had before. That is enough: who is in none of these groups and
    enters one enters a first one, and all that this one depends on is for them as it was.
    """
    keys = [node.id for node in nodes]
    put = select(TargetGroupMembership.target_id).where(_one_of(col(TargetGroupMembership.group_id), keys))
    picked = [narrowed(node.selector) for node in nodes if node.selector is not None]
    carried = col(Target.groups).op("?|")(sql_cast(sorted(names), ARRAY(TEXT)))
    return or_(carried, col(Target.id).in_(put), *picked)


def _one_of(column: Any, keys: Collection[UUID]) -> ColumnElement[bool]:
    return column == any_(sql_cast(list(keys), ARRAY(Uuid(as_uuid=True))))
