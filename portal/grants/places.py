"""The places that roles are granted in."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from portal.authz.actor import Actor, Scope
from portal.authz.models import RoleGrant
from portal.authz.permissions import Permission, PlaceKind
from portal.authz.reach import among, in_folders
from portal.credentials.models import Credential
from portal.groups.models import TargetGroup
from portal.jobs.models import Job

from .repository import called


class Place(NamedTuple):
    """A place: what a grant keeps of it, and what people call it."""

    key: str
    name: str


class Places:
    """Target groups, job folders and credentials, as far as grants concern them."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, actor: Actor, kind: PlaceKind, name_or_key: str) -> Place | None:
        """The place, if it exists and the actor sees it. A folder exists when a job is in it, or below."""
        match kind:
            case "target_group":
                query = select(TargetGroup.id, TargetGroup.name).where(
                    called(TargetGroup.id, TargetGroup.name, name_or_key)
                )
            case "credential":
                query = select(Credential.id, Credential.name).where(
                    among(actor.scope(Permission.CREDENTIALS_VIEW), Credential.id),
                    called(Credential.id, Credential.name, name_or_key),
                )
            case "job_folder":
                return await self._find_folder(actor, name_or_key.strip("/"))
        found = (await self._session.execute(query)).first()
        return Place(str(found[0]), found[1]) if found else None

    async def names(self, grants: Sequence[RoleGrant]) -> Mapping[str, str]:
        """Key → name of the places of some grants; those that are gone have none."""
        keys = {
            kind: {UUID(row.place) for row in grants if row.kind == kind} for kind in ("target_group", "credential")
        }
        groups = select(TargetGroup.id, TargetGroup.name).where(col(TargetGroup.id).in_(keys["target_group"]))
        credentials = select(Credential.id, Credential.name).where(col(Credential.id).in_(keys["credential"]))
        found = [*(await self._session.execute(groups)).all(), *(await self._session.execute(credentials)).all()]
        folders = {row.place: row.place for row in grants if row.kind == "job_folder"}
        return {**folders, **{str(key): name for key, name in found}}

    async def _find_folder(self, actor: Actor, path: str) -> Place | None:
        inside = in_folders(Scope(folders=frozenset({path})), Job.folder)
        seen = in_folders(actor.scope(Permission.JOBS_VIEW), Job.folder)
        query = select(Job.id).where(inside, seen, col(Job.deleted_at).is_(None)).limit(1)
        found = (await self._session.execute(query)).first()
        return Place(path, path) if found and path else None
