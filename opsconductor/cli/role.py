"""`opsconductor role`: what people may do, everywhere and in places."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import cyclopts
from cyclopts import Parameter

from opsconductor.errors import InvalidInputError, NotFoundError, Problem

from .lookup import given, resolve
from .output import Done, JsonOption, changing, print_json, print_list, print_record, removed, sort_option
from .session import portal

if TYPE_CHECKING:
    from opsconductor.client import PortalClient

app = cyclopts.App(name="role", help="What people may do, everywhere and in places.")

_COLUMNS = ("name", "built_in", "users", "grants", "permissions", "description")
_GRANT_COLUMNS = ("username", "role", "kind", "place_name", "created_by", "created_at")
_PERMISSIONS = "See opsconductor role permissions."

PermissionOption = Annotated[
    list[str] | None, Parameter(name="--permission", help=f"Such as jobs:view; can be given again. {_PERMISSIONS}")
]
AddOption = Annotated[list[str] | None, Parameter(name="--add", help="A permission more; can be given again.")]
RemoveOption = Annotated[list[str] | None, Parameter(name="--remove", help="A permission less; can be given again.")]
GroupOption = Annotated[str | None, Parameter(help="A target group: name or id.")]
FolderOption = Annotated[str | None, Parameter(help="A job folder, with all below it.")]
CredentialOption = Annotated[str | None, Parameter(help="A credential: name or id.")]


@app.command(name="list")
def list_(
    search: str | None = None,
    *,
    sort: Annotated[str | None, sort_option("name or created_at")] = None,
    json_: JsonOption = False,
) -> None:
    """List roles.

    Args:
        search: Part of a name.
    """
    with portal() as client:
        found = client.pages("/roles", q=search, sort=sort, size=500)
        print_list(found, _COLUMNS, as_json=json_, empty="No role matches.")


@app.command
def show(name: str, *, json_: JsonOption = False) -> None:
    """Show one role.

    Args:
        name: Name or id.
    """
    with portal() as client:
        role = resolve(client, "/roles", "role", name)
    if json_:
        print_json(role)
    else:
        print_record(role)


@app.command
@changing
def create(name: str, *, permission: PermissionOption = None, description: str | None = None) -> Done:
    """Make a role of permissions that you hold yourself.

    Args:
        name: What people call it.
        description: What it is for.
    """
    with portal() as client:
        made = client.post("/roles", given(name=name, description=description, permissions=permission or []))
    return Done(made, f"Made role {name}.")


@app.command
@changing
def edit(
    name: str,
    *,
    rename: str | None = None,
    permission: PermissionOption = None,
    add: AddOption = None,
    remove: RemoveOption = None,
    description: str | None = None,
) -> Done:
    """Change a role; it binds everybody who has it at once. `--permission` replaces all that it holds.

    Args:
        name: Name or id.
        rename: Its new name.
        description: What it is for.
    """
    with portal() as client:
        role = resolve(client, "/roles", "role", name)
        permissions = permission
        if add or remove:
            kept = set(permission if permission is not None else role["permissions"]) | set(add or ())
            permissions = sorted(kept - set(remove or ()))
        body = given(name=rename, description=description, permissions=permissions)
        changed = client.patch(f"/roles/{role['id']}", body)
    return Done(changed, f"Changed role {name}.")


@app.command
@changing
def delete(*names: str) -> Iterator[Done]:
    """Remove roles that nobody has.

    Args:
        names: Names or ids.
    """
    with portal() as client:
        for name in names:
            role = resolve(client, "/roles", "role", name)
            client.delete(f"/roles/{role['id']}")
            yield Done(removed(role), f"Removed role {role['name']}.")


@app.command
def permissions(*, json_: JsonOption = False) -> None:
    """List everything that can be permitted, and in which places a grant can give it."""
    with portal() as client:
        print_list(client.get("/permissions"), ("name", "places", "description"), as_json=json_, empty="")


@app.command
@changing
def grant(
    user: str, role: str, *, group: GroupOption = None, folder: FolderOption = None, credential: CredentialOption = None
) -> Done:
    """Give a user a role in one place, besides what they may do everywhere.

    Args:
        user: Username or id.
        role: Name or id.
    """
    kind, place = _place(group, folder, credential)
    with portal() as client:
        made = client.post("/grants", {"user": user, "role": role, "kind": kind, "place": place})
    return Done(made, f"{user} has the role {role} in {place}.")


@app.command
@changing
def revoke(
    user: str, role: str, *, group: GroupOption = None, folder: FolderOption = None, credential: CredentialOption = None
) -> Done:
    """Take a role in one place away; it binds at once.

    Args:
        user: Username or id.
        role: Name or id.
    """
    kind, place = _place(group, folder, credential)
    with portal() as client:
        found = _find(client, user, role, kind, place)
        client.delete(f"/grants/{found['id']}")
    return Done(removed(found), f"{user} has no longer the role {role} in {place}.")


@app.command
def grants(
    user: str | None = None,
    *,
    role: Annotated[str | None, Parameter(help="Only grants of this role.")] = None,
    group: GroupOption = None,
    folder: FolderOption = None,
    credential: CredentialOption = None,
    json_: JsonOption = False,
) -> None:
    """List who has which role in which place.

    Args:
        user: Username or id; everybody when absent.
    """
    with portal() as client:
        kind, place = _wanted_place(client, group, folder, credential)
        found = client.pages("/grants", user=user, role=role, kind=kind, place=place, size=500)
        empty = "No grants. Give one: opsconductor role grant USER ROLE --folder PATH"
        print_list(found, _GRANT_COLUMNS, as_json=json_, empty=empty)


def _place(group: str | None, folder: str | None, credential: str | None) -> tuple[str, str]:
    named = {"target_group": group, "job_folder": folder, "credential": credential}
    found = [(kind, place) for kind, place in named.items() if place is not None]
    if len(found) != 1:
        options = "--group, --folder or --credential"
        raise InvalidInputError([Problem(options, "names the place", "give exactly one of them")])
    return found[0]


def _wanted_place(
    client: "PortalClient", group: str | None, folder: str | None, credential: str | None
) -> tuple[str | None, str | None]:
    """Kind and key of the place to list grants of; nothing for all places."""
    if group is None and folder is None and credential is None:
        return None, None
    kind, place = _place(group, folder, credential)
    if kind == "job_folder":
        return kind, place.strip("/")
    noun = "group" if kind == "target_group" else "credential"
    return kind, resolve(client, f"/{noun}s", noun, place)["id"]


def _find(client: "PortalClient", user: str, role: str, kind: str, place: str) -> dict[str, Any]:
    wanted = place.strip("/").lower() if kind == "job_folder" else place.lower()
    for item in client.pages("/grants", user=user, role=role, kind=kind):
        if wanted in ((item["place_name"] or "").lower(), item["place"].lower()):
            return item
    raise NotFoundError("grant", f"of {role} to {user} in {place}", hint="see opsconductor role grants")
