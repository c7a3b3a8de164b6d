"""The same sign-in as a program's, whose tokens go into cookies instead of the answer."""

from fastapi import Response

from . import service
from .cookies import Cookies
from .issuer import Issuer
from .repository import IdentityRepository
from .schemas import BrowserSignInRead, TokenRead


async def refresh(
    identity: IdentityRepository, issuer: Issuer, cookies: Cookies, token: str | None, response: Response
) -> BrowserSignInRead:
    """Renew a browser's cookies."""
    return given(await service.refresh(identity, issuer, token), cookies, response)


def given(tokens: TokenRead, cookies: Cookies, response: Response) -> BrowserSignInRead:
    """Put the tokens of a sign-in into cookies; gives the rest of the answer."""
    cookies.set(response, tokens)
    return BrowserSignInRead(
        username=tokens.username,
        must_change_password=tokens.must_change_password,
        expires_in_seconds=tokens.expires_in_seconds,
    )
