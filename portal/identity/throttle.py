"""Guessing passwords is made slow, without giving strangers a way to lock somebody out."""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, delete, func, select

from portal.kit.database import Sessions
from portal.kit.ids import now

from .errors import TooManyLoginsError
from .models import LoginFailures, Session, User

_FIRST_WAIT = timedelta(seconds=15)
_LONGEST_WAIT = timedelta(minutes=15)
_MEMORY = timedelta(hours=1)
"""Failures are forgotten when there was none for so long."""


def wait_after(failures: int, allowed: int) -> timedelta:
    """How long nothing is tried after so many failures; it doubles with each one that is not allowed any more."""
    over = failures - allowed
    return timedelta(0) if over < 0 else min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(over, 16))


def network_of(source: str) -> str:
    """What one person holds: an IPv4 address, or a whole /64 of IPv6 (RFC 6177)."""
    try:
        address = ip_address(source)
    except ValueError:
        return source
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else str(address)


def _source_key(source: str) -> str:
    return f"source {network_of(source)}"


def _user_key(username: str, source: str) -> str:
    # Hashed: people type their password where the user name belongs.
    name = hashlib.sha256(username.lower().encode()).hexdigest()
    return f"user {name} {network_of(source)}"


@dataclass(frozen=True, slots=True)
class LoginThrottle:
    """Counts failures by source, and by user and source, in the database: every portal sees them.

    Nobody is counted by name alone, so a stranger's failures block the stranger. A source from which the user
    signed in before is not blocked for that user by what others there do wrong either.

    Attributes:
        sessions: For the count, which stays when the request fails.
        session: The request's transaction.
        per_user: Failures of one user from one source before the waiting begins.
        per_source: Failures from one source, of whomever, before the waiting begins.
    """

    sessions: Sessions
    session: AsyncSession
    per_user: int
    per_source: int

    async def begin(self, username: str, source: str) -> None:
        """Count an attempt as failed until it succeeds: of many at once no more get through than one by one.

        Raises:
            TooManyLoginsError: Too many failed already.
        """
        at = now()
        async with self.sessions() as session, session.begin():
            blocked = await self._count(session, username, source, at)
        if blocked is not None:
            left = math.ceil((blocked.until - at).total_seconds())
            raise TooManyLoginsError(username, max(1, left), first=blocked.refusals == 1)

    async def succeed(self, username: str, source: str) -> None:
        """The attempt succeeded; its count is taken back in the request's transaction."""
        row = await _locked(self.session, _source_key(source), now())
        row.failures = max(0, row.failures - 1)
        if row.failures < self.per_source:
            row.blocked_until = None
        key = _user_key(username, source)
        await self.session.execute(delete(LoginFailures).where(col(LoginFailures.key) == key))

    async def _count(self, session: AsyncSession, username: str, source: str, at: datetime) -> "_Block | None":
        by_source = await _locked(session, _source_key(source), at)
        blocked = _refused(by_source, at)
        if blocked is not None and not await _knows(session, username, source):
            return blocked
        by_user = await _locked(session, _user_key(username, source), at)
        blocked = _refused(by_user, at)
        if blocked is not None:
            return blocked
        _fail(by_source, self.per_source, at)
        _fail(by_user, self.per_user, at)
        return None


@dataclass(frozen=True, slots=True)
class _Block:
    until: datetime
    refusals: int


def _refused(row: LoginFailures, at: datetime) -> _Block | None:
    if row.blocked_until is None or row.blocked_until <= at:
        return None
    row.refusals += 1
    return _Block(row.blocked_until, row.refusals)


def _fail(row: LoginFailures, allowed: int, at: datetime) -> None:
    row.failures = 1 if at - row.last_at > _MEMORY else row.failures + 1
    row.last_at = at
    wait = wait_after(row.failures, allowed)
    row.blocked_until = at + wait if wait else None
    row.refusals = 0


async def _locked(session: AsyncSession, key: str, at: datetime) -> LoginFailures:
    """The row of a key, made when it is absent; others wait for it until the transaction ends."""
    new = insert(LoginFailures).values(LoginFailures(key=key, last_at=at).model_dump())
    upsert = new.on_conflict_do_update(index_elements=["key"], set_={"key": key}).returning(LoginFailures)
    return (await session.scalars(select(LoginFailures).from_statement(upsert))).one()


async def _knows(session: AsyncSession, username: str, source: str) -> bool:
    """Whether the user has signed in from the source's network before: IPv6 hosts change their address daily."""
    query = select(Session.source).join(User).where(func.lower(User.username) == username.lower()).distinct()
    networks = {network_of(known) for known in await session.scalars(query)}
    return network_of(source) in networks


async def forget_failures(session: AsyncSession) -> None:
    """Remove the counts that mean nothing any more."""
    await session.execute(delete(LoginFailures).where(col(LoginFailures.last_at) < now() - _MEMORY))
