"""`opsconductor target`: the hosts that jobs run on."""

import csv
import json
from pathlib import Path
from typing import Annotated, Any

import cyclopts
from cyclopts import Parameter
from rich.progress import track

from opsconductor.errors import InvalidInputError, Problem

from .lookup import given, pairs, read_text, resolve
from .output import JsonOption, console, print_json, print_list, print_record
from .session import portal
from .target_edit import delete_many, services

app = cyclopts.App(name="target", help="The hosts that jobs run on.")

_COLUMNS = ("name", "address", "port", "platform", "tags", "groups", "credential")
_BATCH = 1000
_LISTS = ("tags", "groups", "host_keys")

TagOption = Annotated[list[str] | None, Parameter(name="--tag", help="A tag; can be given again.")]
GroupOption = Annotated[list[str] | None, Parameter(name="--group", help="A group; can be given again.")]
VarOption = Annotated[list[str] | None, Parameter(name="--var", help="A variable, NAME=VALUE; can be given again.")]
CredentialOption = Annotated[str | None, Parameter(help="Name of the credential to sign in with.")]


@app.command(name="list")
def list_(
    search: str | None = None,
    *,
    tag: Annotated[str | None, Parameter(help="Only targets with this tag.")] = None,
    group: Annotated[str | None, Parameter(help="Only targets of this group.")] = None,
    platform: Annotated[str | None, Parameter(help="Only targets of this platform.")] = None,
    zone: Annotated[str | None, Parameter(help="Only targets of this zone.")] = None,
    service: Annotated[str | None, Parameter(help="Only targets that offer this, such as https.")] = None,
    status: Annotated[str | None, Parameter(help="Only with a service that is so: connected, failed, timeout.")] = None,
    credential: Annotated[str | None, Parameter(help="Only targets that this credential signs in to.")] = None,
    select: Annotated[str | None, Parameter(help="Only targets that this selector picks.")] = None,
    sort: Annotated[str | None, Parameter(help="name, address, platform, zone, created_at or updated_at.")] = None,
    json_: JsonOption = False,
) -> None:
    """List targets.

    Args:
        search: Part of a name, address or description.
    """
    wanted = given(
        q=search, tag=tag, group=group, platform=platform, zone=zone, service=service, status=status,
        credential=credential, select=select,
    )  # fmt: skip
    with portal() as client:
        found = client.pages("/targets", **wanted, sort=sort, size=500)
        empty = "No target matches." if wanted else (
            "No targets yet. Add one: opsconductor target add NAME ADDRESS --credential CREDENTIAL"
        )  # fmt: skip
        print_list(found, _COLUMNS, as_json=json_, empty=empty)


@app.command
def show(name: str, *, json_: JsonOption = False) -> None:
    """Show one target.

    Args:
        name: Name or id.
    """
    with portal() as client:
        target = resolve(client, "/targets", "target", name)
    if json_:
        print_json(target)
    else:
        print_record(target)


@app.command
def add(
    name: str,
    address: str,
    *,
    port: int | None = None,
    platform: str | None = None,
    credential: CredentialOption = None,
    tag: TagOption = None,
    group: GroupOption = None,
    var: VarOption = None,
    host_key: Annotated[
        list[str] | None,
        Parameter(help="OpenSSH public key that the host must show; the first one it shows is kept when absent."),
    ] = None,
    service: Annotated[
        list[str] | None, Parameter(name="--service", help="What it offers, TYPE or TYPE:PORT; can be given again.")
    ] = None,
    zone: str | None = None,
    os_version: str | None = None,
    description: str | None = None,
    encoding: str | None = None,
) -> None:
    """Add a target.

    Args:
        name: What people call it.
        address: Host name or IP address.
        port: TCP port of SSH.
        platform: linux, windows, unix, macos or other.
        zone: Where it stands, such as a site.
        os_version: Such as `Debian 12`.
        description: What it is for.
        encoding: Codec of its output, such as utf-8.
    """
    body = given(
        name=name, address=address, port=port, platform=platform, credential=credential, tags=tag, groups=group,
        variables=pairs(var, "--var") if var else None, host_keys=host_key, description=description,
        encoding=encoding, zone=zone, os_version=os_version, services=services(service) if service else None,
    )  # fmt: skip
    with portal() as client:
        client.post("/targets", body)
    console.print(f"Added {name}.", highlight=False)


app.command("opsconductor.cli.target_edit:edit", name="edit", help="Change a target, or with --select many.")


