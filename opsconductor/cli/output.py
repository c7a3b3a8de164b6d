"""How listings and records look on a terminal."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

JsonOption = Annotated[bool, Parameter(name="--json", help="As JSON, for programs.")]

COLOURS = {
    "ok": "green", "succeeded": "green", "changed": "yellow", "skipped": "bright_black", "running": "cyan",
    "queued": "bright_black", "failed": "red", "partial": "dark_orange", "unreachable": "magenta",
    "auth_failed": "magenta", "timed_out": "red", "cancelled": "bright_black", "unknown": "bold magenta",
    "no_targets": "bright_black",
}  # fmt: skip
console = Console()


def print_json(value: Any) -> None:
    """Machine-readable, whatever the terminal."""
    console.out(json.dumps(value, indent=2, ensure_ascii=False), highlight=False)


def print_list(items: Iterable[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, empty: str) -> None:
    """A table with one row an item, or a JSON array.

    Args:
        items: What to list.
        columns: Keys to show, in order.
        as_json: Whether to print JSON.
        empty: What to say when there is nothing, with what to do next.
    """
    rows = list(items)
    if as_json:
        print_json(rows)
    elif not rows:
        console.print(empty)
    else:
        console.print(table(rows, columns))


def table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Table:
    """A table of some keys of the rows; an outcome has its colour."""
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        drawn.add_column(column.replace("_", " ").upper(), overflow="fold")
    for row in rows:
        drawn.add_row(*(cell(row.get(column)) for column in columns))
    return drawn


def cell(value: Any) -> Text:
    """One value as people read it: times in their own zone, lists with commas."""
    if value is None:
        return Text("–", style="bright_black")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, list):
        return Text(", ".join(map(str, value)))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    text = str(value)
    return Text(_local_time(text), style=COLOURS.get(text, ""))


def _local_time(text: str) -> str:
    if len(text) < len("2026-01-01T00:00:00Z") or text[4:5] != "-" or text[10:11] != "T":
        return text
    try:
        return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return text
