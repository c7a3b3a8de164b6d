"""The kinds of credentials: which fields each has, and what it opens to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from opsconductor.errors import InvalidInputError, Problem
from opsconductor.sdk.credential import Secret, SSHLogin

from .private_key import check_private_key, normalized

Opened = SSHLogin | Secret
_MAX_USERNAME = 256
_MAX_SECRET_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of credential.

    Attributes:
        name: As the API says it.
        slug: Of its block type; never changed.
        required: Secret fields it must have.
        optional: Secret fields it may have.
        has_username: Whether it has a user name.
        opens: Makes the opened value, from user name and secret fields.
    """

    name: str
    slug: str
    required: frozenset[str]
    optional: frozenset[str]
    has_username: bool
    opens: Callable[[str, Mapping[str, str]], Opened]


def _login(username: str, values: Mapping[str, str]) -> SSHLogin:
    return SSHLogin(username, **{name: Secret(value) for name, value in values.items()})


def _text(username: str, values: Mapping[str, str]) -> Secret:
    return Secret(values["text"])


SSH_PASSWORD = Kind(
    "ssh_password",
    "opsconductor-ssh-password-credential",
    frozenset({"password"}),
    frozenset({"sudo_password"}),
    has_username=True,
    opens=_login,
)
SSH_KEY = Kind(
    "ssh_key",
    "opsconductor-ssh-key-credential",
    frozenset({"private_key"}),
    frozenset({"passphrase", "sudo_password"}),
    has_username=True,
    opens=_login,
)
SECRET_TEXT = Kind(
    "secret_text", "opsconductor-secret-text", frozenset({"text"}), frozenset(), has_username=False, opens=_text
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (SSH_PASSWORD, SSH_KEY, SECRET_TEXT)}


def checked(kind: Kind, fields: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Check the fields of a new credential; gives user name and secret values.

    Raises:
        InvalidInputError: Names every field that is wrong; shows none.
    """
    given = {name: value for name, value in fields.items() if value != ""}
    username = given.pop("username", "")
    problems = [*_username_problems(kind, username)]
    problems += [Problem(name, "is missing") for name in sorted(kind.required - given.keys())]
    problems += [Problem(name, f"a {kind.name} has no such field") for name in sorted(given.keys() - _known(kind))]
    problems += [problem for name, value in given.items() for problem in _secret_problems(name, value)]
    if not problems and kind is SSH_KEY:
        given["private_key"] = normalized(given["private_key"])
        problems += check_private_key(given["private_key"], given.get("passphrase"))
    if problems:
        raise InvalidInputError(problems)
    return username, given


def _known(kind: Kind) -> frozenset[str]:
    return kind.required | kind.optional


def _username_problems(kind: Kind, username: str) -> list[Problem]:
    if not kind.has_username:
        return [Problem("username", f"a {kind.name} has no user name")] if username else []
    if not username:
        return [Problem("username", "is missing")]
    if len(username) > _MAX_USERNAME or not username.isprintable():
        return [Problem("username", f"holds control characters, or more than {_MAX_USERNAME} characters")]
    return []


def _secret_problems(name: str, value: str) -> list[Problem]:
    try:
        length = len(value.encode())
    except UnicodeEncodeError:
        return [Problem(name, "holds half a character (a lone surrogate)")]
    if length > _MAX_SECRET_BYTES:
        return [Problem(name, f"is longer than {_MAX_SECRET_BYTES:,} bytes")]
    if "\0" in value:
        return [Problem(name, "holds a NUL character")]
    if name in {"password", "sudo_password", "passphrase"} and {"\n", "\r"} & set(value):
        return [Problem(name, "holds a line break, which no prompt would take", "copy it without the line end")]
    return []
