"""One-time links that sign a browser in to Prefect's pages."""

from datetime import timedelta

from portal.audit.log import AuditLog
from portal.authz.actor import Actor
from portal.kit.ids import now
from portal.settings import Settings

from .client import Client
from .errors import LinkNotValidError
from .models import Session, SessionToken
from .repository import IdentityRepository
from .schemas import BrowserLinkRead
from .tokens import opaque_token, token_hash


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
    identity: IdentityRepository, audit: AuditLog, settings: Settings, token: str, client: Client
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
    session.source, session.user_agent = client.source, client.user_agent
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
