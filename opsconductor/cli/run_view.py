"""A run as people watch it: a bar for each step while it goes on, a table of targets when it has ended."""

import re
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.text import Text

from opsconductor.sdk.outcome import Outcome

from .output import COLOURS, cell, console, error_console, print_json, print_list, table, took

EXIT_CODES = {"succeeded": 0, "no_targets": 0, "failed": 1, "partial": 3, "cancelled": 4, "unknown": 5}
"""Exit code of the commands that wait for a run; 2 is a refusal."""

GOOD = ("ok", "changed", "skipped")
"""Outcomes of a target that ended well."""

_DONE = 2
_ODD = 5
_SUMMARY = re.compile(
    r"(\d+ of \d+ targets succeeded)(?:; (\d+ failed): .*?)?(?:; (\d+ not started))?(?:; (run step .*))?", re.DOTALL
)
_SHORT = 8
_UNVERSIONED = ("test", "health")
_SHOWN_TARGETS = 40
_RUN_ORD = -1


class RunView:
    """Shows the events of one run as they come.

    Args:
        console: Where to show them; plain lines when it is no terminal.
        matrix: The run's steps and target names, as the portal's matrix gives them.
    """

    def __init__(self, console: Console, matrix: dict[str, Any]) -> None:
        self._console = console
        self._targets: list[str] = matrix["targets"]
        self._steps: dict[int, str] = {step["ord"]: step["id"] for step in matrix["steps"]}
        self._latest: dict[tuple[int, int], tuple[int, Outcome | None]] = {}
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30, complete_style="cyan", finished_style="green"),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}", markup=True),
        )
        self._bars: dict[int, TaskID] = {
            step["ord"]: self._progress.add_task(
                step["id"], total=1 if step["scope"] == "run" else len(self._targets), note=""
            )
            for step in matrix["steps"]
        }
        self._status = Text("queued", style=COLOURS["queued"])
        self._live = Live(console=console, refresh_per_second=10, transient=False) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.__enter__()
            self._draw()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._draw()
            self._live.__exit__(kind, error, trace)

    def apply(self, event: dict[str, Any]) -> None:
        """Take one event in."""
        kind, data = event["kind"], event["data"]
        if kind == "pairs":
            changed = {self._pair(*row) for row in data["rows"]}
            for step in changed:
                self._update(step)
        elif kind.startswith("run."):
            self._say_status(kind, data)
        if self._live:
            self._draw()

    def _pair(self, target: int, step: int, attempt: int, state: int, outcome: int | None) -> int:
        known = self._latest.get((target, step))
        if known is None or attempt >= known[0]:
            ended = Outcome(outcome) if state == _DONE and outcome is not None else None
            self._latest[target, step] = (attempt, ended)
            if ended is not None and not ended.good and not self._live:
                name = self._targets[target] if target != _RUN_ORD else "the run"
                self._console.print(f"{self._steps.get(step, step)} on {name}: {ended.label}", highlight=False)
        return step

    def _update(self, step: int) -> None:
        if step not in self._bars:
            return
        ended = [outcome for (_, ord_), (_, outcome) in self._latest.items() if ord_ == step and outcome is not None]
        note = "  ".join(
            f"[{COLOURS.get(outcome.label, '')}]{count} {outcome.label}[/]"
            for outcome in Outcome
            if (count := ended.count(outcome))
        )
        self._progress.update(self._bars[step], completed=len(ended), note=note)

    def _say_status(self, kind: str, data: dict[str, Any]) -> None:
        if kind == "run.ended":
            outcome = str(data["outcome"])
            self._status = Text(outcome, style=f"bold {COLOURS.get(outcome, '')}")
        elif kind == "run.claimed":
            again = f" (taken up again: engine {data['epoch']})" if data.get("epoch", 1) > 1 else ""
            self._status = Text(f"running{again}", style=COLOURS["running"])
        else:
            self._status = Text(kind.removeprefix("run."), style=COLOURS["running"])
        if not self._live:
            self._console.print(self._status)

    def _draw(self) -> None:
        if self._live:
            self._live.update(Group(self._status, self._progress))


def short(run_id: str) -> str:
    """The end of an id: the part that differs between runs, and all that has to be typed."""
    return run_id[-_SHORT:]


