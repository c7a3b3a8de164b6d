"""`opsconductor target import` and `export`: inventory files."""

import re
import sys
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from cyclopts import Parameter
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from opsconductor.errors import InvalidInputError, Problem

from .dash import FileOrDash
from .lookup import read_text
from .output import JsonOption, console, error_console, print_json, table
from .session import portal

FormatName = Literal["csv", "json", "yaml", "ansible-ini", "ansible-yaml"]
FormatOption = Annotated[
    FormatName | None, Parameter(name="--format", help="Format of the file; its name and content tell when absent.")
]

_SUFFIXES: Final[dict[str, FormatName]] = {".csv": "csv", ".tsv": "csv", ".json": "json", ".ini": "ansible-ini"}
_OWN_YAML = re.compile(r"^(targets\s*:|-\s)", re.MULTILINE)
_SECONDS: Final = 600.0
_COLUMNS: Final = ("line", "name", "action", "what")


def import_(
    file: FileOrDash,
    *,
    format_: FormatOption = None,
    dry_run: Annotated[bool, Parameter(help="Only say what would be done.")] = False,
    update: Annotated[bool, Parameter(help="Change targets of the same name instead of refusing.")] = False,
    credential: Annotated[str | None, Parameter(help="Credential of targets that have none.")] = None,
    group_prefix: Annotated[str, Parameter(help="Stands before the name of every group of the file.")] = "",
    json_: JsonOption = False,
) -> None:
    """Add targets, and groups with their nesting, from a file: all of it, or nothing.

    Takes CSV with a header line, JSON and YAML (a list of targets, or `targets` and `groups`), and Ansible's
    inventories (INI and YAML). Passwords and other secrets in the file are not kept; the report names them. Groups
    are added to targets, never taken away.

    Args:
        file: What to read; `-` for standard input, with --format.
    """
    text = read_text(file)
    body = {
        "format": format_ or _format_of(file, text), "content": text, "dry_run": dry_run, "update_existing": update,
        "credential": credential, "group_prefix": group_prefix,
    }  # fmt: skip
    bars = (SpinnerColumn(), TextColumn("Checking" if dry_run else "Importing"), TimeElapsedColumn())
    with portal() as client, Progress(*bars, console=error_console, transient=True) as progress:
        progress.add_task("import", total=None)
        report = client.post("/inventory/import", body, timeout_seconds=_SECONDS)
    if json_:
        print_json(report)
    else:
        _print_report(report)
    if report["refused"] or report["problems"]:
        sys.exit(1)


def _format_of(file: Path, text: str) -> FormatName:
    suffix = file.suffix.lower()
    if suffix in (".yaml", ".yml"):
        return "yaml" if _OWN_YAML.search(text) else "ansible-yaml"
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if suffix in ("", ".cfg", ".hosts") and str(file) != "-":
        return "ansible-ini"  # as /etc/ansible/hosts
    raise InvalidInputError([Problem(str(file), "its name does not say what it is", "say it with --format")])


def _print_report(report: dict[str, Any]) -> None:
    told = [_row(row) for row in report["rows"] if _is_telling(row)]
    if told:
        console.print(table(told, _COLUMNS))
    for problem in report["problems"]:
        console.print(f"groups: {problem['message']}{_hint(problem)}", style="red", highlight=False)
    if report["groups_created"]:
        console.print(f"New groups: {', '.join(report['groups_created'])}", highlight=False)
    if report["groups_nested"]:
        nested = ", ".join(f"{one['group']} in {one['parent']}" for one in report["groups_nested"])
        console.print(f"Nested: {nested}", highlight=False)
    verbs = ("Would add", "would change") if report["dry_run"] else ("Added", "changed")
    counts = f"{verbs[0]} {report['created']}, {verbs[1]} {report['updated']}"
    console.print(f"{counts}, unchanged {report['unchanged']}, refused {report['refused']}.", highlight=False)


def _is_telling(row: dict[str, Any]) -> bool:
    return bool(row["action"] in ("refused", "update") or row["withheld"] or row["notes"])


def _row(row: dict[str, Any]) -> dict[str, Any]:
    what = [f"{problem['path']}: {problem['message']}{_hint(problem)}" for problem in row["problems"]]
    what += [f"changes {', '.join(row['changes'])}"] if row["changes"] and not what else []
    what += [f"not kept: {', '.join(row['withheld'])}"] if row["withheld"] else []
    return {**row, "what": "; ".join([*what, *row["notes"]])}


def _hint(problem: dict[str, Any]) -> str:
    return f" ({problem['hint']})" if problem["hint"] else ""


def export(
    file: FileOrDash = Path("-"),
    *,
    format_: FormatOption = None,
    select: Annotated[str, Parameter(help="Only targets that this selector picks.")] = "all",
) -> None:
    """Write targets to a file, never with a secret. `target import` reads it back as unchanged.

    Args:
        file: What to write; `-` for standard output, with --format.
    """
    wanted = format_ or _format_of(file, "targets:")
    with portal() as client:
        written = b"".join(client.download("/inventory/export", format=wanted, select=select))
    if str(file) == "-":
        sys.stdout.buffer.write(written)
        return
    file.write_bytes(written)
    console.print(f"Wrote {file}.", highlight=False)
