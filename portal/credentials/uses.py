"""Who uses a credential: queries over what other modules keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, cast, column, exists, func, select, table, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import in_folders, in_groups

from .models import Credential, CredentialBinding

MOST_SHOWN = 100
# The credentials module comes before those that use it, and cannot import their models.
_TARGETS = table("targets", column("id"), column("name"), column("groups", JSONB), column("credential_id"))
_SERVICES = table("target_services", column("target_id"), column("credential_id"))
_GROUPS = table("target_groups", column("id"), column("name"))
_JOBS = table("jobs", column("id"), column("name"), column("folder"), column("version"), column("deleted_at"))
_PUBLISHED = table("published_jobs", column("job_id"), column("version"), column("plan", JSONB))


@dataclass(frozen=True, slots=True)
class Uses:
    """What uses a credential in one way.

    Attributes:
        total: How many there are.
        items: Key and name of the first ones that the actor may see.
    """

    total: int
    items: Sequence[tuple[UUID, str]]

    def named(self) -> list[str]:
        """Names as an error lists them."""
        hidden = self.total - len(self.items)
        return [name for _, name in self.items] + ([f"{hidden} more"] if hidden else [])


def _named_by_a_parameter(name: str) -> ColumnElement[bool]:
    """Jobs whose newest version names the credential for runs that name none themselves."""
    parameter = func.jsonb_array_elements(_PUBLISHED.c.plan["parameters"]).table_valued("value", name="parameter")
    facts = cast(parameter.c.value, JSONB)
    names = exists().where(
        facts["type"].astext == "secret", func.lower(facts["default"].astext) == name.lower()
    ).select_from(parameter)  # fmt: skip
    newest = and_(_PUBLISHED.c.job_id == _JOBS.c.id, _PUBLISHED.c.version == _JOBS.c.version)
    return exists().where(newest, names)


class UsesRepository:
    """What uses credentials."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, actor: Actor, credential: Credential) -> Mapping[str, Uses]:
        """Everything that uses a credential, by the way it does."""
        targets = actor.scope(Permission.TARGETS_VIEW)
        jobs = in_folders(actor.scope(Permission.JOBS_VIEW), _JOBS.c.folder)
        own = _TARGETS.c.credential_id == credential.id
        in_sight = true() if targets.everywhere else _GROUPS.c.name.in_(sorted(targets.groups))
        bound = col(CredentialBinding.credential_id) == credential.id
        of_service = and_(_SERVICES.c.credential_id == credential.id, _SERVICES.c.target_id == _TARGETS.c.id)
        of_group = and_(bound, col(CredentialBinding.group_id) == _GROUPS.c.id)
        there = _JOBS.c.deleted_at.is_(None)
        of_job = and_(bound, col(CredentialBinding.job_id) == _JOBS.c.id, there)
        return {
            "targets": await self._uses(_TARGETS, own, in_groups(targets, _TARGETS.c.groups)),
            "services": await self._uses(_TARGETS, exists().where(of_service), in_groups(targets, _TARGETS.c.groups)),
            "groups": await self._uses(_GROUPS, exists().where(of_group), in_sight),
            "jobs": await self._uses(_JOBS, exists().where(of_job), jobs),
            "parameters": await self._uses(_JOBS, and_(there, _named_by_a_parameter(credential.name)), jobs),
        }

    async def _uses(self, users: Any, uses: ColumnElement[bool], in_sight: ColumnElement[bool]) -> Uses:
        total = await self._session.scalar(select(func.count()).select_from(users).where(uses))
        shown = select(users.c.id, users.c.name).where(uses, in_sight).order_by(func.lower(users.c.name))
        rows = await self._session.execute(shown.limit(MOST_SHOWN))
        return Uses(total or 0, [(UUID(str(row[0])), row[1]) for row in rows])
