"""Queries over roles. What roles hold is no secret: everybody who is signed in sees them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi_pagination.cursor import CursorPage
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, func, select

from portal.authz.models import Role, RoleGrant
from portal.identity.models import User
from portal.identity.notices import tell_identities_changed
from portal.kit.pages import PageParams, order, paginate


class RoleRepository:
    """Roles."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_page(self, page: PageParams, *, q: str | None, sort: str) -> CursorPage[Role]:
        """One page of roles."""
        query = select(Role)
        if q:
            query = query.where(func.strpos(func.lower(Role.name), q.lower()) > 0)
        columns = {"name": func.lower(Role.name), "created_at": col(Role.created_at)}
        return await paginate(self._session, query.order_by(*order(sort, columns, col(Role.id))), page)

    async def find(self, role_id: UUID, *, lock: bool = False) -> Role | None:
        """The role."""
        query = select(Role).where(col(Role.id) == role_id)
        return (await self._session.scalars(query.with_for_update() if lock else query)).one_or_none()

    async def find_by_name(self, name: str) -> Role | None:
        """The role of that name, in any case of letters."""
        return (await self._session.scalars(select(Role).where(func.lower(Role.name) == name.lower()))).one_or_none()

    async def count_users(self, ids: Sequence[UUID]) -> Mapping[UUID, int]:
        """Key → users who have the role everywhere."""
        return await self._count(User.role_id, ids)

    async def count_grants(self, ids: Sequence[UUID]) -> Mapping[UUID, int]:
        """Key → grants of the role."""
        return await self._count(RoleGrant.role_id, ids)

    def add(self, role: Role) -> None:
        """Keep a new role."""
        self._session.add(role)

    async def delete(self, role: Role) -> None:
        """Remove a role."""
        await self._session.delete(role)

    async def flush(self) -> None:
        """Send changes now, so that the database can refuse them here."""
        await self._session.flush()

    async def tell_changed(self) -> None:
        """Tell those who hold somebody's rights for long that anybody's may have changed."""
        await tell_identities_changed(self._session)

    async def _count(self, column: Any, ids: Sequence[UUID]) -> Mapping[UUID, int]:
        query = select(column, func.count()).where(col(column).in_(ids)).group_by(column)
        return {row[0]: row[1] for row in await self._session.execute(query)}
