"""Queries over API tokens. People see their own; those who manage users see everybody's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from fastapi_pagination.cursor import CursorPage
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, delete, func, or_, select, update
from sqlmodel.sql.expression import SelectOfScalar

from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.identity.models import User
from portal.identity.notices import tell_identity_changed
from portal.identity.repository import ACTOR_COLUMNS, actor_of
from portal.kit.ids import now
from portal.kit.pages import PageParams, order, paginate

from .models import ApiToken

_NOTED_EVERY = timedelta(minutes=1)
_FIND = f"""
SELECT {ACTOR_COLUMNS}, k.id, k.scopes, k.last_used_at FROM api_tokens k JOIN users u ON u.id = k.user_id
WHERE k.expires_at > now() AND u.active AND """  # noqa: S608 (of constants)
_BY_HASH = text(_FIND + "k.token_hash = :key")
_BY_ID = text(_FIND + "k.id = :key")


@dataclass(frozen=True, slots=True)
class ApiTokenFilter:
    """Which tokens to list."""

    q: str | None = None
    user: str | None = None
    sort: str = "name"


class ApiTokenRepository:
    """API tokens."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_page(self, actor: Actor, wanted: ApiTokenFilter, page: PageParams) -> CursorPage[ApiToken]:
        """One page of the tokens that pass the filter."""
        query = _visible_to(actor)
        if wanted.q:
            query = query.where(col(ApiToken.name).icontains(wanted.q, autoescape=True))
        if wanted.user:
            owner = select(User.id).where(func.lower(User.username) == wanted.user.lower())
            query = query.where(col(ApiToken.user_id).in_(owner))
        columns = {
            "name": func.lower(ApiToken.name),
            "created_at": col(ApiToken.created_at),
            "expires_at": col(ApiToken.expires_at),
        }
        return await paginate(self._session, query.order_by(*order(wanted.sort, columns, col(ApiToken.id))), page)

    async def find(self, actor: Actor, token_id: UUID, *, lock: bool = False) -> ApiToken | None:
        """The token, or None when it is absent or out of the actor's sight."""
        query = _visible_to(actor).where(col(ApiToken.id) == token_id)
        return (await self._session.scalars(query.with_for_update() if lock else query)).one_or_none()

    async def owners(self, tokens: Iterable[ApiToken]) -> Mapping[UUID, str]:
        """Names of the tokens' owners, by their keys."""
        query = select(User.id, User.username).where(col(User.id).in_({token.user_id for token in tokens}))
        return {row.id: row.username for row in await self._session.execute(query)}

    async def find_actor(self, token_hash: str, source: str) -> Actor | None:
        """Who a token that is still good acts for, and what it may do; notes the use."""
        found = (await self._session.execute(_BY_HASH, {"key": token_hash})).one_or_none()
        if found is None:
            return None
        *owner, token_id, scopes, used_at = found
        if used_at is None or now() - used_at >= _NOTED_EVERY:
            await self._note_use(token_id, source)
        return actor_of(owner, token_id).by_token(token_id, scopes)

    async def find_actor_again(self, token_id: UUID) -> Actor | None:
        """The same while the token is still good, without a use of it."""
        found = (await self._session.execute(_BY_ID, {"key": token_id})).one_or_none()
        if found is None:
            return None
        *owner, _, scopes, _ = found
        return actor_of(owner, token_id).by_token(token_id, scopes)

    async def _note_use(self, token_id: UUID, source: str) -> None:
        statement = update(ApiToken).where(
            col(ApiToken.id) == token_id,
            or_(col(ApiToken.last_used_at).is_(None), col(ApiToken.last_used_at) <= now() - _NOTED_EVERY),
        )
        await self._session.execute(statement.values(last_used_at=now(), last_used_source=source))

    def add(self, token: ApiToken) -> None:
        """Keep a new token."""
        self._session.add(token)

    async def flush(self) -> None:
        """Send changes now, so that the database can refuse them here."""
        await self._session.flush()

    async def delete(self, token: ApiToken) -> None:
        """Forget a token; it is worth nothing from now on, and those who stay connected by it are told."""
        await self._session.delete(token)
        await tell_identity_changed(self._session, token.user_id)

    async def forget_expired(self, before: datetime) -> None:
        """Remove tokens that ended long ago."""
        await self._session.execute(delete(ApiToken).where(col(ApiToken.expires_at) < before))


def _visible_to(actor: Actor) -> SelectOfScalar[ApiToken]:
    query = select(ApiToken)
    if Permission.USERS_MANAGE in actor.permissions:
        return query
    return query.where(col(ApiToken.user_id) == actor.user_id)
