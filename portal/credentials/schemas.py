"""Bodies of the credentials endpoints. No secret stands in what is answered, but for the one that is revealed."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from portal.kit.text import Line, RequestModel, formed
from portal.kit.times import Moment

from .secret_schemas import CredentialSecretIn

Kind = Literal[
    "ssh_password", "ssh_key", "winrm", "bearer_token", "api_key", "http_basic", "certificate", "secret_text"
]
CredentialName = Annotated[
    str,
    formed(
        r"^[A-Za-z0-9][A-Za-z0-9_.@/-]{0,199}$",
        "up to 200 letters a-z, digits and _.@/- without spaces, the first a letter or digit",
    ),
]
SelectorText = Annotated[Line, StringConstraints(min_length=1)]

_FROM = Field(default=None, description="No run uses it before; a certificate brings its own.")
_UNTIL = Field(default=None, description="No run uses it afterwards; a certificate brings its own.")
_ROTATION = Field(default=None, description="When it should get a new secret; it goes on to work.")
_ALLOWED = Field(
    default=None, description="A selector, such as `group:web`: the only targets it may be used on; absent: all."
)


class CredentialCreate(RequestModel):
    """A new credential."""

    name: CredentialName
    description: Line = ""
    secret: CredentialSecretIn
    valid_from: Moment | None = _FROM
    valid_until: Moment | None = _UNTIL
    next_rotation_date: date | None = _ROTATION
    allowed_targets: SelectorText | None = _ALLOWED


class CredentialUpdate(RequestModel):
    """What to change; what is absent stays, and null takes a date or a limit away."""

    name: CredentialName | None = None
    description: Line | None = None
    valid_from: Moment | None = _FROM
    valid_until: Moment | None = _UNTIL
    next_rotation_date: date | None = _ROTATION
    allowed_targets: SelectorText | None = _ALLOWED


class CredentialRotate(RequestModel):
    """A new secret: a new version of the credential."""

    secret: CredentialSecretIn
    valid_from: Moment | None = _FROM
    valid_until: Moment | None = _UNTIL
    next_rotation_date: date | None = _ROTATION


class CredentialRead(BaseModel):
    """A credential without its secret."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    kind: str
    username: str
    description: str
    details: dict[str, str] = Field(description="What may be shown, such as domain, header or fingerprint of the key.")
    version: int
    valid_from: datetime | None
    valid_until: datetime | None
    dated_by_certificate: bool = Field(description="Whether both times are those of its certificate.")
    next_rotation_date: date | None
    allowed_targets: str | None
    valid: bool = Field(default=True, description="Whether runs may use it now.")
    expires_in_days: int | None = Field(default=None, description="Whole days; negative when it has expired.")
    rotation_due: bool = Field(default=False, description="Whether the day of its next rotation has come.")
    created_at: datetime
    updated_at: datetime
    rotated_at: datetime
    last_used_at: datetime | None
    used_by: list[str] = Field(default_factory=list, description="The first targets that sign in with it.")


class RevealRequest(RequestModel):
    """Why somebody must see a secret."""

    reason: Annotated[Line, StringConstraints(strip_whitespace=True, min_length=5)] = Field(
        description="Goes on record, with who asked."
    )


class RevealRead(BaseModel):
    """A secret in clear. Nothing keeps this response."""

    name: str
    kind: str
    version: int
    fields: dict[str, str]


class AccessRead(BaseModel):
    """One use of a secret."""

    at: datetime
    event: str = Field(description="credential.used, credential.revealed or credential.tested.")
    by: str
    source: str
    run_id: UUID | None = None
    job: str | None = None
    targets: int | None = Field(default=None, description="How many targets of the run sign in with it.")
    version: int | None = None
    reason: str | None = None


class UseRead(BaseModel):
    """One thing that a credential is used by."""

    id: UUID
    name: str


class UsesRead(BaseModel):
    """What uses a credential in one way."""

    total: int
    items: list[UseRead] = Field(description="The first ones that the asking user may see.")


class CredentialUsesRead(BaseModel):
    """Everything that uses a credential."""

    targets: UsesRead = Field(description="Targets that it is the own credential of.")
    services: UsesRead = Field(description="Targets that have a service with it.")
    groups: UsesRead = Field(description="Groups whose targets sign in with it when they have none of their own.")
    jobs: UsesRead = Field(description="Jobs whose targets sign in with it when their groups have none either.")
    parameters: UsesRead = Field(description="Jobs a parameter of which is filled from it when a run names no other.")


class CredentialExport(BaseModel):
    """A credential as an export holds it: everything but the secret."""

    model_config = ConfigDict(from_attributes=True)
    name: str
    kind: str
    username: str
    description: str
    details: dict[str, str]
    valid_from: datetime | None
    valid_until: datetime | None
    next_rotation_date: date | None
    allowed_targets: str | None


class CredentialsExport(BaseModel):
    """All credentials that the asking user may see, without their secrets."""

    exported_at: datetime
    credentials: list[CredentialExport]