def brief(run: dict[str, Any]) -> dict[str, Any]:
    """A run as one row of a list."""
    return {
        "run": short(run["id"]),
        "job": run["job_name"] + (" (dry run)" if run["check_only"] else ""),
        "version": run["job_version"] if run["trigger"] not in _UNVERSIONED else None,
        "outcome": run["outcome"] or run["status"],
        "targets": run["target_count"],
        "by": run["requested_by"],
        "created": run["created_at"],
        "took": took(run["started_at"], run["finished_at"]),
    }


def counted(targets: int) -> str:
    """`1 target`, `20 targets`."""
    return f"{targets} target" if targets == 1 else f"{targets} targets"


def facts(run: dict[str, Any]) -> dict[str, Any]:
    """A run as one record, without its targets."""
    return {
        "run": run["id"],
        "job": f"{run['job_name']}, version {run['job_version']}" + (" (dry run)" if run["check_only"] else ""),
        "outcome": run["outcome"] or run["status"],
        "summary": _without_targets(run),
        "parameters": run.get("parameters"),
        "requested_by": run["requested_by"],
        "repeats": run["rerun_of"],
        "started": run["started_at"],
        "finished": run["finished_at"],
        "took": took(run["started_at"], run["finished_at"]),
    }


def print_next(run: dict[str, Any], bad_target: str | None) -> None:
    """Say how to go on after a run that did not end well; on stderr, where it is in no pipe's way."""
    if not run["outcome"] or EXIT_CODES.get(run["outcome"], _ODD) == 0 or bad_target is None:
        return
    name = short(run["id"])
    rows = [
        ("why", f"opsconductor run steps {name} {bad_target}"),
        ("output", f"opsconductor run output {name} {bad_target}"),
    ]
    if run["outcome"] == "unknown":
        rows.append(
            ("go on", f"opsconductor run decide {name} {bad_target} STEP ran|not_ran|skip, then run resume {name}")
        )
    else:
        rows.append(("repeat", f"opsconductor run rerun {name} --watch"))
    error_console.print()
    for what, command in rows:
        error_console.print(f"{what + ':':8}{command}", highlight=False, markup=False, soft_wrap=True)


def decisions(kept: list[dict[str, Any]], left: list[dict[str, Any]], *, dry_run: bool) -> list[str]:
    """What was decided, and what was not, in words."""
    said = "Would keep" if dry_run else "Kept"
    words = [f"{said}: {row['step']} on {row['target'] or 'the run'} {row['decision']}." for row in kept]
    words += [f"Not decided: {row['target'] or 'the run'}: {row['reason']}." for row in left]
    return words or ["Nobody has to decide anything here."]


def print_preview(found: dict[str, Any], *, as_json: bool) -> int:
    """What a run would do; 0 when it would start."""
    if as_json:
        print_json(found)
    else:
        print_list(found["targets"], ("name", "address", "port", "credential"), as_json=False, empty="No target.")
        if found["targets"] and not found["refusals"]:
            console.print(f"Would run on {counted(len(found['targets']))}.", highlight=False)
        for name in found["left_out"]:
            console.print(f"left out: {name}", highlight=False)
        for row in found["dropped"]:
            console.print(f"dropped: {row['name']} is the same host and login as {row['same_as']}", highlight=False)
        for row in found["refusals"]:
            hint = f" ({row['hint']})" if row["hint"] else ""
            error_console.print(f"refused: {row['path']} {row['message']}{hint}", highlight=False, markup=False)
    return 2 if found["refusals"] else 0


def _without_targets(run: dict[str, Any]) -> str:
    """The summary without the names of the targets that failed: the table of targets tells them better."""
    text = str(run["summary"]).removeprefix(f"{run['outcome']}: ")
    found = _SUMMARY.fullmatch(text)
    return "; ".join(filter(None, found.groups())) if found else text


def result(run: dict[str, Any], targets: Iterable[dict[str, Any]]) -> Iterable[Any]:
    """What to print when a run has ended: its targets, those that did not end well first, and the summary."""
    rows = sorted(targets, key=lambda row: (row["outcome"] in GOOD, row["ord"]))
    if rows:
        yield table(rows[:_SHOWN_TARGETS], ("name", "address", "outcome", "reason"))
    if len(rows) > _SHOWN_TARGETS:
        yield Text(f"… and {len(rows) - _SHOWN_TARGETS} more: opsconductor run show {run['id']}", style="bright_black")
    outcome = run["outcome"] or run["status"]
    lasted = took(run["started_at"], run["finished_at"])
    yield Text.assemble("\n", cell(outcome), f": {_without_targets(run)}", f" (took {lasted})" if lasted else "")
