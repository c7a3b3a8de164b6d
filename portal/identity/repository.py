"""Queries over users and sign-ins. Authentication comes before any actor, so these have none."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi_pagination.cursor import CursorPage
from sqlalchemy import ColumnElement, DateTime, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, delete, func, or_, select, update

from portal.authz.actor import Actor, Grant
from portal.authz.models import Role
from portal.authz.permissions import held_by
from portal.kit.ids import now
from portal.kit.pages import PageParams, paginate

from .errors import NotSignedInError
from .models import Session, SessionToken, User
from .notices import tell_identity_changed

_ROLE = "json_build_object('role', r.name, 'stored', r.permissions, 'built_in', r.built_in)"
# Each request asks for this of the user `u`. A grant holds for a group's name, because that is what targets carry;
# for a group that is gone it holds nowhere.
ACTOR_COLUMNS = f"""u.id, u.username, u.must_change_password,
  (SELECT {_ROLE} FROM roles r WHERE r.id = u.role_id), ARRAY(
  SELECT json_build_object('role', {_ROLE}, 'kind', g.kind,
    'place', CASE g.kind WHEN 'target_group' THEN t.name ELSE g.place END)
  FROM role_grants g JOIN roles r ON r.id = g.role_id
  LEFT JOIN target_groups t ON g.kind = 'target_group' AND t.id::text = g.place
  WHERE g.user_id = u.id AND (g.kind <> 'target_group' OR t.id IS NOT NULL))"""  # noqa: S608 (of constants)
_ACTOR = text(f"""
SELECT {ACTOR_COLUMNS} FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.id = :session_id AND s.kind = :kind AND s.revoked_at IS NULL AND s.expires_at > now()
  AND (s.idle_at IS NULL OR s.idle_at > now()) AND u.active
