"""Which version of a thing a request was made for: `If-Match` and `ETag` (RFC 9110, section 13)."""

import re
from typing import Annotated, Protocol, TypeVar

from fastapi import Depends, Header, Response

from opsconductor.errors import InvalidInputError, Problem


class Versioned(Protocol):
    """What has versions."""

    @property
    def version(self) -> int: ...


DetailT = TypeVar("DetailT", bound=Versioned)
_VERSION = re.compile(r'"([1-9][0-9]{0,8})"')


def get_expected_version(
    if_match: Annotated[
        str | None, Header(description='Refuse when the job is at another version: `"3"`, as `ETag` said.')
    ] = None,
) -> int | None:
    """The version that a change is made for, if the request says one.

    Raises:
        InvalidInputError: The header names no version of ours.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    match = _VERSION.fullmatch(if_match.strip())
    if match is None:
        hint = 'write the version in quotes, such as `"3"`'
        raise InvalidInputError([Problem("If-Match", "is no version", hint)])
    return int(match[1])


ExpectedVersionDep = Annotated[int | None, Depends(get_expected_version)]


def tagged(response: Response, detail: DetailT) -> DetailT:
    """What is answered, with its version in the response's `ETag`."""
    response.headers["ETag"] = f'"{detail.version}"'
    return detail