@app.command
def delete(
    *names: str,
    select: Annotated[str | None, Parameter(help="Remove all that this selector picks.")] = None,
    at_most: Annotated[int, Parameter(help="Remove nothing when the selector picks more.")] = 1000,
    dry_run: Annotated[bool, Parameter(help="Only say what would be removed.")] = False,
) -> None:
    """Remove targets. Past runs keep what they recorded.

    Args:
        names: Names or ids.
    """
    if select is not None or dry_run or not names:
        delete_many(names, select, at_most=at_most, dry_run=dry_run)
        return
    with portal() as client:
        for name in names:
            target = resolve(client, "/targets", "target", name)
            client.delete(f"/targets/{target['id']}")
            console.print(f"Removed {target['name']}.", highlight=False)


@app.command
def accept_key(name: str, *, host_key: str | None = None) -> None:
    """Trust another host key from now on, such as that of a host that was rebuilt on purpose.

    Args:
        name: Name or id.
        host_key: The new OpenSSH public key; the next one that the host shows when absent.
    """
    with portal() as client:
        target = resolve(client, "/targets", "target", name)
        client.post(f"/targets/{target['id']}/accept-host-key", {"host_key": host_key})
    console.print(f"The next key of {name} is trusted." if host_key is None else f"Trusted the key of {name}.")


@app.command
def preview(select: str, *, json_: JsonOption = False) -> None:
    """Show what a selector picks: what a run with it would run on.

    Args:
        select: Such as `group:web and tag:prod and not host:web09`.
    """
    with portal() as client:
        found = client.post("/targets/preview", {"select": select})
    if json_:
        print_json(found)
        return
    print_list(found["targets"], ("name", "address", "port"), as_json=False, empty=f"`{select}` picks no target.")
    for dropped in found["dropped"]:
        console.print(f"left out: {dropped['name']} is the same host and login as {dropped['same_as']}")


@app.command(name="import")
def import_(
    file: Path,
    *,
    update: Annotated[bool, Parameter(help="Change targets of the same name instead of refusing.")] = False,
    credential: CredentialOption = None,
) -> None:
    """Add many targets from a file: JSON (a list, or an object with `targets`), YAML, or CSV with a header line.

    A target has name and address, and may have port, platform, credential, tags, groups, variables, host_keys,
    description and encoding. In CSV, tags and groups are separated by spaces, and columns named `var.NAME` are
    variables. All are added, or none.

    Args:
        file: What to read.
    """
    rows = _read(file)
    for row in rows:
        if credential and not row.get("credential"):
            row["credential"] = credential
    created = updated = 0
    with portal() as client:
        batches = [rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH)]
        for batch in track(batches, description="Importing", console=console, disable=len(batches) < 2):
            done = client.post("/targets/import", {"targets": batch, "update_existing": update})
            created, updated = created + done["created"], updated + done["updated"]
    console.print(f"Added {created}, changed {updated}.", highlight=False)


def _read(file: Path) -> list[dict[str, Any]]:
    text = read_text(file)
    if file.suffix.lower() == ".csv":
        rows: Any = [_from_csv(row) for row in csv.DictReader(text.splitlines())]
    else:
        data = _from_yaml(file, text) if file.suffix.lower() in (".yaml", ".yml") else _from_json(file, text)
        rows = data.get("targets") if isinstance(data, dict) else data  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if not isinstance(rows, list) or not rows:
        raise InvalidInputError([Problem(str(file), "holds no list of targets")])
    odd = next((place for place, row in enumerate(rows) if not isinstance(row, dict)), None)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if odd is not None:
        raise InvalidInputError([Problem(f"targets[{odd}]", "is no target", "write its fields, such as name, address")])
    return rows  # pyright: ignore[reportUnknownVariableType]


def _from_yaml(file: Path, text: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).load(text)  # pyright: ignore[reportUnknownMemberType]
    except YAMLError as error:
        reason = " ".join(str(error).replace('in "<unicode string>", ', "at ").split())
        raise InvalidInputError([Problem(str(file), f"is not YAML: {reason}")]) from None


def _from_json(file: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidInputError([Problem(str(file), f"is not JSON: {error}")]) from None


def _from_csv(row: dict[str, str]) -> dict[str, Any]:
    filled = {name.strip(): value.strip() for name, value in row.items() if name and value and value.strip()}
    target: dict[str, Any] = {name: value for name, value in filled.items() if not name.startswith("var.")}
    for name in _LISTS[:2]:
        if name in target:
            target[name] = target[name].split()
    if "port" in target:
        target["port"] = int(target["port"]) if target["port"].isdigit() else target["port"]
    variables = {name.removeprefix("var."): value for name, value in filled.items() if name.startswith("var.")}
    return {**target, "variables": variables} if variables else target
