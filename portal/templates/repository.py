"""Queries over templates. Every one starts from what the actor may see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi_pagination.cursor import CursorPage
from sqlalchemy import ColumnElement, and_, true, tuple_
from sqlalchemy import select as select_columns
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer
from sqlmodel import col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from opsconductor.sdk.job import TemplateDocument, parse_template_ref, template_ref, template_refs
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import in_folders
from portal.jobs.models import Job
from portal.kit.pages import PageParams, order, paginate

from .catalogue import Catalogue, KeptTemplate
from .models import JobTemplateUse, Template, TemplateUse, TemplateVersion

_SUGGESTED = 2000
_LARGE: tuple[Any, ...] = (TemplateVersion.document, TemplateVersion.source)


@dataclass(frozen=True, slots=True)
class TemplateFilter:
    """Which templates to list."""

    q: str | None = None
    folder: str | None = None
    tag: str | None = None
    sort: str = "name"


@dataclass(frozen=True, slots=True)
class User:
    """A job or template whose current version uses a template."""

    id: UUID
    name: str
    folder: str
    version: int
    template_version: int
    direct: bool


class TemplateRepository:
    """Templates, their versions, and who uses them."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_page(self, actor: Actor, wanted: TemplateFilter, page: PageParams) -> CursorPage[Template]:
        """One page of the templates that pass the filter."""
        query = _visible_to(actor)
        if wanted.q:
            needle = wanted.q.lower()
            in_text = func.strpos(func.lower(Template.description), needle) > 0
            query = query.where(or_(func.strpos(Template.name, needle) > 0, in_text))
        if wanted.folder:
            below = col(Template.folder).startswith(f"{wanted.folder}/", autoescape=True)
            query = query.where(or_(col(Template.folder) == wanted.folder, below))
        if wanted.tag:
            query = query.where(col(Template.tags).contains([wanted.tag]))
        columns = {
            "name": col(Template.name),
            "folder": col(Template.folder),
            "created_at": col(Template.created_at),
            "updated_at": col(Template.updated_at),
        }
        return await paginate(self._session, query.order_by(*order(wanted.sort, columns, col(Template.id))), page)

    async def find(self, actor: Actor, template_id: UUID, *, lock: bool = False) -> Template | None:
        """The template, or None when it is absent, deleted, or out of the actor's sight."""
        query = _visible_to(actor).where(col(Template.id) == template_id)
        return (await self._session.scalars(query.with_for_update() if lock else query)).one_or_none()

    async def find_by_name(self, actor: Actor, name: str, *, lock: bool = False) -> Template | None:
        """The template of that name."""
        query = _visible_to(actor).where(col(Template.name) == name)
        return (await self._session.scalars(query.with_for_update() if lock else query)).one_or_none()

    async def find_same(self, template: Template, document: dict[str, Any]) -> int | None:
        """The newest version that says the same as a document."""
        query = (
            select(TemplateVersion.version)
            .where(col(TemplateVersion.template_id) == template.id, col(TemplateVersion.document) == document)
            .order_by(col(TemplateVersion.version).desc())
            .limit(1)
        )
        return await self._session.scalar(query)

    async def find_version(self, template: Template, version: int) -> TemplateVersion | None:
        """One version of a template."""
        return await self._session.get(TemplateVersion, (template.id, version))

    async def list_versions_page(self, template: Template, page: PageParams) -> CursorPage[TemplateVersion]:
        """One page of a template's versions, the newest first, without their documents."""
        query = (
            select(TemplateVersion)
            .where(col(TemplateVersion.template_id) == template.id)
            .options(*(defer(column, raiseload=True) for column in _LARGE))
            .order_by(col(TemplateVersion.version).desc())
        )
        return await paginate(self._session, query, page)

    async def find_last_version(self, name: str) -> int:
        """The highest version that a template of that name ever had, a deleted one too: none is given twice."""
        return await self._session.scalar(select(func.max(Template.version)).where(col(Template.name) == name)) or 0

    async def load(self, actor: Actor, refs: Iterable[str]) -> Catalogue:
        """The templates that a document names, and those inside them.

        What the document names has to be in the actor's sight; what stands inside is there for everybody who may
        use what is around it.
        """
        kept: dict[str, KeptTemplate] = {}
        wanted, query = set(refs), _visible_to(actor)
        while wanted:
            found = await self._find_versions(query, wanted)
            kept.update(found)
            inner = {ref for one in found.values() for ref in template_refs(one.document)}
            wanted, query = inner - kept.keys(), select(Template).where(col(Template.deleted_at).is_(None))
        return Catalogue(kept, await self._newest(actor) if set(refs) - kept.keys() else ())

    async def list_users(self, template: Template, actor: Actor | None = None) -> tuple[Sequence[User], Sequence[User]]:
        """Jobs and templates whose current version uses any version of this one; of those the actor sees, if given."""
        jobs = (
            select_columns(*_columns(Job), col(JobTemplateUse.template_version), col(JobTemplateUse.direct))
            .join(JobTemplateUse, _uses(JobTemplateUse.job_id, JobTemplateUse.job_version, Job))
            .where(col(JobTemplateUse.template_id) == template.id, col(Job.deleted_at).is_(None))
            .order_by(func.lower(Job.name))
        )
        others = (
            select_columns(*_columns(Template), col(TemplateUse.used_version), true())
            .join(TemplateUse, _uses(TemplateUse.template_id, TemplateUse.version, Template))
            .where(col(TemplateUse.used_id) == template.id, col(Template.deleted_at).is_(None))
            .order_by(col(Template.name))
        )
        if actor is not None:
            scope = actor.scope(Permission.JOBS_VIEW)
            jobs, others = jobs.where(in_folders(scope, Job.folder)), others.where(in_folders(scope, Template.folder))
        users = [User(*row) for row in await self._session.execute(jobs)]
        return users, [User(*row) for row in await self._session.execute(others)]

    async def list_used_by(self, job_id: UUID, version: int) -> Sequence[tuple[Template, int, bool]]:
        """Template, version and whether the document itself names it, for a version of a job."""
        query = (
            select(Template, JobTemplateUse.template_version, JobTemplateUse.direct)
            .join(JobTemplateUse, col(JobTemplateUse.template_id) == Template.id)
            .where(JobTemplateUse.job_id == job_id, JobTemplateUse.job_version == version)
            .order_by(col(Template.name), col(JobTemplateUse.template_version))
        )
        return [(template, used, direct) for template, used, direct in await self._session.execute(query)]

    async def hold(self, used: Iterable[KeptTemplate]) -> bool:
        """Keep templates from being deleted until this transaction ends; False when one is deleted by now."""
        keys = {one.template_id for one in used}
        alive = select(Template.id).where(col(Template.id).in_(keys), col(Template.deleted_at).is_(None))
        held = await self._session.scalars(alive.order_by(col(Template.id)).with_for_update(read=True))
        return set(held) == keys

    def add(self, *rows: Template | TemplateVersion | JobTemplateUse | TemplateUse) -> None:
        """Keep new rows."""
        self._session.add_all(rows)

    async def flush(self) -> None:
        """Send changes now, so that the database can refuse them here."""
        await self._session.flush()

    async def _find_versions(
        self, visible: SelectOfScalar[Template], refs: Iterable[str]
    ) -> Mapping[str, KeptTemplate]:
        named = [name for ref in refs if (name := parse_template_ref(ref))]
        if not named:
            return {}
        versions = visible.join(TemplateVersion, col(TemplateVersion.template_id) == Template.id).where(
            tuple_(col(Template.name), col(TemplateVersion.version)).in_(named)
        )
        query = versions.with_only_columns(col(Template.name), TemplateVersion)
        return {
            template_ref(name, row.version): KeptTemplate(
                row.template_id, row.version, TemplateDocument.model_validate(row.document)
            )
            for name, row in await self._session.execute(query)
        }

    async def _newest(self, actor: Actor) -> list[str]:
        query = _visible_to(actor).order_by(col(Template.name)).limit(_SUGGESTED)
        return [template_ref(row.name, row.version) for row in await self._session.scalars(query)]


def _columns(table: type[Job] | type[Template]) -> list[Any]:
    return [col(table.id), col(table.name), col(table.folder), col(table.version)]


def _uses(key: Any, version: Any, table: type[Job] | type[Template]) -> ColumnElement[bool]:
    """Whether a use is one of the current version."""
    return and_(col(key) == col(table.id), col(version) == col(table.version))


def _visible_to(actor: Actor) -> SelectOfScalar[Template]:
    visible = in_folders(actor.scope(Permission.JOBS_VIEW), Template.folder)
    return select(Template).where(col(Template.deleted_at).is_(None), visible)
