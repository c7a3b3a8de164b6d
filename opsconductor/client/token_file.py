"""API tokens in files, so that they stand in no command line and no environment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from opsconductor.errors import InvalidInputError, Problem

_TOKEN_PREFIX: Final = "opsc_"  # noqa: S105 (how every token begins)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """An API token, as `opsconductor token create --file` writes it.

    Attributes:
        token: The bearer token.
        url: Address of its portal; None when the file does not say.
    """

    token: str
    url: str | None

    @classmethod
    def parse(cls, text: str) -> "ApiToken | None":
        """What a file holds: the token in its first line, perhaps the address in its second; None if it is none."""
        first, *more = [line.strip() for line in text.splitlines()] or [""]
        return cls(first, more[0] if more and more[0] else None) if first.startswith(_TOKEN_PREFIX) else None


def read_token_file(file: Path, url: str | None = None) -> tuple[str, str]:
    """Address and token for a program that has an API token.

    Args:
        file: Holds the token.
        url: Address of the portal; what the file says when absent.

    Raises:
        InvalidInputError: The file holds no API token, or no address is known.
    """
    found = ApiToken.parse(file.read_text())
    if found is None:
        raise InvalidInputError([Problem(str(file), "holds no API token", "make one: opsconductor token create")])
    address = url or found.url
    if address is None:
        raise InvalidInputError([Problem("url", f"is needed: {file} does not say where the portal is")])
    return address, found.token
