"""What the single sign-on endpoints depend on."""

from typing import Annotated

from fastapi import Depends, Query
from fastapi.requests import HTTPConnection

from portal.kit.database import SessionDep
from portal.kit.text import Line

from .provider import Provider
from .repository import SsoRepository
from .schemas import S256, NextPath, Port
from .service import Destination, Return


def get_provider(connection: HTTPConnection) -> Provider | None:
    """The sign-in provider, if there is one."""
    return connection.app.state.sso_provider


def get_accounts(session: SessionDep) -> SsoRepository:
    """Accounts at the provider."""
    return SsoRepository(session)


def get_destination(
    next_path: Annotated[NextPath, Query(alias="next", description="A path of this portal.")] = "/",
    challenge: Annotated[S256 | None, Query(description="Of a command line: S256 of a secret it keeps.")] = None,
    port: Annotated[Port | None, Query(description="Where that command line listens on its loopback.")] = None,
) -> Destination:
    """Where the sign-in leads."""
    return Destination(next_path, challenge, port)


def get_return(
    state: Annotated[Line, Query()],
    code: Annotated[Line | None, Query()] = None,
    error: Annotated[Line | None, Query()] = None,
    iss: Annotated[Line | None, Query()] = None,
) -> Return:
    """What the browser brings back (RFC 6749, 4.1.2; RFC 9207)."""
    return Return(state, code, error, iss)


ProviderDep = Annotated[Provider | None, Depends(get_provider)]
AccountsDep = Annotated[SsoRepository, Depends(get_accounts)]
DestinationDep = Annotated[Destination, Depends(get_destination)]
ReturnDep = Annotated[Return, Depends(get_return)]
