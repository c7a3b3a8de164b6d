"""Bodies of the credentials endpoints. What goes in never comes out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from portal.kit.text import Line, RequestModel

Kind = Literal["ssh_password", "ssh_key", "secret_text"]
CredentialName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@/-]{0,199}$")]
Username = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f\x7f-][^\s\x00-\x1f\x7f]{0,199}$")]


def _not_empty(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value():
        raise ValueError("must not be empty")
    if "\x00" in secret.get_secret_value():
        raise ValueError("must not hold a NUL character")
    return secret


Password = Annotated[SecretStr, Field(max_length=10_000), AfterValidator(_not_empty)]
KeyText = Annotated[SecretStr, Field(max_length=100_000), AfterValidator(_not_empty)]


class SSHPasswordSecret(RequestModel):
    """A login with a password."""

    kind: Literal["ssh_password"]
    username: Username
    password: Password
    sudo_password: Password | None = Field(default=None, description="For sudo; the password serves when absent.")


class SSHKeySecret(RequestModel):
    """A login with a private key."""

    kind: Literal["ssh_key"]
    username: Username
    private_key: KeyText = Field(description="In OpenSSH or PEM form.")
    passphrase: Password | None = None
    sudo_password: Password | None = None


class SecretText(RequestModel):
    """A text for a job's secret parameter."""

    kind: Literal["secret_text"]
    text: KeyText


CredentialSecretIn = Annotated[SSHPasswordSecret | SSHKeySecret | SecretText, Field(discriminator="kind")]


class CredentialCreate(RequestModel):
    """A new credential."""

    name: CredentialName
    description: Line = ""
    secret: CredentialSecretIn


class CredentialUpdate(RequestModel):
    """What to change; what is absent stays. A new secret is a new version."""

    name: CredentialName | None = None
    description: Line | None = None
    secret: CredentialSecretIn | None = None


class CredentialRead(BaseModel):
    """A credential without its secret."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    kind: str
    username: str
    description: str
    version: int
    created_at: datetime
    updated_at: datetime
    used_by: list[str] = Field(default_factory=list, description="The first targets that sign in with it.")
