"""What the identity endpoints depend on."""

from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection

from portal.audit.log import source_address
from portal.kit.database import SessionDep
from portal.settings import Settings

from .authentication import TokenKeysDep
from .limiter import LoginLimiter
from .repository import IdentityRepository
from .service import Issuer


def get_settings(connection: HTTPConnection) -> Settings:
    """The app's settings."""
    return connection.app.state.settings


SettingsDep = Annotated[Settings, Depends(get_settings)]


def get_identity(session: SessionDep) -> IdentityRepository:
    """Users and sign-ins."""
    return IdentityRepository(session)


def get_issuer(settings: SettingsDep, keys: TokenKeysDep) -> Issuer:
    """Makes tokens."""
    return Issuer(settings, keys)


def get_limiter(connection: HTTPConnection) -> LoginLimiter:
    """Counts attempts to sign in."""
    return connection.app.state.login_limiter


IdentityDep = Annotated[IdentityRepository, Depends(get_identity)]
IssuerDep = Annotated[Issuer, Depends(get_issuer)]
LimiterDep = Annotated[LoginLimiter, Depends(get_limiter)]
SourceDep = Annotated[str, Depends(source_address)]
