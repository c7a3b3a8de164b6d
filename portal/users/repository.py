"""Queries over users. They belong to no place: whoever may manage users sees them all, others nobody."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from fastapi_pagination.cursor import CursorPage
from sqlalchemy import ColumnElement, false, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.authz.actor import Actor
from portal.authz.models import Role, RoleGrant
from portal.authz.permissions import Permission, held_by
from portal.identity.models import User
from portal.kit.pages import PageParams, order, paginate

_SEARCHED = (User.username, User.email, User.first_name, User.last_name, User.title, User.telephone)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which users to list."""

    q: str | None = None
    role: str | None = None
    active: bool | None = None
    sort: str = "username"


class UserRepository:
    """Users, for those who manage them."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_page(self, actor: Actor, wanted: UserFilter, page: PageParams) -> CursorPage[User]:
        """One page of the users that pass the filter."""
        columns = {
            "username": func.lower(User.username),
            "email": func.lower(User.email),
            "last_name": func.lower(User.last_name),
            "created_at": col(User.created_at),
            "last_login_at": func.coalesce(User.last_login_at, _NEVER),
        }
        query = _filtered(_visible_to(actor), wanted)
        return await paginate(self._session, query.order_by(*order(wanted.sort, columns, col(User.id))), page)

    async def find(self, actor: Actor, user_id: UUID, *, lock: bool = False) -> User | None:
        """The user, or None when they are absent or out of the actor's sight."""
        query = _visible_to(actor).where(col(User.id) == user_id)
        return (await self._session.scalars(query.with_for_update() if lock else query)).one_or_none()

    async def find_role(self, name: str) -> Role | None:
        """The role of that name, in any case of letters."""
        return (await self._session.scalars(select(Role).where(func.lower(Role.name) == name.lower()))).one_or_none()

    async def role_names(self, users: Iterable[User]) -> Mapping[UUID, str]:
        """What the users' roles are called, by their keys."""
        query = select(Role.id, Role.name).where(col(Role.id).in_({user.role_id for user in users}))
        return {row.id: row.name for row in await self._session.execute(query)}

    async def rights(self, user: User) -> frozenset[Permission]:
        """Everything that the user may do, everywhere or in some place."""
        granted = select(RoleGrant.role_id).where(col(RoleGrant.user_id) == user.id)
        query = select(Role).where(or_(col(Role.id) == user.role_id, col(Role.id).in_(granted)))
        roles = (await self._session.scalars(query)).all()
        held = (held_by(role.name, role.permissions, built_in=role.built_in) for role in roles)
        return frozenset[Permission]().union(*held)

    async def lock_admins(self) -> frozenset[UUID]:
        """The active admins; nobody else changes who they are until the transaction ends."""
        role = select(Role.id).where(col(Role.built_in).is_(True), col(Role.name) == _ADMIN)
        query = select(User.id).where(col(User.role_id).in_(role), col(User.active).is_(True))
        return frozenset((await self._session.scalars(query.order_by(col(User.id)).with_for_update())).all())

    def add(self, user: User) -> None:
        """Keep a new user."""
        self._session.add(user)

    async def delete(self, user: User) -> None:
        """Remove a user, their sign-ins, tokens and grants; the audit log keeps their name."""
        await self._session.delete(user)

    async def flush(self) -> None:
        """Send changes now, so that the database can refuse them here."""
        await self._session.flush()


def _visible_to(actor: Actor) -> SelectOfScalar[User]:
    seen: ColumnElement[bool] = true() if Permission.USERS_MANAGE in actor.permissions else false()
    return select(User).where(seen)


def _filtered(query: SelectOfScalar[User], wanted: UserFilter) -> SelectOfScalar[User]:
    if wanted.q:
        query = query.where(or_(*(col(field).icontains(wanted.q, autoescape=True) for field in _SEARCHED)))
    if wanted.role:
        named = select(Role.id).where(func.lower(Role.name) == wanted.role.lower())
        query = query.where(col(User.role_id).in_(named))
    if wanted.active is not None:
        query = query.where(col(User.active).is_(wanted.active))
    return query
