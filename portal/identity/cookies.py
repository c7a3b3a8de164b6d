"""The browser's cookies: tokens that no script can read, and that no page of another site can use."""

from dataclasses import dataclass

from fastapi import Response
from fastapi.requests import HTTPConnection

from portal.settings import Settings

from .schemas import TokenRead

_REFRESH_PATH = "/api/v1/auth/browser"


@dataclass(frozen=True, slots=True)
class Cookies:
    """Sets, reads and clears them.

    Over https their names start with `__Host-` and `__Secure-` (RFC 6265bis, 4.1.3): a browser takes such a
    cookie from this host over https only, so that neither a sibling domain nor a plain connection can plant one.
    """

    settings: Settings

    @property
    def secure(self) -> bool:
        """Whether people reach the portal over https."""
        return self.settings.address.startswith("https:")

    @property
    def access_name(self) -> str:
        """Name of the cookie with the access token."""
        return "__Host-opsconductor_access" if self.secure else "opsconductor_access"

    @property
    def refresh_name(self) -> str:
        """Name of the cookie with the refresh token; it is sent to the renewal only, so it cannot be `__Host-`."""
        return "__Secure-opsconductor_refresh" if self.secure else "opsconductor_refresh"

    def access_token(self, connection: HTTPConnection) -> str | None:
        """The access token that the browser sent."""
        return connection.cookies.get(self.access_name)

    def refresh_token(self, connection: HTTPConnection) -> str | None:
        """The refresh token that the browser sent."""
        return connection.cookies.get(self.refresh_name)

    def set(self, response: Response, tokens: TokenRead) -> None:
        """Give the browser its tokens."""
        self._set(response, self.access_name, tokens.access_token, "/", tokens.expires_in_seconds)
        seconds = self.settings.session_seconds
        self._set(response, self.refresh_name, tokens.refresh_token, _REFRESH_PATH, seconds)

    def clear(self, response: Response) -> None:
        """Take them away."""
        self._set(response, self.access_name, "", "/", 0)
        self._set(response, self.refresh_name, "", _REFRESH_PATH, 0)

    def _set(self, response: Response, name: str, value: str, path: str, seconds: int) -> None:
        response.set_cookie(
            name, value, max_age=seconds, path=path, secure=self.secure, httponly=True, samesite="strict"
        )