""")  # noqa: S608 (of constants)

_USER_ACTOR = text(f"SELECT {ACTOR_COLUMNS} FROM users u WHERE u.id = :user_id AND u.active")  # noqa: S608 (of constants)


def actor_of(row: Sequence[Any], session_id: UUID) -> Actor:
    """The actor that `ACTOR_COLUMNS` tell of."""
    user_id, username, must_change, role, grants = row
    given = (
        Grant.of_role(grant["role"]["role"], held_by(**grant["role"]), grant["kind"], grant["place"])
        for grant in grants
    )
    return Actor(user_id, username, session_id, held_by(**role), tuple(given), must_change)


class IdentityRepository:
    """Users, sessions and their tokens."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find_user(self, user_id: UUID) -> User | None:
        """The user."""
        return await self._session.get(User, user_id)

    async def get_user(self, actor: Actor) -> User:
        """The actor themselves.

        Raises:
            NotSignedInError: They were removed meanwhile.
        """
        user = await self.find_user(actor.user_id)
        if user is None:
            raise NotSignedInError
        return user

    async def find_by_username(self, username: str) -> User | None:
        """The user of that name, in any case of letters."""
        query = select(User).where(func.lower(User.username) == username.lower())
        return (await self._session.scalars(query)).one_or_none()

    async def any_user(self) -> bool:
        """Whether somebody can sign in already."""
        return (await self._session.scalars(select(User.id).limit(1))).first() is not None

    async def find_actor(self, session_id: UUID, kind: str) -> Actor | None:
        """The active user behind a sign-in that is neither revoked nor over, with what they may do now."""
        found = (await self._session.execute(_ACTOR, {"session_id": session_id, "kind": kind})).one_or_none()
        if found is None:
            return None
        return actor_of(found, session_id)

    async def find_user_actor(self, user_id: UUID) -> Actor | None:
        """The active user with what they may do now, for what they asked to have done while they are away."""
        found = (await self._session.execute(_USER_ACTOR, {"user_id": user_id})).one_or_none()
        return None if found is None else actor_of(found, UUID(int=0))

    async def find_role(self, name: str) -> Role | None:
        """The role of that name, in any case of letters."""
        query = select(Role).where(func.lower(Role.name) == name.lower())
        return (await self._session.scalars(query)).one_or_none()

    async def role_name(self, user: User) -> str:
        """What the user's role is called."""
        return (await self._session.scalars(select(Role.name).where(col(Role.id) == user.role_id))).one()

    async def find_session(self, session_id: UUID) -> Session | None:
        """The sign-in."""
        return await self._session.get(Session, session_id)

    async def find_token(self, token_hash: str, purpose: str) -> SessionToken | None:
        """The token, locked until the transaction ends: of two uses at once one waits for the other."""
        query = (
            select(SessionToken)
            .where(col(SessionToken.token_hash) == token_hash, col(SessionToken.purpose) == purpose)
            .with_for_update()
        )
        return (await self._session.scalars(query)).one_or_none()

    async def find_cookie_session(self, token_hash: str) -> UUID | None:
        """The sign-in that a cookie belongs to."""
        query = select(SessionToken.session_id).where(
            col(SessionToken.token_hash) == token_hash,
            col(SessionToken.purpose) == "browser_cookie",
            col(SessionToken.expires_at) > now(),
        )
        return (await self._session.scalars(query)).one_or_none()

    def add(self, row: User | Session | SessionToken) -> None:
        """Keep a new row."""
        self._session.add(row)

    async def flush(self) -> None:
        """Send new rows now, so that others may refer to them."""
        await self._session.flush()

    async def list_sessions(self, user_id: UUID, page: PageParams) -> CursorPage[Session]:
        """One page of the user's sign-ins that still hold, the newest first."""
        query = select(Session).where(col(Session.user_id) == user_id, *_alive())
        return await paginate(self._session, query.order_by(col(Session.id).desc()), page)

    async def revoke(self, session_id: UUID, user_id: UUID | None = None) -> bool:
        """End a sign-in, perhaps only if it is this user's; its tokens are worth nothing from now on."""
        statement = update(Session).where(col(Session.id) == session_id, *_alive()).values(revoked_at=now())
        if user_id is not None:
            statement = statement.where(col(Session.user_id) == user_id)
        owner = (await self._session.scalars(statement.returning(col(Session.user_id)))).one_or_none()
        if owner is not None:
            await self.tell_changed(owner)
        return owner is not None

    async def revoke_all(self, user_id: UUID, *, but: UUID | None = None) -> int:
        """End every sign-in of a user, one perhaps excepted; gives how many."""
        statement = update(Session).where(col(Session.user_id) == user_id, *_alive()).values(revoked_at=now())
        if but is not None:
            statement = statement.where(col(Session.id) != but)
        ended = (await self._session.scalars(statement.returning(col(Session.id)))).all()
        await self.tell_changed(user_id)
        return len(ended)

    async def tell_changed(self, user_id: UUID) -> None:
        """Tell those who hold an actor of this user's for long."""
        await tell_identity_changed(self._session, user_id)

    async def write_use(self, used: Mapping[UUID, datetime], idle: timedelta) -> None:
        """Write down when sign-ins were used last, and when they end unless they are used again."""
        at = bindparam("at", type_=DateTime(timezone=True))
        statement = (
            update(Session)
            .where(col(Session.id) == bindparam("session_id"), col(Session.last_used_at) < at)
            .values(last_used_at=at, idle_at=bindparam("idle_at", type_=DateTime(timezone=True)))
        )
        # In the order of their keys, so that of two portals one waits for the other.
        rows = [{"session_id": key, "at": when, "idle_at": when + idle} for key, when in sorted(used.items())]
        connection = await self._session.connection()
        await connection.execute(statement, rows)

    async def forget_expired(self, before: datetime) -> None:
        """Remove sign-ins that ended long ago."""
        await self._session.execute(delete(Session).where(col(Session.expires_at) < before))


def _alive() -> tuple[ColumnElement[bool], ...]:
    idle_at = col(Session.idle_at)
    return (
        col(Session.revoked_at).is_(None),
        col(Session.expires_at) > func.now(),
        or_(idle_at.is_(None), idle_at > func.now()),
    )
