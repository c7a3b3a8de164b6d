"""Signing in, staying signed in, and signing out."""

from dataclasses import dataclass
from datetime import timedelta

from opsconductor.errors import InvalidInputError, Problem
from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.kit.ids import now
from portal.settings import Settings

from .errors import LinkNotValidError, LoginFailedError, NotSignedInError, RefreshTokenReplayedError
from .models import Session, SessionToken, User
from .passwords import hash_password, password_matches
from .repository import IdentityRepository
from .schemas import BrowserLinkRead, MeRead, PasswordChange, TokenRead, UserRead
from .tokens import AccessClaims, TokenKeys, opaque_token, token_hash

_REPLAY_GRACE = timedelta(seconds=10)
"""Two tabs may send the same refresh token at once; both get a new one."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Makes tokens as the settings say."""

    settings: Settings
    keys: TokenKeys

    def tokens(self, user: User, session: Session) -> tuple[TokenRead, SessionToken]:
        """A pair of tokens, and the row that remembers the refresh token."""
        refresh = opaque_token()
        seconds = self.settings.access_token_seconds
        read = TokenRead(
            access_token=self.keys.sign(AccessClaims(user.id, session.id), lifetime_seconds=seconds),
            expires_in_seconds=seconds,
            refresh_token=refresh,
            must_change_password=user.must_change_password,
            username=user.username,
        )
        row = SessionToken(
            token_hash=token_hash(refresh), session_id=session.id, purpose="refresh", expires_at=session.expires_at
        )
        return read, row


async def log_in(
    identity: IdentityRepository, audit: AuditLog, issuer: Issuer, username: str, password: str, source: str
) -> TokenRead:
    """Open a sign-in for the user with this password."""
    user = await identity.find_by_username(username)
    matches = await password_matches(password, user.password_hash if user else None)
    if user is None or not matches or not user.active:
        raise LoginFailedError(username)
    user.last_login_at = now()
    lifetime = timedelta(seconds=issuer.settings.refresh_token_seconds)
    session = Session(user_id=user.id, kind="api", source=source, expires_at=now() + lifetime)
    identity.add(session)
    await identity.flush()
    read, row = issuer.tokens(user, session)
    identity.add(row)
    actor = Actor(user.id, user.username, session.id, frozenset())
    audit.record(actor, "session.opened", "session", session.id)
    return read


async def refresh(identity: IdentityRepository, issuer: Issuer, token: str) -> TokenRead:
    """Replace a refresh token by a new pair of tokens."""
    row = await identity.find_token(token_hash(token), "refresh")
    session = await identity.find_session(row.session_id) if row else None
    if row is None or session is None or row.expires_at <= now() or session.revoked_at is not None:
        raise NotSignedInError
    user = await identity.find_user(session.user_id)
    if user is None or not user.active:
        raise NotSignedInError
    if row.used_at is None:
        row.used_at = now()
    elif now() - row.used_at > _REPLAY_GRACE:
        raise RefreshTokenReplayedError(session.id, user.id)
    read, successor = issuer.tokens(user, session)
    identity.add(successor)
    return read


async def log_out(identity: IdentityRepository, audit: AuditLog, actor: Actor) -> None:
    """End the sign-in that this request belongs to."""
    await identity.revoke(actor.session_id)
    audit.record(actor, "session.closed", "session", actor.session_id)


async def get_me(identity: IdentityRepository, actor: Actor) -> MeRead:
    """The signed-in user."""
    user = await identity.find_user(actor.user_id)
    if user is None:
        raise NotSignedInError
    return MeRead(user=read_user(user, await identity.role_name(user)), permissions=sorted(actor.permissions))


def read_user(user: User, role: str) -> UserRead:
    """A user, as others see them."""
    return UserRead(role=role, **user.model_dump(include=set(UserRead.model_fields)))


async def change_password(identity: IdentityRepository, audit: AuditLog, actor: Actor, change: PasswordChange) -> None:
    """Set a new password; every other sign-in of the user ends."""
    user = await identity.find_user(actor.user_id)
    if user is None:
        raise NotSignedInError
    if not await password_matches(change.current_password.get_secret_value(), user.password_hash):
        raise InvalidInputError([Problem("current_password", "is not the current password")])
    user.password_hash = hash_password(change.new_password.get_secret_value())
    user.must_change_password = False
    await identity.revoke_all(user.id, but=actor.session_id)
    audit.record(actor, "user.password_changed", "user", user.id)


async def make_browser_link(
    identity: IdentityRepository, audit: AuditLog, settings: Settings, actor: Actor
) -> BrowserLinkRead:
    """A link that signs one browser in to Prefect's pages, once, soon."""
    lifetime = timedelta(seconds=settings.browser_link_seconds)
    session = Session(user_id=actor.user_id, kind="browser", expires_at=now() + lifetime)
    identity.add(session)
    await identity.flush()
    token = opaque_token()
    identity.add(
        SessionToken(
            token_hash=token_hash(token), session_id=session.id, purpose="browser_link", expires_at=session.expires_at
        )
    )
    audit.record(actor, "browser_link.created", "session", session.id)
    url = f"{settings.address}/prefect-login?token={token}"
    return BrowserLinkRead(url=url, expires_in_seconds=settings.browser_link_seconds)


async def open_browser(
    identity: IdentityRepository, audit: AuditLog, settings: Settings, token: str, source: str
) -> str:
    """Use a one-time link up; gives the value of the browser's cookie."""
    row = await identity.find_token(token_hash(token), "browser_link")
    if row is None or row.used_at is not None or row.expires_at <= now():
        raise LinkNotValidError
    session = await identity.find_session(row.session_id)
    user = await identity.find_user(session.user_id) if session else None
    if session is None or session.revoked_at is not None or user is None or not user.active:
        raise LinkNotValidError
    row.used_at = now()
    session.source = source
    session.expires_at = now() + timedelta(seconds=settings.browser_session_seconds)
    cookie = opaque_token()
    identity.add(
        SessionToken(
            token_hash=token_hash(cookie),
            session_id=session.id,
            purpose="browser_cookie",
            expires_at=session.expires_at,
        )
    )
    actor = Actor(user.id, user.username, session.id, frozenset())
    audit.record(actor, "browser.signed_in", "session", session.id)
    return cookie
