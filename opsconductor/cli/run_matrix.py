"""Runs seen as a whole: matrix, timeline, two runs side by side."""

from base64 import b64decode
from collections import defaultdict
from typing import Annotated, Any

from cyclopts import Parameter
from rich.table import Table
from rich.text import Text

from .output import COLOURS, JsonOption, cell, console, print_json, table
from .run_lookup import RunArgument, find_run
from .run_view import GOOD, short
from .session import portal

MARKS = {
    "waiting": "·", "running": "…", "ok": "✓", "changed": "△", "failed": "✕", "timed_out": "◷", "unreachable": "–",
    "auth_failed": "!", "cancelled": "⊘", "skipped": "»", "unknown": "?",
}  # fmt: skip
_NAMED = 4
_BAR = 40


def matrix(
    run: RunArgument,
    *,
    every: Annotated[bool, Parameter(name="--every", negative=(), help="A row for each target.")] = False,
    json_: JsonOption = False,
) -> None:
    """Show every target × step of a run. Targets with the same marks are one row, trouble first."""
    with portal() as client:
        found = client.get(f"/runs/{find_run(client, run)}/matrix")
    width = len(found["steps"])
    cells = b64decode(found["cells"])
    codes: list[str] = found["codes"]
    rows = {
        name: tuple(codes[code] for code in cells[at * width : (at + 1) * width])
        for at, name in enumerate(found["targets"])
    }
    steps = [step["id"] for step in found["steps"]]
    if json_:
        print_json({name: dict(zip(steps, row, strict=True)) for name, row in rows.items()})
        return
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    drawn.add_column("TARGETS", overflow="fold")
    for step in steps:
        drawn.add_column(step, justify="center")
    for names, row in _every(rows) if every else _folded(rows):
        drawn.add_row(names, *(Text(MARKS.get(code, "?"), style=COLOURS.get(code, "")) for code in row))
    console.print(drawn)
    seen = dict.fromkeys(code for row in rows.values() for code in row)
    console.print(Text("  ").join(Text(f"{MARKS.get(code, '?')} {code}", style=COLOURS.get(code, "")) for code in seen))


def _every(rows: dict[str, tuple[str, ...]]) -> list[tuple[str, tuple[str, ...]]]:
    return list(rows.items())


def _folded(rows: dict[str, tuple[str, ...]]) -> list[tuple[str, tuple[str, ...]]]:
    groups: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, row in rows.items():
        groups[row].append(name)
    ordered = sorted(groups.items(), key=lambda group: (_well(group[0]), -len(group[1])))
    return [(_names(names), row) for row, names in ordered]


def _well(row: tuple[str, ...]) -> bool:
    return all(code in (*GOOD, "waiting", "running") for code in row)


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def timeline(run: RunArgument, *, json_: JsonOption = False) -> None:
    """Show when each step began and ended, and how long it took on the targets."""
    with portal() as client:
        found = client.get(f"/runs/{find_run(client, run)}/timeline")
    if json_:
        print_json(found)
        return
    end = max((step["end_ms"] or step["start_ms"] or 0 for step in found["steps"]), default=0) or 1
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("STEP", "ATTEMPTS", "FROM", "TO", "MIN", "MEDIAN", "MAX", ""):
        drawn.add_column(column, justify="left" if column in ("STEP", "") else "right")
    for step in found["steps"]:
        times = (step[name] for name in ("start_ms", "end_ms", "min_ms", "median_ms", "max_ms"))
        drawn.add_row(step["id"], str(step["count"]), *map(_seconds, times), _bar(step, end))
    console.print(drawn)


def _seconds(milliseconds: int | None) -> Text:
    return cell(None) if milliseconds is None else Text(f"{milliseconds / 1000:.1f} s")


def _bar(step: dict[str, Any], end: int) -> Text:
    if step["start_ms"] is None:
        return Text("")
    first = step["start_ms"] * _BAR // end
    last = max(first + 1, (step["end_ms"] if step["end_ms"] is not None else end) * _BAR // end)
    return Text(" " * first + "━" * (last - first), style="cyan")


def compare(run: RunArgument, other: RunArgument, *, json_: JsonOption = False) -> None:
    """Show the targets that ended another way in another run.

    Args:
        other: The later run.
    """
    with portal() as client:
        found = client.get(f"/runs/{find_run(client, run)}/compare/{find_run(client, other)}")
    if json_:
        print_json(found)
        return
    same = sum(row["count"] for row in found["counts"] if row["before"] == row["after"])
    if found["changed"]:
        columns = ("name", "before", "after", "reason_before", "reason_after")
        console.print(table(found["changed"], columns))
    left = found["changed_total"] - len(found["changed"])
    more = f" ({left} more are not shown)" if left else ""
    names = f"{short(found['run']['id'])} and {short(found['other']['id'])}"
    console.print(f"{found['changed_total']} targets ended differently in {names}{more}; {same} the same way.",
                  highlight=False)  # fmt: skip
