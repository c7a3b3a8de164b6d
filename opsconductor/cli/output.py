"""How listings and records look on a terminal."""

import inspect
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

_MINUTE = 60
_KEPT_WHOLE = ("run", "name", "ref", "argument", "outcome", "status", "version", "port")


def sort_option(columns: str) -> Parameter:
    """How a list is sorted.

    Args:
        columns: What it can be sorted by.
    """
    return Parameter(name="--sort", help=f"{columns}; `-` before it: backwards.", allow_leading_hyphen=True)


JsonOption = Annotated[bool, Parameter(name="--json", help="As JSON, for programs.")]

COLOURS = {
    "ok": "green", "succeeded": "green", "changed": "yellow", "skipped": "bright_black", "running": "cyan",
    "queued": "bright_black", "failed": "red", "partial": "dark_orange", "unreachable": "magenta",
    "auth_failed": "magenta", "timed_out": "red", "cancelled": "bright_black", "unknown": "bold magenta",
    "no_targets": "bright_black", "connected": "green", "up": "green", "host_key_changed": "red", "create": "green",
    "update": "yellow", "unchanged": "bright_black", "refused": "red",
}  # fmt: skip
_UNFOLDED = 4096


def _width(is_terminal: bool) -> int | None:
    """What is piped is read by programs and searched by line: nothing folds there unless COLUMNS says where."""
    return None if is_terminal or "COLUMNS" in os.environ else _UNFOLDED


class Done:
    """What a command did.

    Args:
        fact: The thing as it is now, or that it is gone: see `removed`; for programs.
        words: The same for people, each on a line of its own.
    """

    def __init__(self, fact: Any, *words: str | Text) -> None:
        self.fact, self.words = fact, words


console = Console(width=_width(sys.stdout.isatty()))
error_console = Console(stderr=True, width=_width(sys.stderr.isatty()))


def print_json(value: Any) -> None:
    """Machine-readable, whatever the terminal."""
    console.out(json.dumps(value, indent=2, ensure_ascii=False), highlight=False)


def changing(command: Callable[..., Done | Iterator[Done]]) -> Callable[..., None]:
    """Gives a command that creates, changes or starts something its `--json`.

    People read its words. With `--json`, facts alone go to standard output: of a command that gives one `Done` its
    fact, of one that yields them a list of theirs; what was done before an error is listed too.
    """

    @wraps(command)
    def run(*arguments: Any, json_: bool = False, **options: Any) -> None:
        print_done(command(*arguments, **options), as_json=json_)

    plain = inspect.signature(command)
    option = inspect.Parameter("json_", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=JsonOption)
    signature = plain.replace(parameters=[*plain.parameters.values(), option], return_annotation=None)
    vars(run).update(__signature__=signature)
    run.__annotations__ = {name: each.annotation for name, each in signature.parameters.items()}
    return run


def print_done(done: Done | Iterator[Done], *, as_json: bool) -> None:
    """Say what was done: in words as it comes, or as one JSON document."""
    if as_json:
        _print_facts(done)
        return
    for each in [done] if isinstance(done, Done) else done:
        for word in each.words:
            console.print(word, highlight=False, markup=False, soft_wrap=True)


def _print_facts(done: Done | Iterator[Done]) -> None:
    if isinstance(done, Done):
        print_json(done.fact)
        return
    facts: list[Any] = []
    try:
        facts.extend(each.fact for each in done)
    finally:
        print_json(facts)


def removed(thing: Mapping[str, Any]) -> dict[str, Any]:
    """The fact that a thing is gone."""
    return {key: thing[key] for key in ("id", "name", "username") if key in thing} | {"deleted": True}


def warned(found: Iterable[Mapping[str, Any]]) -> list[Text]:
    """The warnings of an answer as people read them."""
    return [Text.assemble(("warning", "yellow"), f" {each['path']}: {each['message']}") for each in found]


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
        console.print(empty, soft_wrap=True)
    else:
        console.print(table(rows, columns))


def print_record(record: Mapping[str, Any]) -> None:
    """One record as people read it: a field a line; what is empty is left out."""
    drawn = Table.grid(padding=(0, 2))
    drawn.add_column(style="bold", no_wrap=True)
    drawn.add_column(overflow="fold")
    for name, value in record.items():
        if value not in (None, "", [], {}):
            drawn.add_row(name.replace("_", " "), cell(value, full_time=True))
    console.print(drawn)


def table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Table:
    """A table of some keys of the rows; an outcome has its colour."""
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        kept_whole = column in _KEPT_WHOLE
        drawn.add_column(column.replace("_", " ").upper(), overflow="fold", no_wrap=kept_whole)
    for row in rows:
        drawn.add_row(*(cell(row.get(column)) for column in columns))
    return drawn


def cell(value: Any, *, full_time: bool = False) -> Text:
    """One value as people read it: times in their own zone, lists with commas, variables as NAME=VALUE.

    Args:
        value: Anything that JSON holds.
        full_time: Whether a time of today still says its date, and every time its seconds.
    """
    if value is None:
        return Text("–", style="bright_black")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, list):
        return Text(", ".join(map(str, value)))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(value, dict):
        return Text(" ".join(f"{name}={part}" for name, part in value.items()))  # pyright: ignore[reportUnknownVariableType]
    text = str(value)
    return Text(_local_time(text, full=full_time), style=COLOURS.get(text, ""))


def took(started: str | None, finished: str | None) -> str:
    """How long something took, such as `1.8 s` or `2 min 5 s`; empty while it goes on."""
    if not started or not finished:
        return ""
    seconds = max((datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds(), 0)
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _local_time(text: str, *, full: bool) -> str:
    if len(text) < len("2026-01-01T00:00:00Z") or text[4:5] != "-" or text[10:11] != "T":
        return text
    try:
        time = datetime.fromisoformat(text).astimezone()
    except ValueError:
        return text
    if full:
        return time.strftime("%Y-%m-%d %H:%M:%S %Z")
    return time.strftime("%H:%M:%S" if time.date() == datetime.now(time.tzinfo).date() else "%Y-%m-%d %H:%M")
