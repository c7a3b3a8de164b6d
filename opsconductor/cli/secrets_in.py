"""Secrets as they come in on the command line: from files or a prompt, never as arguments."""

import getpass
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from opsconductor.errors import InvalidInputError, Problem

from .lookup import given, read_text, secret_line

Kind = Literal[
    "ssh_password", "ssh_key", "winrm", "bearer_token", "api_key", "http_basic", "certificate", "secret_text"
]
_TAKES: Mapping[str, tuple[str, ...]] = {
    "ssh_password": ("username", "password", "sudo_password"),
    "ssh_key": ("username", "private_key", "passphrase", "certificate", "sudo_password"),
    "winrm": ("username", "authentication", "domain", "password", "certificate", "private_key", "passphrase"),
    "bearer_token": ("token",),
    "api_key": ("key", "header", "prefix"),
    "http_basic": ("username", "password"),
    "certificate": ("certificate", "chain", "private_key", "passphrase"),
    "secret_text": ("text",),
}
_ASKED_FOR = {"password": "Password", "token": "Token", "key": "Key", "text": "Secret text"}
_WHOLE_FILES = frozenset({"key_file", "certificate_file", "chain_file", "text_file"})
_FILE_FIELDS = {
    "key_file": "private_key", "certificate_file": "certificate", "chain_file": "chain", "text_file": "text",
    "password_file": "password", "passphrase_file": "passphrase", "sudo_password_file": "sudo_password",
    "token_file": "token", "api_key_file": "key",
}  # fmt: skip


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class SecretOptions:
    """What a secret is made of. The kind is told by the options, unless --kind says it."""

    kind: Annotated[Kind | None, Parameter(help="Kind of credential, where the other options do not tell it.")] = None
    username: Annotated[str | None, Parameter(name=["--username", "-u"], help="Login name.")] = None
    key_file: Annotated[Path | None, Parameter(help="Private key: of SSH, or of a certificate.")] = None
    password_file: Annotated[Path | None, Parameter(help="File whose first line is the password.")] = None
    passphrase_file: Annotated[Path | None, Parameter(help="File whose first line is the key's passphrase.")] = None
    sudo_password_file: Annotated[Path | None, Parameter(help="File whose first line is the password for sudo.")] = None
    certificate_file: Annotated[Path | None, Parameter(help="Certificate: in PEM form, or OpenSSH's -cert.pub.")] = None
    chain_file: Annotated[Path | None, Parameter(help="The certificates above it, in PEM form.")] = None
    token_file: Annotated[Path | None, Parameter(help="File whose first line is a bearer token.")] = None
    api_key_file: Annotated[Path | None, Parameter(help="File whose first line is an API key.")] = None
    header: Annotated[str | None, Parameter(help="Header of an API key; X-API-Key when absent.")] = None
    prefix: Annotated[str | None, Parameter(help="What stands before an API key, such as Token.")] = None
    authentication: Annotated[
        Literal["ntlm", "kerberos", "basic", "certificate"] | None, Parameter(help="Of WinRM; ntlm when absent.")
    ] = None
    domain: Annotated[str | None, Parameter(help="Windows domain or Kerberos realm.")] = None
    text_file: Annotated[Path | None, Parameter(help="File that holds a secret text for a job's parameter.")] = None

    def secret(self, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The secret as the API takes it.

        Args:
            known: The credential that gets it, where it exists: what it shows serves where nothing else is typed.

        Raises:
            InvalidInputError: Options do not go together, or what is needed is missing.
        """
        kind = self.kind or (known["kind"] if known else self._told_kind())
        typed = self._typed()
        takes = _TAKES[kind]
        useless = [option for option, field in typed.items() if field not in takes]
        if useless:
            raise InvalidInputError([Problem(option, f"is of no use for a {kind}") for option in useless])
        shown = {"username": known["username"] or None, **known["details"]} if known else {}
        values = {name: shown.get(name) for name in takes if name in _SHOWN} | self._values()
        if "username" in takes and kind != "winrm" and not values.get("username"):
            raise InvalidInputError([Problem("--username", f"is needed for a {kind}")])
        return given(kind=kind, **values, **_asked(kind, values))

    def _told_kind(self) -> Kind:
        if self.token_file or self.api_key_file:
            return "bearer_token" if self.token_file else "api_key"
        if self.text_file:
            return "secret_text"
        if self.authentication or self.domain:
            return "winrm"
        if self.certificate_file and not self.username:
            return "certificate"
        return "ssh_key" if self.key_file else "ssh_password"

    def _typed(self) -> dict[str, str]:
        """Option → field, of what was typed."""
        names = [item.name for item in fields(self) if item.name != "kind" and getattr(self, item.name) is not None]
        return {f"--{name.replace('_', '-')}": _FILE_FIELDS.get(name, name) for name in names}

    def _values(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if value is None or item.name == "kind":
                continue
            if isinstance(value, Path):
                text = read_text(value) if item.name in _WHOLE_FILES else secret_line(value)
                value = text.rstrip("\n") if item.name == "text_file" else text
            found[_FILE_FIELDS.get(item.name, item.name)] = value
        return found


_SHOWN = frozenset({"username", "authentication", "domain", "header", "prefix"})


def _asked(kind: str, values: Mapping[str, Any]) -> dict[str, str]:
    """The one secret that can be typed, when it was not given."""
    if values.get("authentication") == "certificate":
        return {}
    wanted = next((name for name in _ASKED_FOR if name in _TAKES[kind]), None)
    if wanted is None or values.get(wanted):
        return {}
    if not sys.stdin.isatty():
        option = next(option for option, field in _FILE_FIELDS.items() if field == wanted)
        raise InvalidInputError([Problem(wanted, "is needed", f"give it with --{option.replace('_', '-')} FILE")])
    whose = f" of {values['username']}" if values.get("username") else ""
    return {wanted: getpass.getpass(f"{_ASKED_FOR[wanted]}{whose}: ")}
