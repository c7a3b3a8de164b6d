"""Bodies of the targets endpoints."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    model_validator,
)

from portal.kit.text import Label, Line, RequestModel, formed

from .address import valid_address, valid_encoding, valid_host_key
from .service_types import DEFAULT_PORTS, ENCRYPTED, ServiceType

Platform = Literal["linux", "windows", "unix", "macos", "other"]
TargetName = Annotated[
    str,
    formed(
        r"^[A-Za-z0-9][A-Za-z0-9_.@-]{0,199}$",
        "up to 200 letters a-z, digits and _.@- without spaces, the first a letter or digit",
    ),
]
Address = Annotated[str, AfterValidator(valid_address), StringConstraints(max_length=255)]
Port = Annotated[StrictInt, Field(ge=1, le=65535)]
HostKey = Annotated[str, AfterValidator(valid_host_key), StringConstraints(max_length=10_000)]
Zone = Annotated[
    str,
    formed(
        r"^([A-Za-z0-9][A-Za-z0-9_.@/-]{0,99})?$",
        "up to 100 letters a-z, digits and _.@/- without spaces, the first a letter or digit; or nothing",
    ),
]
Encoding = Annotated[str, AfterValidator(valid_encoding), StringConstraints(max_length=40)]

_VARIABLE = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")


def _identifiers(variables: dict[str, Any]) -> dict[str, Any]:
    for name in variables:
        if not _VARIABLE.match(name):
            raise ValueError("names of variables must be identifiers: letters, digits and _")
    return variables


def unique(values: list[str]) -> list[str]:
    """Each once, in the order they came."""
    return list(dict.fromkeys(values))


Labels = Annotated[list[Label], Field(max_length=200), AfterValidator(unique)]
Variables = Annotated[dict[str, Any], Field(max_length=500), AfterValidator(_identifiers)]
HostKeys = Annotated[list[HostKey], Field(max_length=20), AfterValidator(unique)]


ServiceStatus = Literal["unknown", "connected", "failed", "timeout"]


class ServiceWrite(RequestModel):
    """Something that a target offers on a port."""

    type: ServiceType
    port: Port = Field(default=0, description="The usual port of the type when absent; `custom` has none.")
    credential: Line | None = Field(default=None, description="Name of the credential that signs in to it.")
    secure: StrictBool = Field(default=False, description="Whether it is encrypted; as usual for the type when absent.")
    enabled: StrictBool = True

    @model_validator(mode="after")
    def _fill(self) -> Self:
        if "port" not in self.model_fields_set:
            if self.type not in DEFAULT_PORTS:
                raise ValueError("a custom service needs its port")
            self.port = DEFAULT_PORTS[self.type]
        if "secure" not in self.model_fields_set:
            self.secure = self.type in ENCRYPTED
        return self


def _once(services: list[ServiceWrite]) -> list[ServiceWrite]:
    if len({(service.type, service.port) for service in services}) < len(services):
        raise ValueError("the same type is on the same port twice")
    return services


Services = Annotated[list[ServiceWrite], Field(max_length=100), AfterValidator(_once)]


class TargetCreate(RequestModel):
    """A new target."""

    name: TargetName
    address: Address
    port: Port = 22
    platform: Platform = "linux"
    os_version: Line = ""
    zone: Zone = ""
    description: Line = ""
    tags: Labels = Field(default_factory=list)
    groups: Labels = Field(
        default_factory=list, description="Names of groups to put it into; a new name makes a group."
    )
    variables: Variables = Field(default_factory=dict)
    credential: Line | None = Field(default=None, description="Name of the credential that signs in.")
    host_keys: HostKeys = Field(
        default_factory=list,
        description="OpenSSH public keys the host may show; empty: the first one it shows is kept.",
    )
    encoding: Encoding = "utf-8"
    services: Services = Field(default_factory=list[ServiceWrite])


class TargetUpdate(RequestModel):
    """What to change; what is absent stays."""

    name: TargetName | None = None
    address: Address | None = None
    port: Port | None = None
    platform: Platform | None = None
    os_version: Line | None = None
    zone: Zone | None = None
    description: Line | None = None
    tags: Labels | None = None
    groups: Labels | None = Field(default=None, description="The groups to put it into, in place of those now.")
    variables: Variables | None = None
    credential: Line | None = Field(default=None, description="Name of a credential; null takes it away.")
    host_keys: HostKeys | None = None
    encoding: Encoding | None = None
    services: Services | None = Field(default=None, description="All of them; a repeated one keeps its status.")
    force: StrictBool = Field(default=False, description="Rename it although selectors name it.")


class ServiceRead(BaseModel):
    """Something that a target offers on a port, and what the last check found."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    type: str
    port: int
    credential: str | None = None
    secure: bool
    enabled: bool
    status: ServiceStatus
    checked_at: datetime | None


class TargetRead(BaseModel):
    """A target."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    address: str
    port: int
    platform: str
    os_version: str
    zone: str
    description: str
    tags: list[str]
    groups: list[str] = Field(
        description="Every group it is in: put there, picked by a selector, or above one of those."
    )
    variables: dict[str, Any]
    credential: str | None = None
    host_keys: list[str]
    encoding: str
    services: list[ServiceRead] = []
    health: str = Field(default="unknown", description="What its last health check said.")
    created_at: datetime
    updated_at: datetime


class HostKeyAccept(RequestModel):
    """A host key to keep from now on, in place of those recorded."""

    host_key: HostKey | None = Field(default=None, description="The new key; absent: the next one the host shows.")


class SelectorPreview(RequestModel):
    """A selector to try."""

    select: Annotated[str, StringConstraints(max_length=4000)]


class SelectedTarget(BaseModel):
    """A target that a selector picks."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    address: str
    port: int


class DroppedTarget(BaseModel):
    """A target left out because another one is the same host with the same login."""

    name: str
    same_as: str


class PreviewRead(BaseModel):
    """What a run with this selector would run on."""

    total: int
    targets: list[SelectedTarget]
    dropped: list[DroppedTarget]
