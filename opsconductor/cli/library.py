"""`opsconductor library`: the actions that jobs are made of. No server is asked."""

import re
from typing import Any

import cyclopts

from opsconductor.errors import NotFoundError

from .output import JsonOption, console, print_json, print_list, table

app = cyclopts.App(name="library", help="The actions that jobs are made of.")


@app.command(name="list")
def list_(search: str | None = None, *, json_: JsonOption = False) -> None:
    """List the installed actions.

    Args:
        search: Part of a name or summary.
    """
    from steplib.loader import load

    registry = load()
    wanted = (search or "").lower()
    rows = [
        {**row, "dry_run": row["supports_check"]}
        for row in registry.catalogue()
        if wanted in row["ref"].lower() or wanted in row["summary"].lower()
    ]
    print_list(rows, ("ref", "effect", "dry_run", "summary"), as_json=json_, empty="No action matches.")
    for name, reason in registry.broken.items():
        console.print(f"[red]left out[/red] {name}: {reason}", highlight=False)


@app.command
def show(ref: str, *, json_: JsonOption = False) -> None:
    """Show what an action takes and leaves.

    Args:
        ref: Such as `linux/service.start@1`; without a version, the newest one.
    """
    from steplib.loader import load

    registry = load()
    fitting = [row for row in registry.catalogue() if ref in (row["ref"], row["ref"].partition("@")[0])]
    entry = max(fitting, key=lambda row: int(row["ref"].partition("@")[2]), default=None)
    if entry is None:
        close = registry.suggest(ref)
        raise NotFoundError("action", f"{ref!r}", hint=f"did you mean {close}?" if close else "see library list")
    if json_:
        print_json(entry)
        return
    console.print(f"[bold]{entry['ref']}[/bold]  {entry['summary']}", highlight=False)
    platforms = ", ".join(entry["platforms"]) or "any"
    console.print(f"effect {entry['effect']}, scope {entry['scope']}, platforms {platforms}\n", highlight=False)
    required = set(entry["parameters"].get("required", ()))
    arguments = _fields(entry["parameters"], required)
    if arguments:
        console.print(table(arguments, ("argument", "type", "required", "description")), "")
    if entry["outputs"]:
        console.print(table(_fields(entry["outputs"], set()), ("output", "type", "description")), "")
    console.print(f"As a step of a job:\n\n{_example(entry['ref'], arguments)}", highlight=False, markup=False)


def _example(ref: str, arguments: list[dict[str, Any]]) -> str:
    """The shortest step that calls an action, ready to paste under `steps:`."""
    name = re.sub(r"\W+", "_", ref.partition("/")[2].partition("@")[0])
    values = {"string": "…", "integer": "1", "number": "1", "boolean": "true", "object": "{}"}
    needed = [f"{row['argument']}: {values.get(row['type'], '…')}" for row in arguments if row["required"]]
    lines = [f"  - id: {name}", f"    uses: {ref}"]
    return "\n".join(lines + ([f"    with: {{{', '.join(needed)}}}"] if needed else []))


def _fields(schema: dict[str, Any], required: set[str]) -> list[dict[str, Any]]:
    return [
        {
            "argument": name,
            "output": name,
            "type": _type(field),
            "required": name in required,
            "description": field.get("description", ""),
        }
        for name, field in schema.get("properties", {}).items()
    ]


def _type(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_type(choice) for choice in field["anyOf"] if choice.get("type") != "null")
    if "enum" in field:
        return " | ".join(map(str, field["enum"]))
    if "const" in field:
        return str(field["const"])
    if field.get("type") == "array":
        return f"list of {_type(field.get('items', {}))}"
    return str(field.get("type", "any"))
