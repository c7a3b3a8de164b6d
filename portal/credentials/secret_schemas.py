"""Secrets as requests bring them, a class for each kind. They go in and never come out."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from portal.kit.text import Line, RequestModel

Username = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f\x7f-][^\s\x00-\x1f\x7f]{0,199}$")]
WindowsUsername = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,256}$")]
Domain = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f\x7f]{1,255}$")]
PublicText = Annotated[str, StringConstraints(min_length=1, max_length=100_000)]


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
    private_key: KeyText = Field(description="In OpenSSH or PEM form: Ed25519, ECDSA or RSA.")
    passphrase: Password | None = None
    certificate: PublicText | None = Field(
        default=None, description="OpenSSH user certificate of the key: the text of the file that ends in -cert.pub."
    )
    sudo_password: Password | None = None


class WinRMSecret(RequestModel):
    """A login on a Windows host: a password, or a client certificate."""

    kind: Literal["winrm"]
    authentication: Literal["ntlm", "kerberos", "basic", "certificate"] = Field(
        default="ntlm", description="basic and certificate work over TLS only."
    )
    username: WindowsUsername | None = None
    domain: Domain | None = Field(default=None, description="Windows domain, or Kerberos realm.")
    password: Password | None = None
    certificate: PublicText | None = Field(default=None, description="Client certificate in PEM form.")
    private_key: KeyText | None = Field(default=None, description="The certificate's private key in PEM form.")
    passphrase: Password | None = None


class BearerTokenSecret(RequestModel):
    """A token for `Authorization: Bearer`."""

    kind: Literal["bearer_token"]
    token: KeyText = Field(description="Without the word Bearer.")


class APIKeySecret(RequestModel):
    """A key that goes into a header of each request."""

    kind: Literal["api_key"]
    key: KeyText
    header: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(
        default="X-API-Key", description="Name of the header."
    )
    prefix: Line | None = Field(default=None, description="What stands before the key, such as Token.")


class HTTPBasicSecret(RequestModel):
    """User name and password for HTTP."""

    kind: Literal["http_basic"]
    username: Annotated[str, StringConstraints(pattern=r"^[^:\x00-\x1f\x7f]{1,256}$")]
    password: Password


class CertificateSecret(RequestModel):
    """An X.509 certificate with its private key."""

    kind: Literal["certificate"]
    certificate: PublicText = Field(description="In PEM form.")
    chain: PublicText | None = Field(default=None, description="The certificates above it, in PEM form.")
    private_key: KeyText = Field(description="In PEM form.")
    passphrase: Password | None = None


class TextSecret(RequestModel):
    """A text for a job's secret parameter."""

    kind: Literal["secret_text"]
    text: KeyText


CredentialSecretIn = Annotated[
    SSHPasswordSecret
    | SSHKeySecret
    | WinRMSecret
    | BearerTokenSecret
    | APIKeySecret
    | HTTPBasicSecret
    | CertificateSecret
    | TextSecret,
    Field(discriminator="kind"),
]


def in_clear(secret: CredentialSecretIn) -> dict[str, str]:
    """The fields of a secret as `blocks` seals them; what is absent is left out."""
    values = {name: getattr(secret, name) for name in type(secret).model_fields if name != "kind"}
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in values.items()
        if value is not None
    }
