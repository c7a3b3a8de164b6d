"""`opsconductor target`: the hosts that jobs run on."""

from collections.abc import Iterator
from typing import Annotated

import cyclopts
from cyclopts import Parameter

from .lookup import given, pairs, resolve
from .output import Done, JsonOption, changing, console, print_json, print_list, print_record, removed
from .session import portal
from .target_edit import delete_many, services

app = cyclopts.App(name="target", help="The hosts that jobs run on.")

_COLUMNS = ("name", "address", "port", "platform", "tags", "groups", "credential")

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
    health: Annotated[
        str | None, Parameter(help="Only targets whose last health check said so, such as unreachable.")
    ] = None,
    select: Annotated[str | None, Parameter(help="Only targets that this selector picks.")] = None,
    sort: Annotated[
        str | None,
        Parameter(help="name, address, platform, zone, created_at, updated_at; `-`: back.", allow_leading_hyphen=True),
    ] = None,
    json_: JsonOption = False,
) -> None:
    """List targets.

    Args:
        search: Part of a name, address or description.
    """
    wanted = given(
        q=search, tag=tag, group=group, platform=platform, zone=zone, service=service, status=status,
        credential=credential, health=health, select=select,
    )  # fmt: skip
    with portal() as client:
        found = client.pages("/targets", **wanted, sort=sort, size=500)
        empty = "No target matches." if wanted else (
            "No targets yet. Add one: opsconductor target add NAME ADDRESS --credential CREDENTIAL, or target import"
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
@changing
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
        list[str] | None,
        Parameter(
            name="--service",
            help="What it offers: TYPE or TYPE:PORT, and ,credential=NAME ,disabled ,secure or ,plain; again for more.",
        ),
    ] = None,
    zone: str | None = None,
    os_version: str | None = None,
    description: str | None = None,
    encoding: str | None = None,
) -> Done:
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
        made = client.post("/targets", body)
    return Done(made, f"Added {name}.")


app.command("opsconductor.cli.target_edit:edit", name="edit", help="Change a target, or with --select many.")


app.command(add, name="create", show=False)


@app.command
@changing
def delete(
    *names: str,
    select: Annotated[str | None, Parameter(help="Remove all that this selector picks.")] = None,
    at_most: Annotated[int, Parameter(help="Remove nothing when the selector picks more.")] = 1000,
    dry_run: Annotated[bool, Parameter(help="Only say what would be removed.")] = False,
) -> Iterator[Done]:
    """Remove targets. Past runs keep what they recorded.

    Args:
        names: Names or ids.
    """
    if select is not None or dry_run or not names:
        yield from delete_many(names, select, at_most=at_most, dry_run=dry_run)
        return
    with portal() as client:
        for name in names:
            target = resolve(client, "/targets", "target", name)
            client.delete(f"/targets/{target['id']}")
            yield Done(removed(target), f"Removed {target['name']}.")


@app.command
@changing
def accept_key(name: str, *, host_key: str | None = None) -> Done:
    """Trust another host key from now on, such as that of a host that was rebuilt on purpose.

    Args:
        name: Name or id.
        host_key: The new OpenSSH public key; the next one that the host shows when absent.
    """
    with portal() as client:
        target = resolve(client, "/targets", "target", name)
        changed = client.post(f"/targets/{target['id']}/accept-host-key", {"host_key": host_key})
    said = f"The next key of {name} is trusted." if host_key is None else f"Trusted the key of {name}."
    return Done(changed, said)


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


app.command("opsconductor.cli.target_files:import_", name="import", help="Add many targets from a file.")
app.command("opsconductor.cli.target_files:export", name="export", help="Write targets to a file, without secrets.")
app.command("opsconductor.cli.target_checks:log_in", name="test", help="Log in, and say where that leads or why not.")
app.command("opsconductor.cli.target_checks:health", name="health", help="Show how targets are, or set their checks.")
