"""Who is at the other end: what a sign-in remembers of it."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection

from portal.audit.log import source_address

_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Client:
    """The program that signs in.

    Attributes:
        source: Address it comes from.
        user_agent: What it calls itself; a claim, for people to read.
    """

    source: str
    user_agent: str = ""


def get_client(connection: HTTPConnection) -> Client:
    """The program that makes the request."""
    said = _UNPRINTABLE.sub(" ", connection.headers.get("user-agent", ""))
    return Client(source_address(connection), said.strip()[:_LONGEST])


ClientDep = Annotated[Client, Depends(get_client)]
