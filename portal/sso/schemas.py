"""Bodies of the single sign-on endpoints."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, SecretStr, StringConstraints

from portal.kit.text import RequestModel

from .claims import Subject

NextPath = Annotated[str, StringConstraints(max_length=500, pattern=r"^/(?:[A-Za-z0-9_.~-][^\\\x00-\x20\x7f]*)?$")]
"""A path of this portal: `//host` and the like lead elsewhere."""
S256 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
Port = Annotated[int, Field(ge=1024, le=65535)]


class SsoRead(BaseModel):
    """Whether there is single sign-on."""

    enabled: bool
    issuer: str | None


class SsoExchange(RequestModel):
    """A one-time code, and the secret of the command line that asked for it."""

    code: SecretStr = Field(max_length=200)
    verifier: SecretStr = Field(max_length=200)


class SsoLink(RequestModel):
    """Who a user is at the provider."""

    subject: Subject


class SsoIdentityRead(BaseModel):
    """An account that a user signs in with."""

    id: UUID
    issuer: str
    subject: str
    created_at: datetime
    last_login_at: datetime | None
