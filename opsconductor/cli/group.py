"""`opsconductor group`: targets by what they have in common."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import cyclopts
from cyclopts import Parameter
from rich.text import Text
from rich.tree import Tree

from opsconductor.errors import InvalidInputError, Problem

from .lookup import given, resolve
from .output import Done, JsonOption, changing, console, print_json, print_list, print_record, removed, sort_option
from .session import portal

app = cyclopts.App(
    name="group",
    help="Targets by what they have in common.",
    help_epilogue="Who may do more in a group than elsewhere: `opsconductor role grant USER ROLE --group GROUP`.",
)

_COLUMNS = ("name", "target_count", "select", "parents", "description")
_USES = {
    "grants": "roles of", "groups": "selectors of groups", "jobs": "selectors of jobs",
    "credentials": "credential bound", "limits": "allowed targets of", "health_check": "health check",
}  # fmt: skip
_MEMBERS = ("name", "address", "port", "platform", "tags", "groups")

InOption = Annotated[list[str] | None, Parameter(name="--in", help="A group it is in; can be given again.")]
SelectOption = Annotated[str | None, Parameter(name="--select", help="What picks its members, always.")]
ForceOption = Annotated[
    bool, Parameter(help="Although grants, jobs, credentials or selectors of other groups name it.")
]


@app.command(name="list")
def list_(
    search: str | None = None,
    *,
    dynamic: Annotated[
        bool | None, Parameter(negative="--static", help="Only groups with, or without, a selector.")
    ] = None,
    in_: Annotated[str | None, Parameter(name="--in", help="Only groups directly inside this one.")] = None,
    sort: Annotated[str | None, sort_option("name, created_at or updated_at")] = None,
    json_: JsonOption = False,
) -> None:
    """List groups.

    Args:
        search: Part of a name or description.
    """
    with portal() as client:
        parent = resolve(client, "/groups", "group", in_)["id"] if in_ else None
        found = client.pages("/groups", q=search, dynamic=dynamic, parent=parent, sort=sort, size=500)
        filtered = search or in_ or dynamic is not None
        empty = "No group matches." if filtered else "No groups yet. Make one: opsconductor group create NAME"
        print_list(found, _COLUMNS, as_json=json_, empty=empty)


@app.command
def show(name: str, *, json_: JsonOption = False) -> None:
    """Show one group.

    Args:
        name: Name or id.
    """
    with portal() as client:
        group = resolve(client, "/groups", "group", name)
    if json_:
        print_json(group)
    else:
        print_record(group)


@app.command
@changing
def create(name: str, *, select: SelectOption = None, in_: InOption = None, description: str | None = None) -> Done:
    """Make a group: one that targets are put into, or with a selector one that picks them.

    Args:
        name: What people call it.
        description: What its targets have in common.
    """
    body = given(name=name, select=select, parents=in_, description=description)
    with portal() as client:
        made = client.post("/groups", body)
    return Done(made, f"Made {name}. Targets in it: {made['target_count']}.")


@app.command
@changing
def edit(
    name: str,
    *,
    rename: str | None = None,
    select: SelectOption = None,
    no_select: Annotated[bool, Parameter(help="Its members of this moment stay; others can be put there.")] = False,
    in_: InOption = None,
    top: Annotated[bool, Parameter(help="Take it out of all groups.")] = False,
    description: str | None = None,
    force: Annotated[bool, Parameter(help="Rename it although jobs name it.")] = False,
) -> Done:
    """Change a group; what is not given stays. The groups it is in replace the old ones.

    Args:
        name: Name or id.
        rename: Its new name; targets, grants and selectors of groups follow.
        description: What its targets have in common.
    """
    body = given(name=rename, select=select, parents=[] if top else in_, description=description)
    body |= ({"select": None} if no_select else {}) | ({"force": True} if force else {})
    with portal() as client:
        group = resolve(client, "/groups", "group", name)
        changed = client.patch(f"/groups/{group['id']}", body)
    return Done(changed, f"Changed {changed['name']}. Targets in it: {changed['target_count']}.")


@app.command
@changing
def delete(*names: str, force: ForceOption = False) -> Iterator[Done]:
    """Remove groups. Their targets stay, and so do the groups inside them.

    Args:
        names: Names or ids.
    """
    with portal() as client:
        for name in names:
            group = resolve(client, "/groups", "group", name)
            client.request("DELETE", f"/groups/{group['id']}", query={"force": force})
            yield Done(removed(group), f"Removed {group['name']}.")


@app.command
@changing
def add(name: str, *targets: str, select: str | None = None) -> Done:
    """Put targets into a group.

    Args:
        name: Name or id of the group.
        targets: Names or ids.
        select: Add all that this selector picks now, such as `tag:prod`.
    """
    _check_named(targets, select)
    return _members(name, given(add=list(targets) or None, add_select=select), "added", "Added")


@app.command
@changing
def remove(name: str, *targets: str, select: str | None = None) -> Done:
    """Take targets out of a group.

    Args:
        name: Name or id of the group.
        targets: Names or ids.
        select: Remove all that this selector picks now.
    """
    _check_named(targets, select)
    return _members(name, given(remove=list(targets) or None, remove_select=select), "removed", "Removed")


@app.command
def members(name: str, *, json_: JsonOption = False) -> None:
    """List the targets in a group, those of groups inside it included.

    Args:
        name: Name or id.
    """
    with portal() as client:
        group = resolve(client, "/groups", "group", name)
        found = client.pages(f"/groups/{group['id']}/targets", size=500)
        empty = f"No targets in {group['name']}. Put some there: opsconductor group add {group['name']} TARGET"
        print_list(found, _MEMBERS, as_json=json_, empty=empty)


@app.command
def use(name: str, *, json_: JsonOption = False) -> None:
    """Say what names a group: what stands in the way of its removal.

    Args:
        name: Name or id.
    """
    with portal() as client:
        group = resolve(client, "/groups", "group", name)
        found = client.get(f"/groups/{group['id']}/use")
    if json_:
        print_json(found)
    elif any(found.values()):
        print_record({_USES[way]: users for way, users in found.items()})
    else:
        console.print(f"Nothing names {group['name']}.", highlight=False)


@app.command
def tree(*, json_: JsonOption = False) -> None:
    """Show how groups are nested."""
    with portal() as client:
        found = client.get("/groups/tree")
    if json_:
        print_json(found)
        return
    if not found["groups"]:
        console.print("No groups yet. Make one: opsconductor group create NAME")
    for root in _trees(found):
        console.print(root)


def _check_named(targets: Sequence[str], select: str | None) -> None:
    if not targets and select is None:
        hint = "a new group is made by opsconductor group create NAME"
        raise InvalidInputError([Problem("targets", "name targets, or pick them with --select", hint)])


def _members(name: str, body: Mapping[str, Any], key: str, said: str) -> Done:
    with portal() as client:
        group = resolve(client, "/groups", "group", name)
        done = client.patch(f"/groups/{group['id']}/members", body)
    same = f"; {len(done['unchanged'])} were so already" if done["unchanged"] else ""
    return Done(done, f"{said} {len(done[key])}{same}.")


def _trees(found: Mapping[str, Any]) -> Iterator[Tree]:
    """One tree a root. What is in several groups is drawn under each, but opened only once."""
    groups = {group["name"]: group for group in found["groups"]}
    opened: set[str] = set()

    def draw(parent: Tree, name: str) -> None:
        branch = parent.add(_label(groups[name]))
        if name in opened and groups[name]["children"]:
            branch.add("… as above")
            return
        opened.add(name)
        for child in groups[name]["children"]:
            draw(branch, child)

    for root in found["roots"]:
        drawn = Tree(_label(groups[root]))
        opened.add(root)
        for child in groups[root]["children"]:
            draw(drawn, child)
        yield drawn


def _label(group: Mapping[str, Any]) -> Text:
    picks = f"  {group['select']}" if group["select"] else ""
    return Text.assemble((group["name"], "bold"), f" ({group['target_count']})", (picks, "bright_black"))
