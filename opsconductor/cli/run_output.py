"""`opsconductor run output`: what steps printed, on the terminal or as a file."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from rich.text import Text

from opsconductor.errors import InvalidInputError, NotFoundError, Problem

from .dash import TargetOrDash
from .output import JsonOption, cell, console, error_console, print_json
from .run_lookup import RunArgument, find_attempt, find_run

if TYPE_CHECKING:
    from opsconductor.client import PortalClient

_NAMED = 8
_SAMPLE = 12
_NOT_FOUND = 404


def output(
    run: RunArgument,
    target: TargetOrDash | None = None,
    step: str | None = None,
    *,
    attempt: int | None = None,
    tail: Annotated[int | None, Parameter(help="Only so many lines, from the end.")] = None,
    first: Annotated[int | None, Parameter(name="--from", help="Begin with this line; the first one is 1.")] = None,
    count: Annotated[int | None, Parameter(help="Only so many lines.")] = None,
    group: Annotated[str | None, Parameter(help="A step: targets on which it printed the same, together.")] = None,
    search: Annotated[str | None, Parameter(help="Lines of everything that hold this text, in any case.")] = None,
    download: Annotated[
        Path | None, Parameter(help="Write all of it into a file; `-` for standard output.", allow_leading_hyphen=True)
    ] = None,
    format: Annotated[Literal["text", "jsonl"], Parameter(help="Of the file.")] = "text",  # noqa: A002 (the option)
    times: Annotated[bool, Parameter(negative=(), help="With the times of the attempts, in the file.")] = False,
    json_: JsonOption = False,
) -> None:
    """Print what a step printed on a target, secrets redacted: its stdout on stdout, its stderr on stderr.

    With --search or --download, a target or step narrows what is searched or taken.

    Args:
        target: Name of the target; `-` for a step that runs once.
        step: Id of the step; when absent the one that went wrong, or the only one.
        attempt: Which attempt; the last one when absent.
    """
    from .session import portal

    with portal() as client:
        run_id = find_run(client, run)
        if group is not None:
            _print_groups(client.get(f"/runs/{run_id}/steps/{group}/groups"), as_json=json_)
        elif search is not None:
            _print_hits(client, run_id, {"q": search, "target": target, "step": step}, as_json=json_)
        elif download is not None:
            _write(client, run_id, download, target=target, step=step, format=format, times=times)
        elif target is None:
            hint = "or search with --search TEXT, take all with --download FILE, compare with --group STEP"
            raise InvalidInputError([Problem("output", "name a target", hint)])
        else:
            ord_, row = find_attempt(client, run_id, target, step, attempt)
            path = f"/runs/{run_id}/targets/{ord_}/steps/{row['step_ord']}/attempts/{row['attempt']}/output"
            part = _part(tail, first, count)
            _print_output(_kept(client, path, part, row, target), as_json=json_)


def _part(tail: int | None, first: int | None, count: int | None) -> dict[str, int]:
    """Which lines, as the API counts them."""
    if tail is not None and first is not None:
        raise InvalidInputError([Problem("output", "choose one of --tail and --from")])
    if first is not None and first < 1:
        raise InvalidInputError([Problem("--from", "is no line", "the first one is 1")])
    start = {} if tail is None and first is None else {"from": first - 1 if first is not None else -(tail or 0)}
    return start if count is None else {**start, "count": count}


def _kept(client: "PortalClient", path: str, part: dict[str, int], row: dict[str, Any], target: str) -> dict[str, Any]:
    from opsconductor.client import PortalProblemError

    try:
        return client.get(path, **part)
    except PortalProblemError as error:
        if error.http_status != _NOT_FOUND:
            raise
        said = f"of step {row['step']!r} on {target}: it printed nothing, or retention took it"
        raise NotFoundError("output", said, hint=row["summary"]) from None


def _print_output(printed: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(printed)
        return
    console.out(printed["stdout"], end="", highlight=False)
    if printed["stderr"]:
        if console.is_terminal:
            console.rule("stderr")
        error_console.out(printed["stderr"], end="", highlight=False)


def _print_groups(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    for group in found["groups"]:
        names = ", ".join(group["targets"][:_NAMED])
        more = f" and {group['count'] - _NAMED} more" if group["count"] > _NAMED else ""
        outcome = cell(group["outcome"])
        targets = "target" if group["count"] == 1 else "targets"
        console.print(Text.assemble(f"{group['count']} {targets} ", outcome, f": {names}{more}"), highlight=False)
        lines = (group["stdout"] + group["stderr"] or group["summary"]).splitlines()
        for line in lines[:_SAMPLE]:
            console.print(Text(f"    {line}"), soft_wrap=True)
        if len(lines) > _SAMPLE:
            console.print(Text(f"    … {len(lines) - _SAMPLE} more lines", style="bright_black"))
    if not found["groups"]:
        console.print("The step has ended nowhere.")


def _print_hits(client: "PortalClient", run_id: str, query: dict[str, Any], *, as_json: bool) -> None:
    hits: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = client.get(f"/runs/{run_id}/output/search", **query, cursor=cursor, limit=500)
        hits += page["items"]
        if not as_json:
            for hit in page["items"]:
                place = f"{hit['target'] or '-'} {hit['step']} {hit['stream']}:{hit['line']}: "
                console.print(Text.assemble((place, "bright_black"), hit["text"]), soft_wrap=True)
        cursor = page["next"]
        if cursor is None:
            break
    if as_json:
        print_json(hits)
    elif not hits:
        console.print("Nothing printed holds this text.")


def _write(client: "PortalClient", run_id: str, file: Path, **query: Any) -> None:
    pieces = client.download(f"/runs/{run_id}/output", **query)
    if str(file) == "-":
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    first = next(pieces, b"")  # refused before a file is made
    with file.open("wb") as opened:
        size = opened.write(first)
        for piece in pieces:
            size += opened.write(piece)
    error_console.print(f"Wrote {size:,} bytes to {file}.", highlight=False)
