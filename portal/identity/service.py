"""Signing in, staying signed in, and signing out."""

from datetime import timedelta

from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.kit.ids import now

from .client import Client
from .errors import LoginFailedError, NotSignedInError, RefreshTokenReplayedError
from .issuer import Issuer
from .models import Session, User
from .passwords import password_matches
from .repository import IdentityRepository
from .schemas import GrantHeld, Login, MeRead, TokenRead, UserRead
from .throttle import LoginThrottle
from .tokens import token_hash

_REPLAY_GRACE = timedelta(seconds=10)
"""Two tabs may send the same refresh token at once; both get a new one."""


async def check_password(identity: IdentityRepository, throttle: LoginThrottle, body: Login, client: Client) -> User:
    """The active user with this password: the first step of signing in.

    Raises:
        LoginFailedError: There is none.
        TooManyLoginsError: Too many attempts failed already.
    """
    await throttle.begin(body.username, client.source)
    user = await identity.find_by_username(body.username)
    matches = await password_matches(body.password.get_secret_value(), user.password_hash if user else None)
    if user is None or not matches or not user.active:
        raise LoginFailedError(body.username)
    await throttle.succeed(body.username, client.source)
    return user


async def open_session(
    identity: IdentityRepository, audit: AuditLog, issuer: Issuer, user: User, client: Client, *, way: str
) -> TokenRead:
    """Open a sign-in for a user who has shown who they are.

    Args:
        identity: Users and sign-ins.
        audit: The audit log.
        issuer: Makes the tokens.
        user: Who.
        client: The program they use.
        way: How they showed it, such as `password`; for the audit log.
    """
    user.last_login_at = now()
    session = issuer.session(user, client)
    identity.add(session)
    await identity.flush()
    read, row = issuer.tokens(user, session)
    identity.add(row)
    actor = Actor(user.id, user.username, session.id, frozenset())
    audit.record(actor, "session.opened", "session", session.id, way=way, user_agent=client.user_agent)
    return read


async def refresh(identity: IdentityRepository, issuer: Issuer, token: str | None) -> TokenRead:
    """Replace a refresh token by a new pair of tokens."""
    row = await identity.find_token(token_hash(token), "refresh") if token else None
    session = await identity.find_session(row.session_id) if row else None
    if row is None or session is None or row.expires_at <= now() or not _holds(session):
        raise NotSignedInError
    user = await identity.find_user(session.user_id)
    if user is None or not user.active:
        raise NotSignedInError
    if row.used_at is None:
        row.used_at = now()
    elif now() - row.used_at > _REPLAY_GRACE:
        raise RefreshTokenReplayedError(session.id, user.id)
    session.last_used_at = now()
    session.idle_at = session.last_used_at + issuer.idle
    read, successor = issuer.tokens(user, session)
    identity.add(successor)
    return read


def _holds(session: Session) -> bool:
    return session.revoked_at is None and (session.idle_at is None or session.idle_at > now())


async def log_out(identity: IdentityRepository, audit: AuditLog, actor: Actor) -> None:
    """End the sign-in that this request belongs to."""
    await identity.revoke(actor.session_id)
    audit.record(actor, "session.closed", "session", actor.session_id)


async def get_me(identity: IdentityRepository, actor: Actor) -> MeRead:
    """The signed-in user."""
    user = await identity.get_user(actor)
    return MeRead(
        user=read_user(user, await identity.role_name(user)),
        permissions=sorted(actor.permissions),
        grants=[
            GrantHeld(role=grant.role, kind=grant.kind, place=grant.place, permissions=sorted(grant.permissions))
            for grant in actor.grants
        ],
    )


def read_user(user: User, role: str) -> UserRead:
    """A user, as others see them."""
    return UserRead(role=role, **user.model_dump(include=set(UserRead.model_fields)))
