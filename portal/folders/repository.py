"""Queries over folders: the paths that jobs and templates are kept at. Every one starts from what the actor may see."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, func, or_, select

from portal.authz.actor import Actor
from portal.authz.models import RoleGrant
from portal.authz.permissions import Permission
from portal.authz.reach import in_folders
from portal.jobs.models import Job
from portal.templates.models import Template

_KEPT: tuple[type[Job] | type[Template], ...] = (Job, Template)


class Moved(NamedTuple):
    """How much moved."""

    jobs: int
    templates: int
    grants: int


class FolderRepository:
    """Folders of jobs and templates."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def count_jobs(self, actor: Actor) -> Mapping[str, int]:
        """Path → jobs right in that folder."""
        return await self._count(actor, Job)

    async def count_templates(self, actor: Actor) -> Mapping[str, int]:
        """Path → templates right in that folder."""
        return await self._count(actor, Template)

    async def lock(self, path: str) -> list[str]:
        """Lock what is in a folder and below; gives the paths it is at. Deleted jobs count: runs are seen where their
        job was.
        """
        found: set[str] = set()
        for table in _KEPT:
            query = select(table.folder).where(_within(table.folder, path)).order_by(col(table.id)).with_for_update()
            found.update((await self._session.scalars(query)).all())
        return sorted(found)

    async def is_used(self, path: str) -> bool:
        """Whether something is in the folder or below, or somebody has a role there."""
        for table in _KEPT:
            query = select(table.id).where(_within(table.folder, path)).limit(1)
            if await self._session.scalar(query) is not None:
                return True
        return await self._session.scalar(select(RoleGrant.id).where(*_granted(path)).limit(1)) is not None

    async def move(self, path: str, new_path: str) -> Moved:
        """Give a folder and everything below another path."""
        counts: list[int] = []
        for table in _KEPT:
            change = update(table).where(_within(table.folder, path))
            moved = change.values(folder=_moved(table.folder, path, new_path)).returning(col(table.deleted_at))
            counts.append(sum(gone is None for gone in await self._session.scalars(moved)))
        grants = update(RoleGrant).where(*_granted(path)).values(place=_moved(RoleGrant.place, path, new_path))
        granted = await self._session.execute(grants.returning(col(RoleGrant.id)))
        return Moved(counts[0], counts[1], len(granted.all()))

    async def _count(self, actor: Actor, table: type[Job] | type[Template]) -> Mapping[str, int]:
        visible = in_folders(actor.scope(Permission.JOBS_VIEW), table.folder)
        alive = col(table.deleted_at).is_(None)
        query = select(table.folder, func.count()).where(alive, visible).group_by(table.folder)
        return {folder: count for folder, count in await self._session.execute(query)}  # noqa: C416 (rows are no pairs)


def _within(column: Any, path: str) -> ColumnElement[bool]:
    return or_(col(column) == path, col(column).startswith(f"{path}/", autoescape=True))


def _granted(path: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(RoleGrant.kind) == "job_folder", _within(RoleGrant.place, path)


def _moved(column: Any, path: str, new_path: str) -> Any:
    return func.concat(new_path, func.substr(col(column), len(path) + 1))
