"""`opsconductor target edit`: one target, or all that a selector picks."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from cyclopts import Parameter

from opsconductor.errors import InvalidInputError, Problem

from .lookup import given, pairs, resolve
from .output import Done, JsonOption, console, print_done, print_json, print_list
from .session import portal

_COLUMNS = ("name", "result", "before", "after", "message")
_FLAGS: Mapping[str, Mapping[str, bool]] = {
    "disabled": {"enabled": False}, "secure": {"secure": True}, "plain": {"secure": False},
}  # fmt: skip

AddTag = Annotated[list[str] | None, Parameter(help="A tag to add; can be given again.")]
RemoveTag = Annotated[list[str] | None, Parameter(help="A tag to take away; can be given again.")]
AddGroup = Annotated[list[str] | None, Parameter(help="A group to put it into; can be given again.")]
RemoveGroup = Annotated[list[str] | None, Parameter(help="A group to take it out of; can be given again.")]
SetVar = Annotated[list[str] | None, Parameter(help="A variable to set, NAME=VALUE; the others stay.")]
RemoveVar = Annotated[list[str] | None, Parameter(help="A variable to take away; can be given again.")]
Tag = Annotated[list[str] | None, Parameter(name="--tag", help="All its tags, in place of those now.")]
Group = Annotated[list[str] | None, Parameter(name="--group", help="All groups to put it into, in place of those now.")]
Var = Annotated[list[str] | None, Parameter(name="--var", help="All its variables, NAME=VALUE, in place of those now.")]
Service = Annotated[
    list[str] | None,
    Parameter(
        name="--service",
        help="All it offers, in place of those now: TYPE or TYPE:PORT, and ,credential=NAME ,disabled ,secure ,plain.",
    ),
]


def edit(
    name: str | None = None,
    *,
    select: Annotated[str | None, Parameter(help="Change all that this selector picks.")] = None,
    rename: str | None = None,
    address: str | None = None,
    port: int | None = None,
    platform: str | None = None,
    os_version: str | None = None,
    zone: str | None = None,
    credential: Annotated[
        str | None, Parameter(help="Name of the credential to sign in with; `none` takes it away.")
    ] = None,
    tag: Tag = None,
    add_tag: AddTag = None,
    remove_tag: RemoveTag = None,
    group: Group = None,
    add_group: AddGroup = None,
    remove_group: RemoveGroup = None,
    var: Var = None,
    set_var: SetVar = None,
    remove_var: RemoveVar = None,
    service: Service = None,
    description: str | None = None,
    encoding: str | None = None,
    force: Annotated[bool, Parameter(help="Rename it although selectors name it.")] = False,
    at_most: Annotated[int, Parameter(help="Change nothing when the selector picks more.")] = 1000,
    dry_run: Annotated[bool, Parameter(help="Only say what would change.")] = False,
    json_: JsonOption = False,
) -> None:
    """Change a target, or with --select many; what is not given stays.

    Args:
        name: Name or id.
        rename: Its new name.
        address: Host name or IP address.
        port: TCP port of SSH.
        platform: linux, windows, unix, macos or other.
        os_version: Such as `Debian 12`.
        zone: Where it stands.
        description: What it is for.
        encoding: Codec of its output.
    """
    shared = given(port=port, platform=platform, os_version=os_version, zone=zone, credential=credential)
    shared |= {"credential": None} if credential == "none" else {}
    single = given(
        name=rename, address=address, tags=tag, groups=group, variables=pairs(var, "--var") if var else None,
        description=description, encoding=encoding, services=services(service) if service else None,
        force=force or None,
    )  # fmt: skip
    several = given(
        add_tags=add_tag, remove_tags=remove_tag, add_groups=add_group, remove_groups=remove_group,
        set_variables=pairs(set_var, "--set-var") if set_var else None, remove_variables=remove_var,
    )  # fmt: skip
    _refuse_mixture(name, select, single, several, dry_run=dry_run)
    if name is not None and not several and not dry_run:
        _edit_one(name, shared | single, as_json=json_)
        return
    chosen = {"select": select} if name is None else {"targets": [name]}
    body = {**chosen, "changes": shared | several, "at_most": at_most, "dry_run": dry_run}
    with portal() as client:
        done = client.patch("/targets", body)
    _print_outcome(done, as_json=json_)


def delete_many(names: Sequence[str], select: str | None, *, at_most: int, dry_run: bool) -> Iterator[Done]:
    """Remove what is named, or what a selector picks; say what became of each."""
    if bool(names) == (select is not None):
        raise InvalidInputError([Problem("NAME", "say which targets, or which ones with --select")])
    chosen = {"select": select} if select is not None else {"targets": list(names)}
    with portal() as client:
        done = client.post("/targets/delete", {**chosen, "at_most": at_most, "dry_run": dry_run})
    for item in done["items"]:
        said = {"deleted": "Would remove" if dry_run else "Removed"}.get(item["result"], f"{item['result']}:")
        why = f": {item['message']}" if item["message"] else ""
        gone = item["result"] == "deleted" and not dry_run
        yield Done({**item, "deleted": gone}, f"{said} {item['name']}{why}.")
    _end(done)


def _end(done: Mapping[str, Any]) -> None:
    """With 1 where something that was asked for is not done."""
    if done["refused"] or done["missing"]:
        sys.exit(1)


def services(texts: list[str]) -> list[dict[str, Any]]:
    """`["ssh", "https:8443,credential=web,disabled"]` as the API takes them.

    Raises:
        InvalidInputError: A port is no number, or an option is unknown.
    """
    return [_service(text) for text in texts]


def _service(text: str) -> dict[str, Any]:
    first, *options = text.split(",")
    kind, colon, port = first.partition(":")
    hint = "such as ssh, https:8443 or https:8443,credential=web,disabled"
    if colon and not port.isdecimal():
        raise InvalidInputError([Problem("--service", f"{first!r} is not TYPE or TYPE:PORT", hint)])
    found: dict[str, Any] = {"type": kind} | ({"port": int(port)} if colon else {})
    for option in options:
        name, equals, value = option.partition("=")
        if name == "credential" and equals:
            found["credential"] = value
        elif option in _FLAGS:
            found |= _FLAGS[option]
        else:
            raise InvalidInputError([Problem("--service", f"{option!r} is no option of a service", hint)])
    return found


def _refuse_mixture(
    name: str | None, select: str | None, single: Mapping[str, Any], several: Mapping[str, Any], *, dry_run: bool
) -> None:
    if (name is None) == (select is None):
        raise InvalidInputError([Problem("NAME", "say which target, or which ones with --select")])
    if single and (select is not None or several or dry_run):
        hint = "do it in a command of its own, for one target and without --add-…, --remove-…, --set-… and --dry-run"
        options = {"variables": "var", "name": "rename"}
        asked = options.get(first := next(iter(single)), first.removesuffix("s") if first != "address" else first)
        raise InvalidInputError([Problem(f"--{asked}", "goes not together with these", hint)])


def _edit_one(name: str, body: Mapping[str, Any], *, as_json: bool) -> None:
    with portal() as client:
        target = resolve(client, "/targets", "target", name)
        changed = client.patch(f"/targets/{target['id']}", body)
    print_done(Done(changed, f"Changed {name}."), as_json=as_json)


def _print_outcome(done: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(done)
        _end(done)
        return
    print_list(done["items"], _COLUMNS, as_json=False, empty="The selector picks no target.")
    verb = "Would change" if done["dry_run"] else "Changed"
    rest = ", ".join(f"{done[key]} {key}" for key in ("unchanged", "refused", "missing") if done[key])
    console.print(f"{verb} {done['changed']}{f'; {rest}' if rest else ''}.", highlight=False)
    _end(done)
