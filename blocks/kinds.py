"""The kinds of credentials: which fields each has, and what it opens to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from opsconductor.errors import InvalidInputError, Problem
from opsconductor.sdk.credential import (
    APIKey,
    BearerToken,
    ClientCertificate,
    Credential,
    HTTPLogin,
    Secret,
    SSHLogin,
    WinRMLogin,
)

from . import checks
from .certificates import Validity
from .fields import Field, header_name, header_value, login_name, one_line, one_word, without_colon

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of credential.

    Attributes:
        name: As the API says it.
        slug: Of its block type; never changed.
        fields: What it is made of.
        opens: Makes the opened value, from fields that were checked.
        check: What is wrong between the fields; none of them is missing, empty or wrong by itself.
        facts: What may be shown of it besides its shown fields.
        validity: When it is good, where its certificate says so.
    """

    name: str
    slug: str
    fields: tuple[Field, ...]
    opens: Callable[[Values], Credential]
    check: Callable[[Values], list[Problem]] = checks.nothing
    facts: Callable[[Values], dict[str, str]] = checks.no_facts
    validity: Callable[[Values], Validity | None] = checks.no_validity

    @property
    def shown(self) -> tuple[str, ...]:
        """Names of the fields that a block shows."""
        return tuple(field.name for field in self.fields if field.shown)


def _hidden(values: Values, *names: str) -> dict[str, Secret | None]:
    return {name: Secret(values[name]) if name in values else None for name in names}


def _ssh_login(values: Values) -> SSHLogin:
    hidden = _hidden(values, "password", "private_key", "passphrase", "sudo_password")
    return SSHLogin(values["username"], **hidden, certificate=values.get("certificate"))


def _winrm_login(values: Values) -> WinRMLogin:
    return WinRMLogin(
        values.get("username", ""),
        checks.authentication(values),
        values.get("domain", ""),
        certificate=values.get("certificate"),
        **_hidden(values, "password", "private_key", "passphrase"),
    )


def _client_certificate(values: Values) -> ClientCertificate:
    passphrase = _hidden(values, "passphrase")["passphrase"]
    key = Secret(values["private_key"])
    return ClientCertificate(values["certificate"], key, values.get("chain", ""), passphrase)


_USERNAME = Field("username", required=True, shown=True, checks=(login_name,))
_PASSWORD = Field("password", required=True, checks=(one_line,))
_PRIVATE_KEY = Field("private_key", required=True)
_PASSPHRASE = Field("passphrase", checks=(one_line,))
_SUDO_PASSWORD = Field("sudo_password", checks=(one_line,))

SSH_PASSWORD = Kind(
    "ssh_password", "opsconductor-ssh-password-credential", (_USERNAME, _PASSWORD, _SUDO_PASSWORD), _ssh_login
)
SSH_KEY = Kind(
    "ssh_key",
    "opsconductor-ssh-key-credential",
    (_USERNAME, _PRIVATE_KEY, _PASSPHRASE, _SUDO_PASSWORD, Field("certificate")),
    _ssh_login,
    checks.ssh_key,
    checks.ssh_key_facts,
    checks.ssh_key_validity,
)
WINRM = Kind(
    "winrm",
    "opsconductor-winrm-credential",
    (
        Field("username", shown=True, checks=(login_name,)),
        Field("authentication", shown=True),
        Field("domain", shown=True, checks=(login_name, one_word)),
        Field("password", checks=(one_line,)),
        Field("certificate"),
        Field("private_key"),
        _PASSPHRASE,
    ),
    _winrm_login,
    checks.winrm,
    checks.winrm_facts,
    checks.winrm_validity,
)
BEARER_TOKEN = Kind(
    "bearer_token",
    "opsconductor-bearer-token-credential",
    (Field("token", required=True, checks=(header_value, one_word)),),
    lambda values: BearerToken(Secret(values["token"])),
)
API_KEY = Kind(
    "api_key",
    "opsconductor-api-key-credential",
    (
        Field("header", required=True, shown=True, checks=(header_name,)),
        Field("prefix", shown=True, checks=(header_value,)),
        Field("key", required=True, checks=(header_value,)),
    ),
    lambda values: APIKey(Secret(values["key"]), values["header"], values.get("prefix", "")),
)
HTTP_BASIC = Kind(
    "http_basic",
    "opsconductor-http-basic-credential",
    (Field("username", required=True, shown=True, checks=(login_name, without_colon)), _PASSWORD),
    lambda values: HTTPLogin(values["username"], Secret(values["password"])),
)
CERTIFICATE = Kind(
    "certificate",
    "opsconductor-certificate-credential",
    (Field("certificate", required=True), Field("chain"), _PRIVATE_KEY, _PASSPHRASE),
    _client_certificate,
    checks.certificate,
    checks.certificate_facts,
    checks.certificate_validity,
)
SECRET_TEXT = Kind(
    "secret_text",
    "opsconductor-secret-text",
    (Field("text", required=True),),
    lambda values: Secret(values["text"]),
)
KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (SSH_PASSWORD, SSH_KEY, WINRM, BEARER_TOKEN, API_KEY, HTTP_BASIC, CERTIFICATE, SECRET_TEXT)
}


def checked(kind: Kind, given: Values) -> dict[str, str]:
    """Check the fields of a new credential; gives those that are there, keys and certificates with plain line ends.

    Raises:
        InvalidInputError: Names every field that is wrong; shows none.
    """
    values = {name: checks.normalized(name, value) for name, value in given.items() if value != ""}
    known = {field.name: field for field in kind.fields}
    problems = [
        Problem(field.name, "is missing") for field in kind.fields if field.required and field.name not in values
    ]
    problems += [Problem(name, f"a {kind.name} has no such field") for name in sorted(values.keys() - known.keys())]
    problems += [found for name in values.keys() & known.keys() for found in known[name].problems(values[name])]
    problems = problems or kind.check(values)
    if problems:
        raise InvalidInputError(problems)
    return values
