"""`opsconductor user`: who may sign in, and as what."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import cyclopts
from cyclopts import Parameter

from .lookup import given, resolve, secret_line
from .output import Done, JsonOption, changing, print_json, print_list, print_record, removed
from .session import portal

if TYPE_CHECKING:
    from opsconductor.client import PortalClient

app = cyclopts.App(name="user", help="Who may sign in, and as what.")

_COLUMNS = ("username", "first_name", "last_name", "email", "role", "active", "last_login_at")
_SESSION_COLUMNS = ("id", "kind", "source", "user_agent", "created_at", "last_used_at", "expires_at", "current")

RoleOption = Annotated[str | None, Parameter(help="admin, operator, viewer, or one of your own; viewer when absent.")]
PasswordFileOption = Annotated[
    Path | None, Parameter(help="File whose first line becomes the password; one is made and shown when absent.")
]


@app.command(name="list")
def list_(
    search: str | None = None,
    *,
    role: Annotated[str | None, Parameter(help="Only users with this role.")] = None,
    active: Annotated[
        bool | None, Parameter(negative="--disabled", help="Only users who can, or cannot, sign in.")
    ] = None,
    sort: Annotated[
        str | None,
        Parameter(help="username, email, last_name, created_at, last_login_at; `-`: back.", allow_leading_hyphen=True),
    ] = None,
    json_: JsonOption = False,
) -> None:
    """List users.

    Args:
        search: Part of a name, e-mail address, telephone number or title.
    """
    with portal() as client:
        found = client.pages("/users", q=search, role=role, active=active, sort=sort, size=500)
        print_list(found, _COLUMNS, as_json=json_, empty="No user matches.")


@app.command
def show(name: str, *, json_: JsonOption = False) -> None:
    """Show one user.

    Args:
        name: Login name or id.
    """
    with portal() as client:
        user = _resolve(client, name)
    if json_:
        print_json(user)
    else:
        print_record(user)


@app.command
@changing
def add(
    name: str,
    *,
    role: RoleOption = None,
    email: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    telephone: str | None = None,
    title: str | None = None,
    password_file: PasswordFileOption = None,
) -> Done:
    """Add a user. They have to change their password when they sign in first.

    Args:
        name: Login name.
        email: E-mail address.
        first_name: First name.
        last_name: Last name.
        telephone: Telephone number.
        title: What they are, such as Shift lead.
    """
    password = secret_line(password_file) if password_file else None
    body = given(
        username=name, role=role, email=email, first_name=first_name, last_name=last_name, telephone=telephone,
        title=title, password=password,
    )  # fmt: skip
    with portal() as client:
        made = client.post("/users", body)
    way = f"They sign in with: opsconductor login --url {client.url} -u {made['username']}"
    return Done(made, f"Added {made['username']} as {made['role']}.", *_password(made), way)


app.command(add, name="create", show=False)


@app.command
@changing
def edit(
    name: str,
    *,
    rename: str | None = None,
    role: Annotated[str | None, Parameter(help="Their new role.")] = None,
    email: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    telephone: str | None = None,
    title: str | None = None,
    must_change_password: Annotated[
        bool | None, Parameter(help="They can do nothing else before they have changed their password.")
    ] = None,
) -> Done:
    """Change a user; what is not given stays. It binds with their next request.

    Args:
        name: Login name or id.
        rename: Their new login name.
        email: E-mail address.
        first_name: First name.
        last_name: Last name.
        telephone: Telephone number.
        title: What they are.
    """
    body = given(
        username=rename, role=role, email=email, first_name=first_name, last_name=last_name, telephone=telephone,
        title=title, must_change_password=must_change_password,
    )  # fmt: skip
    return _patch(name, body, "Changed")


@app.command
@changing
def disable(name: str) -> Done:
    """Keep a user from signing in; all of their sign-ins end.

    Args:
        name: Login name or id.
    """
    return _patch(name, {"active": False}, "Disabled")


@app.command
@changing
def enable(name: str) -> Done:
    """Let a user sign in again.

    Args:
        name: Login name or id.
    """
    return _patch(name, {"active": True}, "Enabled")


@app.command
@changing
def delete(*names: str) -> Iterator[Done]:
    """Remove users for good. The audit log keeps what they did.

    Args:
        names: Login names or ids.
    """
    with portal() as client:
        for name in names:
            user = _resolve(client, name)
            client.delete(f"/users/{user['id']}")
            yield Done(removed(user), f"Removed {user['username']}.")


@app.command
@changing
def reset_password(name: str, *, password_file: PasswordFileOption = None) -> Done:
    """Give a user a password that they have to change; all of their sign-ins end.

    Args:
        name: Login name or id.
    """
    password = secret_line(password_file) if password_file else None
    with portal() as client:
        user = _resolve(client, name)
        made = client.post(f"/users/{user['id']}/reset-password", given(password=password))
    said = f"{user['username']} has a new password and is signed out everywhere."
    return Done({"id": user["id"], "username": user["username"], **made}, said, *_password(made))


@app.command
def sessions(name: str | None = None, *, json_: JsonOption = False) -> None:
    """List sign-ins that still hold.

    Args:
        name: Login name or id; your own sign-ins when absent.
    """
    with portal() as client:
        found = client.pages(_sessions_path(client, name), size=500)
        print_list(found, _SESSION_COLUMNS, as_json=json_, empty="No sign-ins.")


@app.command
@changing
def sign_out(
    name: str | None = None,
    *,
    session: Annotated[str | None, Parameter(help="Only this sign-in, by its id: see opsconductor user sessions.")] = (
        None
    ),
) -> Done:
    """End sign-ins. API tokens stay: see opsconductor token revoke.

    Args:
        name: Login name or id; when absent, you: all of your sign-ins but this one.
    """
    with portal() as client:
        path = _sessions_path(client, name)
        if session is not None:
            client.delete(f"{path}/{session}")
            return Done(removed({"id": session}), "Ended 1 sign-in.")
        done = client.request("DELETE", path)
    return Done(done, f"Ended {done['ended']} sign-in{'' if done['ended'] == 1 else 's'}.")


def _resolve(client: "PortalClient", name: str) -> dict[str, Any]:
    return resolve(client, "/users", "user", name, field="username")


def _sessions_path(client: "PortalClient", name: str | None) -> str:
    return "/auth/sessions" if name is None else f"/users/{_resolve(client, name)['id']}/sessions"


def _patch(name: str, body: dict[str, Any], done: str) -> Done:
    with portal() as client:
        user = _resolve(client, name)
        changed = client.patch(f"/users/{user['id']}", body)
    return Done(changed, f"{done} {user['username']}.")


def _password(made: dict[str, Any]) -> list[str]:
    password = made["one_time_password"]
    return [f"One-time password, shown this once: {password}"] if password else []
