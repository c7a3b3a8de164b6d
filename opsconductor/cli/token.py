"""`opsconductor token`: API tokens, for programs that work in your name."""

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import cyclopts
from cyclopts import Parameter

from opsconductor.client import PortalClient
from opsconductor.errors import InvalidInputError, NotFoundError, Problem

from .output import Done, JsonOption, changing, print_list, removed, sort_option
from .session import portal

app = cyclopts.App(name="token", help="API tokens, for programs that work in your name.")

_COLUMNS = ("name", "owner", "hint", "scopes", "expires_at", "last_used_at", "last_used_source")

UserOption = Annotated[
    str | None, Parameter(help="Whose; your own when absent. Those who manage users may name others.")
]


@app.command(name="list")
def list_(
    search: str | None = None,
    *,
    user: UserOption = None,
    all_: Annotated[bool, Parameter(name="--all", help="Everybody's that you may see.")] = False,
    sort: Annotated[str | None, sort_option("name, created_at or expires_at")] = None,
    json_: JsonOption = False,
) -> None:
    """List API tokens, without themselves.

    Args:
        search: Part of a name.
    """
    with portal() as client:
        found = client.pages("/tokens", q=search, user=None if all_ else user or _own_name(client), sort=sort, size=500)
        empty = "No API tokens. Make one: opsconductor token create NAME --scope jobs:run --scope jobs:view --file FILE"
        print_list(found, _COLUMNS, as_json=json_, empty=empty)


@app.command
@changing
def create(
    name: str,
    *,
    scope: Annotated[
        list[str],
        Parameter(name="--scope", help="What it may do, such as jobs:run or 'targets:*'; can be given again."),
    ],
    days: Annotated[int | None, Parameter(help="How long it lasts; 90 when absent, 365 at most.")] = None,
    file: Annotated[
        Path | None, Parameter(help="New file (0600) to write it to, for OPSCONDUCTOR_TOKEN_FILE; shown when absent.")
    ] = None,
) -> Done:
    """Make an API token. It may do what its scopes say and you may, now and later.

    Args:
        name: What it is for.
    """
    with portal() as client:
        body: dict[str, Any] = {"name": name, "scopes": _permissions(client, scope)}
        if days is not None:
            body["expires_in_days"] = days
        if file is not None and file.exists():
            raise InvalidInputError([Problem("--file", f"{file} exists already", "name a new file")])
        made = client.post("/tokens", body)
        token = made.pop("token") if file is not None else made["token"]
        if file is not None:
            _write(file, token, client.url)
    if file is not None:
        return Done(made, f"Made {name}. Use it with: export OPSCONDUCTOR_TOKEN_FILE={file.resolve()}")
    return Done(made, "This token is shown only now; keep it like a password:", token)


@app.command
@changing
def revoke(*names: str, user: UserOption = None) -> Iterator[Done]:
    """Revoke API tokens; they are worth nothing from now on.

    Args:
        names: Names or ids.
    """
    with portal() as client:
        for name in names:
            token = _find(client, name, user or _own_name(client))
            client.delete(f"/tokens/{token['id']}")
            yield Done(removed(token), f"Revoked {token['name']} of {token['owner']}.")


def _own_name(client: PortalClient) -> str:
    return client.get("/auth/me")["user"]["username"]


def _permissions(client: PortalClient, scopes: list[str]) -> list[str]:
    """What the scopes name; `*` stands for anything that the user may do."""
    me = client.get("/auth/me")
    own = sorted({*me["permissions"], *(one for grant in me["grants"] for one in grant["permissions"])})
    named: list[str] = []
    for scope in scopes:
        matching = [permission for permission in own if fnmatchcase(permission, scope)] if "*" in scope else [scope]
        if not matching:
            raise InvalidInputError([Problem("--scope", f"{scope!r} names nothing that you may do")])
        named += matching
    return sorted(set(named))


def _find(client: PortalClient, name_or_id: str, owner: str) -> dict[str, Any]:
    try:
        return client.get(f"/tokens/{UUID(name_or_id)}")
    except ValueError:
        pass
    for token in client.pages("/tokens", q=name_or_id, user=owner, size=500):
        if token["name"].lower() == name_or_id.lower():
            return token
    raise NotFoundError("token", f"{name_or_id!r}", hint="see opsconductor token list --all")


def _write(file: Path, token: str, url: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(f"{token}\n{url}\n")
