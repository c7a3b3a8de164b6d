"""Opened credentials: values that do their work without ever showing themselves."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Literal, NoReturn, final


@final
class Secret:
    """A secret text that hides from repr, str, format, JSON and pickle.

    Only `reveal()` gives the text; a search for that word finds every use.
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """The secret itself, for the protocol that needs it."""
        return self.__text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.__text

    def __hash__(self) -> int:
        return hash(self.__text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema  # only where pydantic is in use

        return core_schema.is_instance_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "format": "opsconductor-credential"}


@dataclass(frozen=True, slots=True)
class SSHLogin:
    """What an SSH server asks for.

    Attributes:
        username: Login name on the target.
        password: Password, offered only to a host whose key is known.
        private_key: OpenSSH or PEM text of the private key.
        passphrase: Passphrase of the private key.
        sudo_password: Password for sudo; the login password serves when absent.
        certificate: OpenSSH user certificate of the private key (`ssh-ed25519-cert-v01@openssh.com AAAA…`); no secret.
    """

    username: str
    password: Secret | None = None
    private_key: Secret | None = None
    passphrase: Secret | None = None
    sudo_password: Secret | None = None
    certificate: str | None = None


WinRMAuthentication = Literal["ntlm", "kerberos", "basic", "certificate"]
"""How a Windows host asks who is there; `basic` and `certificate` over TLS only."""


@dataclass(frozen=True, slots=True)
class WinRMLogin:
    """What a Windows host asks for over WinRM.

    Attributes:
        username: Login name; empty where the certificate says who it is.
        authentication: How to sign in.
        domain: Windows domain or Kerberos realm; empty for accounts of the host itself.
        password: Password, for all but certificates.
        certificate: PEM text of the client certificate; no secret.
        private_key: PEM text of the certificate's private key.
        passphrase: Passphrase of the private key.
    """

    username: str
    authentication: WinRMAuthentication = "ntlm"
    domain: str = ""
    password: Secret | None = None
    certificate: str | None = None
    private_key: Secret | None = None
    passphrase: Secret | None = None


@dataclass(frozen=True, slots=True)
class BearerToken:
    """A token for `Authorization: Bearer` (RFC 6750).

    Attributes:
        token: The token, without `Bearer`.
    """

    token: Secret


@dataclass(frozen=True, slots=True)
class APIKey:
    """A key that goes into a header of each request.

    Attributes:
        key: The key.
        header: Name of the header.
        prefix: What stands before the key, such as `Token`; empty for nothing.
    """

    key: Secret
    header: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class HTTPLogin:
    """User name and password for HTTP's basic and digest schemes (RFC 7617, RFC 7616).

    Attributes:
        username: Login name, without a colon.
        password: Password.
    """

    username: str
    password: Secret


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """An X.509 certificate with its private key, for TLS.

    Attributes:
        certificate: PEM text of the certificate.
        private_key: PEM text of its private key.
        chain: PEM texts of the certificates above it; empty when there are none.
        passphrase: Passphrase of the private key.
    """

    certificate: str
    private_key: Secret
    chain: str = ""
    passphrase: Secret | None = None


Credential = SSHLogin | WinRMLogin | BearerToken | APIKey | HTTPLogin | ClientCertificate | Secret
"""An opened credential of any kind."""


def secrets_of(credential: Credential) -> Iterator[Secret]:
    """Everything of a credential that must never be shown."""
    if isinstance(credential, Secret):
        yield credential
        return
    values = (getattr(credential, item.name) for item in fields(credential))
    yield from (value for value in values if isinstance(value, Secret))
