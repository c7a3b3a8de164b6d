"""`opsconductor credential`: what targets and services are signed in to with. Secrets come from files or a prompt."""

from collections.abc import Iterator
from typing import Annotated, Any

import cyclopts
from cyclopts import Parameter

from opsconductor.errors import InvalidInputError, Problem

from .lookup import given, resolve
from .output import Done, JsonOption, changing, console, print_json, print_list, print_record, removed, sort_option
from .secrets_in import Kind, SecretOptions
from .session import portal

app = cyclopts.App(name="credential", help="What targets and services are signed in to with.")

app.command("opsconductor.cli.credential_use:bind", name="bind", help="Let a target, group or job sign in with one.")
app.command("opsconductor.cli.credential_use:unbind", name="unbind", help="Take one away from a target, group or job.")
app.command("opsconductor.cli.credential_use:of", name="of", help="Say which one a target signs in with, and why.")
app.command("opsconductor.cli.credential_use:try_", name="test", help="Log in to a target with one.")
app.command("opsconductor.cli.credential_use:accesses", name="accesses", help="List who used, tested or saw one.")

_COLUMNS = ("name", "kind", "username", "version", "valid_until", "next_rotation_date", "used_by", "last_used_at")

UntilOption = Annotated[str | None, Parameter(help="When it expires, such as 2027-01-31T00:00:00Z; `none` for never.")]
FromOption = Annotated[str | None, Parameter(help="When it begins to be good; `none` for at once.")]
RotationOption = Annotated[str | None, Parameter(help="Day by which to rotate it: 2027-01-31; `none` for no day.")]
AllowedOption = Annotated[
    str | None, Parameter(help="Selector of the only targets it may be used on: group:web; `none` for all.")
]
_NO_SECRET = SecretOptions()


