"""From a token to an actor."""

from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection

from portal.api_tokens.authentication import PREFIX, authenticate_token
from portal.api_tokens.repository import ApiTokenRepository
from portal.audit.log import source_address
from portal.authz.actor import Actor
from portal.kit.database import SessionDep, Sessions, SessionsDep
from portal.kit.origin import refuse_cross_site

from .cookies import Cookies
from .errors import NotSignedInError
from .repository import IdentityRepository
from .tokens import AccessClaims, TokenKeys, token_hash

COOKIE = "opsconductor_browser"
SUBPROTOCOL = "opsconductor.v1"
_SCHEME = "bearer "
_OFFERED = "bearer."


async def get_token_keys(connection: HTTPConnection) -> TokenKeys:
    """The keys of this portal."""
    return connection.app.state.token_keys


TokenKeysDep = Annotated[TokenKeys, Depends(get_token_keys)]


def bearer_token(connection: HTTPConnection) -> str:
    """The token of the Authorization header (RFC 6750).

    A browser cannot set that header on a WebSocket; it offers the token as the subprotocol `bearer.<token>`
    beside `opsconductor.v1`, so that it stands in no address and no log.

    Raises:
        NotSignedInError: There is none.
    """
    header = connection.headers.get("authorization", "")
    if header.lower().startswith(_SCHEME):
        return header[len(_SCHEME) :].strip()
    for offered in connection.scope.get("subprotocols", ()):
        if offered.startswith(_OFFERED):
            return offered.removeprefix(_OFFERED)
    raise NotSignedInError


def access_token(connection: HTTPConnection) -> str:
    """The access token of a request: a program's bearer token, else the cookie that a browser sent.

    Raises:
        NotSignedInError: There is none.
        CrossSiteRequestError: A page of another site made the browser send its cookie.
    """
    settings = connection.app.state.settings
    cookie = Cookies(settings).access_token(connection)
    if cookie is None or _offers_bearer(connection):
        return bearer_token(connection)
    refuse_cross_site(connection, connection.scope.get("method", "WEBSOCKET"), settings.address)
    return cookie


def _offers_bearer(connection: HTTPConnection) -> bool:
    offered = connection.scope.get("subprotocols", ())
    return "authorization" in connection.headers or any(name.startswith(_OFFERED) for name in offered)


async def authenticate(identity: IdentityRepository, claims: AccessClaims) -> Actor:
    """The actor of a verified token; a revoked sign-in or a disabled user is nobody."""
    actor = await identity.find_actor(claims.session_id, "api")
    if actor is None or actor.user_id != claims.user_id:
        raise NotSignedInError
    return actor


async def authenticate_cookie(identity: IdentityRepository, cookie: str) -> Actor:
    """The actor behind the browser's cookie."""
    session_id = await identity.find_cookie_session(token_hash(cookie))
    actor = await identity.find_actor(session_id, "browser") if session_id else None
    if actor is None:
        raise NotSignedInError
    return actor


async def ask_again(sessions: Sessions, actor: Actor) -> Actor | None:
    """The actor with what they may do by now, for those who stay connected for long; None when signed out."""
    async with sessions() as session:
        if actor.token_id is not None:
            return await ApiTokenRepository(session).find_actor_again(actor.token_id)
        return await IdentityRepository(session).find_actor(actor.session_id, "api")


async def get_actor_briefly(connection: HTTPConnection, sessions: SessionsDep, keys: TokenKeysDep) -> Actor:
    """The actor of the request's access token, for requests that outlast a transaction."""
    token = access_token(connection)
    if token.startswith(PREFIX):
        return await authenticate_token(sessions, token, source_address(connection))
    claims = keys.verify(token)
    async with sessions() as session:
        actor = await authenticate(IdentityRepository(session), claims)
    connection.app.state.session_use.note(actor.session_id)
    return actor


async def get_actor(
    connection: HTTPConnection, session: SessionDep, sessions: SessionsDep, keys: TokenKeysDep
) -> Actor:
    """The actor of the request's access token."""
    token = access_token(connection)
    if token.startswith(PREFIX):
        return await authenticate_token(sessions, token, source_address(connection))
    claims = keys.verify(token)
    actor = await authenticate(IdentityRepository(session), claims)
    connection.app.state.session_use.note(actor.session_id)
    return actor


ActorDep = Annotated[Actor, Depends(get_actor, scope="function")]
BriefActorDep = Annotated[Actor, Depends(get_actor_briefly)]
