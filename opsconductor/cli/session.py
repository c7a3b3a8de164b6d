"""Who is signed in to which portal: a 0600 file in the user's configuration folder."""

import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_config_path

from opsconductor.errors import NotAuthenticatedError

if TYPE_CHECKING:
    from opsconductor.client import PortalClient

_TOKEN_VARIABLE = "OPSCONDUCTOR_TOKEN_FILE"  # noqa: S105 (the name of a variable)
DEFAULT_URL = "http://127.0.0.1:8080"


class NotSignedInError(NotAuthenticatedError):
    """Nobody is signed in here."""

    def __init__(self) -> None:
        super().__init__("not signed in. Use `opsconductor login`")


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in.

    Attributes:
        url: Address of the portal.
        username: Who.
        access_token: Short-lived bearer token.
        refresh_token: What a new access token is made of, once.
    """

    url: str
    username: str
    access_token: str
    refresh_token: str

    def save(self) -> None:
        """Keep it for the next command."""
        path = _path()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(self), file)
        new.replace(path)


def load() -> Session:
    """The kept sign-in.

    Raises:
        NotSignedInError: There is none.
    """
    try:
        return Session(**json.loads(_path().read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        raise NotSignedInError from None


def forget() -> None:
    """Forget the sign-in."""
    _path().unlink(missing_ok=True)


@contextmanager
def portal() -> Generator["PortalClient"]:
    """The portal, as whoever is signed in; renews the token when it has run out."""
    from opsconductor.client import PortalClient  # `job validate` needs no client: it starts sooner without

    session = load()

    def renew() -> str | None:
        kept = load()  # another command may have renewed it meanwhile
        if kept.access_token != session.access_token:
            return kept.access_token
        with PortalClient(kept.url) as anonymous:
            try:
                tokens = anonymous.post("/auth/refresh", {"refresh_token": kept.refresh_token})
            except NotAuthenticatedError:
                raise NotSignedInError from None
        Session(kept.url, kept.username, tokens["access_token"], tokens["refresh_token"]).save()
        return tokens["access_token"]

    with PortalClient(session.url, session.access_token, renew) as client:
        yield client


def _path() -> Path:
    named = os.environ.get(_TOKEN_VARIABLE)
    return Path(named) if named else user_config_path("opsconductor") / "session.json"
