"""Queries over grants. They lie in no place themselves: whoever may manage roles sees all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi_pagination.cursor import CursorPage
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, func, select

from portal.authz.models import Role, RoleGrant
from portal.authz.permissions import PlaceKind
from portal.identity.models import User
from portal.identity.notices import tell_identity_changed
from portal.kit.pages import PageParams, order, paginate


@dataclass(frozen=True, slots=True)
class GrantFilter:
    """Which grants to list.

    Attributes:
        user: Username or key.
        role: Name or key.
        place: Key of a group or credential; path of a folder.
    """

    user: str | None = None
    role: str | None = None
    kind: PlaceKind | None = None
    place: str | None = None
    sort: str = "-created_at"


class GrantRepository:
    """Grants, and the users and roles that they name."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_page(self, wanted: GrantFilter, page: PageParams) -> CursorPage[RoleGrant]:
        """One page of the grants that pass the filter."""
        query = select(RoleGrant)
        if wanted.user:
            users = select(User.id).where(called(User.id, User.username, wanted.user))
            query = query.where(col(RoleGrant.user_id).in_(users))
        if wanted.role:
            roles = select(Role.id).where(called(Role.id, Role.name, wanted.role))
            query = query.where(col(RoleGrant.role_id).in_(roles))
        if wanted.kind:
            query = query.where(col(RoleGrant.kind) == wanted.kind)
        if wanted.place:
            query = query.where(col(RoleGrant.place) == wanted.place)
        columns = {"created_at": col(RoleGrant.created_at)}
        return await paginate(self._session, query.order_by(*order(wanted.sort, columns, col(RoleGrant.id))), page)

    async def find(self, grant_id: UUID) -> RoleGrant | None:
        """The grant, locked."""
        query = select(RoleGrant).where(col(RoleGrant.id) == grant_id).with_for_update()
        return (await self._session.scalars(query)).one_or_none()

    async def find_user(self, name_or_key: str) -> User | None:
        """The user with that key or, in any case of letters, that name."""
        return (await self._session.scalars(select(User).where(called(User.id, User.username, name_or_key)))).first()

    async def find_role(self, name_or_key: str) -> Role | None:
        """The role with that key or, in any case of letters, that name."""
        return (await self._session.scalars(select(Role).where(called(Role.id, Role.name, name_or_key)))).first()

    async def usernames(self, grants: Sequence[RoleGrant]) -> Mapping[UUID, str]:
        """Key → name of the users of some grants."""
        query = select(User.id, User.username).where(col(User.id).in_({row.user_id for row in grants}))
        return {row.id: row.username for row in await self._session.execute(query)}

    async def role_names(self, grants: Sequence[RoleGrant]) -> Mapping[UUID, str]:
        """Key → name of the roles of some grants."""
        query = select(Role.id, Role.name).where(col(Role.id).in_({row.role_id for row in grants}))
        return {row.id: row.name for row in await self._session.execute(query)}

    def add(self, grant: RoleGrant) -> None:
        """Keep a new grant."""
        self._session.add(grant)

    async def delete(self, grant: RoleGrant) -> None:
        """Remove a grant."""
        await self._session.delete(grant)

    async def flush(self) -> None:
        """Send changes now, so that the database can refuse them here."""
        await self._session.flush()

    async def tell_changed(self, user_id: UUID) -> None:
        """Tell those who hold this user's rights for long."""
        await tell_identity_changed(self._session, user_id)


def called(key: Any, name: Any, wanted: str) -> ColumnElement[bool]:
    """Whether a row has this key or, where the text is no key, in any case of letters this name."""
    try:
        return col(key) == UUID(wanted)
    except ValueError:
        return func.lower(name) == wanted.lower()