@app.command(name="list")
def list_(
    search: str | None = None,
    *,
    kind: Annotated[Kind | None, Parameter(help="Only credentials of this kind.")] = None,
    expiring: Annotated[int | None, Parameter(help="Only those that expire within so many days, or have.")] = None,
    to_rotate: Annotated[int | None, Parameter(help="Only those to rotate within so many days, or overdue.")] = None,
    sort: Annotated[
        str | None, sort_option("name, created_at, valid_until, next_rotation_date or last_used_at")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """List credentials, without their secrets.

    Args:
        search: Part of a name.
    """
    with portal() as client:
        wanted = {"q": search, "kind": kind, "expiring_within_days": expiring, "rotation_within_days": to_rotate}
        found = client.pages("/credentials", **wanted, sort=sort, size=500)
        filtered = any(value is not None for value in wanted.values())
        empty = "No credential matches." if filtered else (
            "No credentials yet. Add one: opsconductor credential add NAME --username USER --key-file FILE"
        )  # fmt: skip
        print_list(found, _COLUMNS, as_json=json_, empty=empty)


@app.command
def show(name: str, *, json_: JsonOption = False) -> None:
    """Show one credential: what is known of it, when it expires and what uses it; never its secret.

    Args:
        name: Name or id.
    """
    with portal() as client:
        found = resolve(client, "/credentials", "credential", name)
        uses = client.get(f"/credentials/{found['id']}/uses")
    if json_:
        print_json({**found, "uses": uses})
        return
    del found["used_by"]
    print_record({**found, **{f"used by {way}": _used_by(use) for way, use in uses.items()}})
    if not found["valid"]:
        console.print("Runs cannot use it now: see its dates.", style="red")
    elif found["rotation_due"]:
        console.print("It is due: opsconductor credential rotate", found["name"], style="yellow")


@app.command
@changing
def add(
    name: str,
    *,
    secret: SecretOptions = _NO_SECRET,
    description: str | None = None,
    valid_from: FromOption = None,
    valid_until: UntilOption = None,
    next_rotation: RotationOption = None,
    allowed_targets: AllowedOption = None,
) -> Done:
    """Seal a new credential. Its secret comes from files or a prompt.

    Args:
        name: What people call it.
        description: What it is for.
    """
    limits = _removable(
        valid_from=valid_from,
        valid_until=valid_until,
        next_rotation_date=next_rotation,
        allowed_targets=allowed_targets,
    )
    body = given(name=name, description=description, secret=secret.secret()) | limits
    with portal() as client:
        made = client.post("/credentials", body)
    return Done(made, f"Sealed {name}.")


app.command(add, name="create", show=False)


@app.command
@changing
def edit(
    name: str,
    *,
    rename: str | None = None,
    description: str | None = None,
    valid_from: FromOption = None,
    valid_until: UntilOption = None,
    next_rotation: RotationOption = None,
    allowed_targets: AllowedOption = None,
) -> Done:
    """Change what is known about a credential; what is not given stays. `rotate` changes its secret.

    Args:
        name: Name or id.
        rename: Its new name.
        description: What it is for.
    """
    limits = _removable(
        valid_from=valid_from,
        valid_until=valid_until,
        next_rotation_date=next_rotation,
        allowed_targets=allowed_targets,
    )
    body = given(name=rename, description=description) | limits
    with portal() as client:
        found = resolve(client, "/credentials", "credential", name)
        changed = client.patch(f"/credentials/{found['id']}", body)
    return Done(changed, f"Changed {name}.")


@app.command
@changing
def rotate(
    name: str,
    *,
    secret: SecretOptions = _NO_SECRET,
    valid_from: FromOption = None,
    valid_until: UntilOption = None,
    next_rotation: RotationOption = None,
) -> Done:
    """Give a credential a new secret. Runs that have started keep the one that they started with.

    Args:
        name: Name or id.
    """
    with portal() as client:
        found = resolve(client, "/credentials", "credential", name)
        dates = _removable(valid_from=valid_from, valid_until=valid_until, next_rotation_date=next_rotation)
        body = given(secret=secret.secret(found)) | dates
        changed = client.post(f"/credentials/{found['id']}/rotate", body)
    return Done(changed, f"{name} is at version {changed['version']} now.")


@app.command
def reveal(
    name: str,
    *,
    reason: Annotated[str, Parameter(help="Why; it goes on record with your name.")],
    field: Annotated[str | None, Parameter(help="Print this field only, for a pipe: password.")] = None,
    json_: JsonOption = False,
) -> None:
    """Show a secret. It is on record who asked, and why.

    Args:
        name: Name or id.
    """
    with portal() as client:
        found = resolve(client, "/credentials", "credential", name)
        shown = client.post(f"/credentials/{found['id']}/reveal", {"reason": reason})
    if json_:
        print_json(shown)
    elif field is None:
        for part, text in shown["fields"].items():
            console.print(part.replace("_", " "), style="bold")
            console.out(text, highlight=False)  # as it is: a folded key is no key
    elif field in shown["fields"]:
        console.out(shown["fields"][field], highlight=False)
    else:
        raise InvalidInputError([Problem("--field", f"is none of {', '.join(shown['fields'])}")])


@app.command
def export(*, json_: JsonOption = False) -> None:
    """List all that is known about all credentials, never a secret; `--json` for a file."""
    with portal() as client:
        found = client.get("/credentials/export")
    if json_:
        print_json(found)
    else:
        columns = ("name", "kind", "username", "valid_until", "next_rotation_date", "allowed_targets")
        print_list(found["credentials"], columns, as_json=False, empty="No credentials yet.")


@app.command
@changing
def delete(*names: str) -> Iterator[Done]:
    """Remove credentials that nothing uses.

    Args:
        names: Names or ids.
    """
    with portal() as client:
        for name in names:
            found = resolve(client, "/credentials", "credential", name)
            client.delete(f"/credentials/{found['id']}")
            yield Done(removed(found), f"Removed {found['name']}.")


def _removable(**fields: str | None) -> dict[str, Any]:
    """What was typed; `none` takes it away."""
    return {name: None if value == "none" else value for name, value in given(**fields).items()}


def _used_by(use: dict[str, Any]) -> str:
    names = ", ".join(item["name"] for item in use["items"])
    more = use["total"] - len(use["items"])
    return f"{names} and {more} more" if more else names
