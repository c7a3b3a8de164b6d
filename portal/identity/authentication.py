"""From a token to an actor."""

from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection

from portal.authz.actor import Actor
from portal.authz.permissions import ADMIN
from portal.kit.database import SessionDep

from .errors import NotSignedInError
from .models import User
from .repository import IdentityRepository
from .tokens import AccessClaims, TokenKeys, token_hash

COOKIE = "opsconductor_browser"
_SCHEME = "bearer "


def get_token_keys(connection: HTTPConnection) -> TokenKeys:
    """The keys of this portal."""
    return connection.app.state.token_keys


TokenKeysDep = Annotated[TokenKeys, Depends(get_token_keys)]


def bearer_token(connection: HTTPConnection) -> str:
    """The token of the Authorization header (RFC 6750).

    Raises:
        NotSignedInError: There is none.
    """
    header = connection.headers.get("authorization", "")
    if not header.lower().startswith(_SCHEME):
        raise NotSignedInError
    return header[len(_SCHEME) :].strip()


async def authenticate(identity: IdentityRepository, claims: AccessClaims) -> Actor:
    """The actor of a verified token; a revoked sign-in or a disabled user is nobody."""
    user = await identity.find_signed_in(claims.session_id, "api")
    if user is None or user.id != claims.user_id:
        raise NotSignedInError
    return _actor(user, claims)


async def authenticate_cookie(identity: IdentityRepository, cookie: str) -> Actor:
    """The actor behind the browser's cookie."""
    session_id = await identity.find_cookie_session(token_hash(cookie))
    user = await identity.find_signed_in(session_id, "browser") if session_id else None
    if user is None or session_id is None:
        raise NotSignedInError
    return _actor(user, AccessClaims(user.id, session_id))


async def get_actor(connection: HTTPConnection, session: SessionDep, keys: TokenKeysDep) -> Actor:
    """The actor of the request's bearer token."""
    claims = keys.verify(bearer_token(connection))
    return await authenticate(IdentityRepository(session), claims)


ActorDep = Annotated[Actor, Depends(get_actor, scope="function")]


def _actor(user: User, claims: AccessClaims) -> Actor:
    return Actor(user.id, user.username, claims.session_id, ADMIN if user.role == "admin" else frozenset())
