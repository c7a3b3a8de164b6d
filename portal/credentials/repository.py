"""Queries over credentials. Every one starts from what the actor may see."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from fastapi_pagination.cursor import CursorPage
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, func, select, update
from sqlmodel.sql.expression import SelectOfScalar

from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import among
from portal.kit.ids import now
from portal.kit.pages import PageParams, order, paginate

from .models import Credential, CredentialVersion

_USERS_SHOWN = 10
# Plain SQL: the credentials module comes before the targets module and cannot import its model.
_FIRST_USERS = text("""
SELECT credential_id, (array_agg(name ORDER BY lower(name)))[1 : :most] FROM targets
WHERE credential_id = ANY(:ids) GROUP BY credential_id
""")


class CredentialRepository:
    """Credentials and where their secrets lie."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_page(
        self, actor: Actor, page: PageParams, *, kind: str | None, q: str | None, sort: str
    ) -> CursorPage[Credential]:
        """One page of credentials."""
        query = _visible_to(actor)
        if kind:
            query = query.where(col(Credential.kind) == kind)
        if q:
            query = query.where(func.strpos(func.lower(Credential.name), q.lower()) > 0)
        columns = {"name": func.lower(Credential.name), "created_at": col(Credential.created_at)}
        return await paginate(self._session, query.order_by(*order(sort, columns, col(Credential.id))), page)

    async def find(self, actor: Actor, credential_id: UUID, *, lock: bool = False) -> Credential | None:
        """The credential, or None when it is absent or out of the actor's sight."""
        query = _visible_to(actor).where(col(Credential.id) == credential_id)
        return (await self._session.scalars(query.with_for_update() if lock else query)).one_or_none()

    async def find_by_names(self, actor: Actor, names: Sequence[str]) -> Sequence[Credential]:
        """The credentials with these names, in any case of letters."""
        if not names:
            return []
        query = _visible_to(actor).where(func.lower(Credential.name).in_([name.lower() for name in names]))
        return (await self._session.scalars(query)).all()

    async def find_many(self, actor: Actor, ids: Sequence[UUID]) -> Sequence[Credential]:
        """The credentials with these keys."""
        if not ids:
            return []
        return (await self._session.scalars(_visible_to(actor).where(col(Credential.id).in_(set(ids))))).all()

    async def find_used(self, ids: Sequence[UUID]) -> Sequence[Credential]:
        """The credentials that targets sign in with, whoever asks; using them is checked where it is done."""
        if not ids:
            return []
        return (await self._session.scalars(select(Credential).where(col(Credential.id).in_(set(ids))))).all()

    async def names(self, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """Key → name."""
        return {row.id: row.name for row in await self.find_many(actor, ids)}

    async def users_of(self, ids: Sequence[UUID]) -> Mapping[UUID, list[str]]:
        """Key → names of the first targets that sign in with it."""
        if not ids:
            return {}
        rows = await self._session.execute(_FIRST_USERS, {"ids": list(ids), "most": _USERS_SHOWN})
        return {credential_id: list(names) for credential_id, names in rows}

    async def find_versions(self, credentials: Sequence[Credential]) -> Mapping[UUID, CredentialVersion]:
        """Key → the version that new runs use."""
        ids = [row.id for row in credentials]
        query = (
            select(CredentialVersion)
            .join(Credential, col(Credential.id) == col(CredentialVersion.credential_id))
            .where(col(CredentialVersion.version) == col(Credential.version), col(Credential.id).in_(ids))
        )
        return {row.credential_id: row for row in (await self._session.scalars(query)).all()}

    async def retire(self, credential_id: UUID) -> None:
        """Say that no new run uses the versions so far."""
        await self._session.execute(
            update(CredentialVersion)
            .where(col(CredentialVersion.credential_id) == credential_id, col(CredentialVersion.retired_at).is_(None))
            .values(retired_at=now())
        )

    def add(self, *rows: Credential | CredentialVersion) -> None:
        """Keep new rows."""
        self._session.add_all(rows)

    async def delete(self, credential: Credential) -> None:
        """Remove a credential; its retired versions wait for the runs that still use them."""
        await self._session.delete(credential)

    async def flush(self) -> None:
        """Send changes now, so that the database can refuse them here."""
        await self._session.flush()


def _visible_to(actor: Actor) -> SelectOfScalar[Credential]:
    return select(Credential).where(among(actor.scope(Permission.CREDENTIALS_VIEW), Credential.id))
