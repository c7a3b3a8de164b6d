"""`opsconductor credential`: what targets are logged in to with. Secrets go in and never come out."""

import getpass
import sys
from pathlib import Path
from typing import Annotated, Any

import cyclopts
from cyclopts import Parameter

from opsconductor.errors import InvalidInputError, Problem

from .lookup import given, read_text, resolve, secret_line
from .output import JsonOption, console, print_json, print_list, print_record
from .session import portal

app = cyclopts.App(name="credential", help="What targets are logged in to with. Secrets go in and never come out.")

_COLUMNS = ("name", "kind", "username", "version", "used_by", "updated_at")

KeyOption = Annotated[Path | None, Parameter(help="Private key file: an SSH key credential.")]
PasswordOption = Annotated[
    Path | None, Parameter(help="File whose first line is the password; asked for when no key is given.")
]
PassphraseOption = Annotated[Path | None, Parameter(help="File whose first line is the key's passphrase.")]
SudoOption = Annotated[Path | None, Parameter(help="File whose first line is the password for sudo.")]
TextOption = Annotated[Path | None, Parameter(help="File that holds a secret text for a job's secret parameter.")]


@app.command(name="list")
def list_(search: str | None = None, *, json_: JsonOption = False) -> None:
    """List credentials, without their secrets.

    Args:
        search: Part of a name.
    """
    with portal() as client:
        found = client.pages("/credentials", q=search, size=500)
        empty = "No credentials yet. Add one: opsconductor credential add NAME --username USER --key-file FILE"
        print_list(found, _COLUMNS, as_json=json_, empty=empty)


@app.command
def show(name: str, *, json_: JsonOption = False) -> None:
    """Show one credential, without its secret.

    Args:
        name: Name or id.
    """
    with portal() as client:
        found = resolve(client, "/credentials", "credential", name)
    if json_:
        print_json(found)
    else:
        print_record(found)


@app.command
def add(
    name: str,
    *,
    username: Annotated[str | None, Parameter(name=["--username", "-u"], help="Login name.")] = None,
    key_file: KeyOption = None,
    password_file: PasswordOption = None,
    passphrase_file: PassphraseOption = None,
    sudo_password_file: SudoOption = None,
    text_file: TextOption = None,
    description: str | None = None,
) -> None:
    """Seal a new credential: an SSH key, an SSH password, or a secret text.

    Args:
        name: What people call it.
        description: What it is for.
    """
    secret = _secret(username, key_file, password_file, passphrase_file, sudo_password_file, text_file)
    with portal() as client:
        client.post("/credentials", given(name=name, description=description, secret=secret))
    console.print(f"Sealed {name}.", highlight=False)


@app.command
def rotate(
    name: str,
    *,
    username: Annotated[str | None, Parameter(name=["--username", "-u"], help="Login name.")] = None,
    key_file: KeyOption = None,
    password_file: PasswordOption = None,
    passphrase_file: PassphraseOption = None,
    sudo_password_file: SudoOption = None,
    text_file: TextOption = None,
) -> None:
    """Give a credential a new secret. Runs that have started keep the one that they started with.

    Args:
        name: Name or id.
    """
    with portal() as client:
        found = resolve(client, "/credentials", "credential", name)
        user = username or found["username"] or None
        secret = _secret(user, key_file, password_file, passphrase_file, sudo_password_file, text_file)
        changed = client.patch(f"/credentials/{found['id']}", {"secret": secret})
    console.print(f"{name} is at version {changed['version']} now.", highlight=False)


@app.command
def delete(*names: str) -> None:
    """Remove credentials that no target uses.

    Args:
        names: Names or ids.
    """
    with portal() as client:
        for name in names:
            found = resolve(client, "/credentials", "credential", name)
            client.delete(f"/credentials/{found['id']}")
            console.print(f"Removed {found['name']}.", highlight=False)


def _secret(
    username: str | None,
    key_file: Path | None,
    password_file: Path | None,
    passphrase_file: Path | None,
    sudo_password_file: Path | None,
    text_file: Path | None,
) -> dict[str, Any]:
    kinds = {"--text-file": text_file, "--key-file": key_file, "--password-file": password_file}
    given_kinds = [option for option, file in kinds.items() if file is not None]
    if len(given_kinds) > 1:
        options = " and ".join(given_kinds)
        raise InvalidInputError([Problem(options, "do not go together", "a credential is one of them")])
    if text_file is not None:
        return {"kind": "secret_text", "text": read_text(text_file).rstrip("\n")}
    if username is None:
        raise InvalidInputError([Problem("username", "is needed for SSH", "give it with --username")])
    sudo = secret_line(sudo_password_file) if sudo_password_file else None
    if key_file is not None:
        passphrase = secret_line(passphrase_file) if passphrase_file else None
        key = read_text(key_file)
        return given(kind="ssh_key", username=username, private_key=key, passphrase=passphrase, sudo_password=sudo)
    password = secret_line(password_file) if password_file else _ask(username)
    return given(kind="ssh_password", username=username, password=password, sudo_password=sudo)


def _ask(username: str) -> str:
    if not sys.stdin.isatty():
        hint = "give --key-file, --password-file or --text-file"
        raise InvalidInputError([Problem("secret", "is needed", hint)])
    return getpass.getpass(f"Password of {username}: ")
