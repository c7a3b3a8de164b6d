"""What the identity endpoints depend on."""

from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection

from portal.authz.actor import Actor
from portal.authz.guard import (
    barely_in_person,
    barely_in_person_with_password,
    in_person,
    in_person_with_password,
    signed_in,
)
from portal.kit.database import SessionDep, SessionsDep
from portal.kit.origin import refuse_cross_site
from portal.settings import Settings

from .authentication import TokenKeysDep
from .cookies import Cookies
from .issuer import Issuer
from .repository import IdentityRepository
from .throttle import LoginThrottle


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


def get_throttle(sessions: SessionsDep, session: SessionDep, settings: SettingsDep) -> LoginThrottle:
    """Makes guessing passwords slow."""
    return LoginThrottle(sessions, session, settings.failed_logins_per_user, settings.failed_logins_per_source)


def get_cookies(settings: SettingsDep) -> Cookies:
    """The browser's cookies."""
    return Cookies(settings)


def from_our_pages(connection: HTTPConnection, settings: SettingsDep) -> None:
    """Refuses what a page of another site made a browser ask."""
    refuse_cross_site(connection, connection.scope["method"], settings.address)


IdentityDep = Annotated[IdentityRepository, Depends(get_identity)]
IssuerDep = Annotated[Issuer, Depends(get_issuer)]
ThrottleDep = Annotated[LoginThrottle, Depends(get_throttle)]
CookiesDep = Annotated[Cookies, Depends(get_cookies)]
SignedIn = Annotated[Actor, Depends(signed_in)]
InPerson = Annotated[Actor, Depends(in_person)]
BarelyInPerson = Annotated[Actor, Depends(barely_in_person)]
WithPassword = Annotated[Actor, Depends(in_person_with_password)]
BarelyWithPassword = Annotated[Actor, Depends(barely_in_person_with_password)]
