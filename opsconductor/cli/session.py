"""Who is signed in to which portal: a 0600 file in the user's configuration folder.

`OPSCONDUCTOR_TOKEN_FILE` names another file; it may also hold an API token, in its first line, and the portal's
address in its second.
"""

import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_config_path

from opsconductor.errors import ConflictError, NotAuthenticatedError

if TYPE_CHECKING:
    from opsconductor.client import ApiToken, PortalClient

_URL_VARIABLE = "OPSCONDUCTOR_PORTAL_URL"
_TOKEN_VARIABLE = "OPSCONDUCTOR_TOKEN_FILE"  # noqa: S105 (the name of a variable)
DEFAULT_URL = "http://127.0.0.1:8080"


class NotSignedInError(NotAuthenticatedError):
    """Nobody is signed in here."""

    def __init__(self) -> None:
        super().__init__("not signed in. Use `opsconductor login`")


class TokenRefusedError(NotAuthenticatedError):
    """The portal does not take the API token any more."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"the API token in {file} has expired or was revoked; make another: opsconductor token create")
        self.file = file


class TokenInTheWayError(ConflictError):
    """A sign-in would overwrite an API token."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} holds an API token; to sign in as yourself, first: unset {_TOKEN_VARIABLE}")
        self.file = file


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in.

    Attributes:
        url: Address of the portal.
        username: Who; empty with an API token.
        access_token: Short-lived bearer token, or an API token.
        refresh_token: What a new access token is made of, once; empty with an API token.
    """

    url: str
    username: str
    access_token: str
    refresh_token: str

    def save(self) -> None:
        """Keep it for the next command."""
        path = _path()
        if _token(path) is not None:
            raise TokenInTheWayError(path)
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
    path = _path()
    found = _token(path)
    if found is not None:
        return Session(found.url or os.environ.get(_URL_VARIABLE) or DEFAULT_URL, "", found.token, "")
    try:
        return Session(**json.loads(path.read_text()))
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
        if not kept.refresh_token:
            raise TokenRefusedError(_path())
        with PortalClient(kept.url) as anonymous:
            try:
                tokens = anonymous.post("/auth/refresh", {"refresh_token": kept.refresh_token})
            except NotAuthenticatedError:
                raise NotSignedInError from None
        Session(kept.url, kept.username, tokens["access_token"], tokens["refresh_token"]).save()
        return tokens["access_token"]

    with PortalClient(session.url, session.access_token, renew) as client:
        yield client


def _token(path: Path) -> "ApiToken | None":
    try:
        text = path.read_text()
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    if text.startswith("{"):
        return None
    from opsconductor.client import ApiToken

    return ApiToken.parse(text)


def _path() -> Path:
    named = os.environ.get(_TOKEN_VARIABLE)
    return Path(named) if named else user_config_path("opsconductor") / "session.json"
