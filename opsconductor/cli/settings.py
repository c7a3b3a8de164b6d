"""`opsconductor settings`: what the portal was told from outside. It cannot be changed while it runs."""

import json
from typing import Annotated, Any

import cyclopts
from cyclopts import Parameter

from opsconductor.errors import NotFoundError

from .output import JsonOption, console, print_json, print_list, print_record
from .session import portal

app = cyclopts.App(
    name="settings",
    help="What the portal was told, and by whom.",
    help_epilogue="Settings are read when the portal starts: from variables such as OPSCONDUCTOR_SESSION_SECONDS, "
    "and from `portal.toml` in its home. Change one there, then `opsconductor down` and `up`.",
)

_COLUMNS = ("name", "value", "source", "default")


@app.command(name="list")
def list_(
    search: str | None = None,
    *,
    changed: Annotated[bool, Parameter(negative=(), help="Only settings that are not as they are by default.")] = False,
    json_: JsonOption = False,
) -> None:
    """List the portal's settings: what holds, where it comes from, and what it would be; never a secret.

    Args:
        search: Part of a name or of what it is for.
    """
    wanted = (search or "").lower()
    rows = [
        row
        for row in _settings()
        if wanted in f"{row['name']} {row['description']}".lower() and not (changed and row["source"] == "default")
    ]
    print_list(rows if json_ else map(_row, rows), _COLUMNS, as_json=json_, empty="No setting matches.")


@app.command
def show(name: str, *, json_: JsonOption = False) -> None:
    """Show one setting, and how it is set.

    Args:
        name: Such as session_seconds, or the variable OPSCONDUCTOR_SESSION_SECONDS.
    """
    found = next((row for row in _settings() if name.lower() in (row["name"], row["variable"].lower())), None)
    if found is None:
        raise NotFoundError("setting", f"{name!r}", hint="see opsconductor settings list")
    if json_:
        print_json(found)
        return
    print_record({**_row(found), "for": found["description"], "variable": found["variable"]})
    console.print(f"In portal.toml: {found['name']} = …", highlight=False, markup=False)


def _settings() -> list[dict[str, Any]]:
    with portal() as client:
        return client.get("/settings")


def _row(setting: dict[str, Any]) -> dict[str, Any]:
    default = "(required)" if setting["required"] else _text(setting["default"])
    return {"name": setting["name"], "value": _text(setting["value"]), "source": setting["source"], "default": default}


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
