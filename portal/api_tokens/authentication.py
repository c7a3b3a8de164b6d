"""From an API token to an actor, in a transaction of its own: a refused request is a use as well."""

from typing import Final

from portal.authz.actor import Actor
from portal.identity.errors import NotSignedInError
from portal.identity.tokens import opaque_token, token_hash
from portal.kit.database import Sessions

from .repository import ApiTokenRepository

PREFIX: Final = "opsc_"


def new_token() -> str:
    """A random token that people, and scanners for secrets, know by its beginning."""
    return PREFIX + opaque_token()


async def authenticate_token(sessions: Sessions, token: str, source: str) -> Actor:
    """The actor of a token.

    Args:
        sessions: Where to look.
        token: What the request carries.
        source: Address it came from.

    Raises:
        NotSignedInError: It is revoked, has expired, was never ours, or its owner is disabled.
    """
    async with sessions() as session, session.begin():
        actor = await ApiTokenRepository(session).find_actor(token_hash(token), source)
    if actor is None:
        raise NotSignedInError
    return actor
