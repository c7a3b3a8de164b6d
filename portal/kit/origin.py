"""Where a browser's request comes from."""

from urllib.parse import urlsplit

from fastapi.requests import HTTPConnection

from opsconductor.errors import NotAllowedError


class CrossSiteRequestError(NotAllowedError):
    """A page of another site made this request."""

    def __init__(self) -> None:
        super().__init__("requests from pages of other sites are refused")


def refuse_cross_site(connection: HTTPConnection, method: str, own_address: str) -> None:
    """Refuse what a page of another site made a browser send along with our cookie.

    `Sec-Fetch-Site` decides where the browser sends it (Fetch Metadata), `Origin` (RFC 6454) otherwise.

    Raises:
        CrossSiteRequestError: It comes from elsewhere, or an unsafe request does not say where from.
    """
    site = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin")
    if site is not None:
        trusted = site in ("same-origin", "none")
    elif origin is not None:
        trusted = origin in (_origin(own_address), f"{connection.url.scheme}://{connection.headers.get('host')}")
    else:
        trusted = method in ("GET", "HEAD")
    if not trusted:
        raise CrossSiteRequestError


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
