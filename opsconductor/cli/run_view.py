"""A run as people watch it: a bar for each step while it goes on, a table of targets when it has ended."""

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.text import Text

from opsconductor.sdk.outcome import Outcome

from .output import COLOURS, cell, table

EXIT_CODES = {"succeeded": 0, "no_targets": 0, "failed": 1, "partial": 3, "cancelled": 4, "unknown": 5}
"""Exit code of the commands that wait for a run; 2 is a refusal."""

_DONE = 2
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


def result(run: dict[str, Any], targets: Iterator[dict[str, Any]]) -> Iterable[Any]:
    """What to print when a run has ended: its targets, those that did not end well first, and the summary."""
    rows = sorted(targets, key=lambda row: (row["outcome"] in ("ok", "changed", "skipped"), row["ord"]))
    if rows:
        yield table(rows[:_SHOWN_TARGETS], ("name", "address", "outcome", "reason"))
    if len(rows) > _SHOWN_TARGETS:
        yield Text(f"… and {len(rows) - _SHOWN_TARGETS} more: opsconductor run show {run['id']}", style="bright_black")
    outcome = run["outcome"] or run["status"]
    yield Text.assemble("\n", cell(outcome), run["summary"].removeprefix(outcome))
