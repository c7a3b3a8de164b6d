"""The verdict on a chaos campaign, from the targets' own files. It shares no code with the product.

Each step of the campaign's job appends one line to a file in the target's home:

    <run id> <target> <step> <unix time>

and the record (rows of PostgreSQL, read after everything has settled) claims what happened. This
checker compares the two and names every disagreement.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

GOOD = {"ok", "changed"}
NEVER_RAN = {"skipped"}
ENDED = {"succeeded", "partial", "failed", "cancelled", "no_targets", "unknown"}
CLOCK_SLACK_SECONDS = 0.05
"""Both clocks are this machine's, but a line is written a moment before its command reports."""

Key = tuple[str, str, str]
"""run, target, step"""


@dataclass(frozen=True)
class Line:
    """One line of a target's file."""

    run: str
    target: str
    step: str
    at: float

    @property
    def key(self) -> Key:
        return self.run, self.target, self.step


@dataclass(frozen=True)
class Attempt:
    """One row of the record: an attempt of a step on a target."""

    run: str
    target: str
    step: str
    attempt: int
    done: bool
    outcome: str | None
    done_at: float | None

    @property
    def key(self) -> Key:
        return self.run, self.target, self.step


@dataclass(frozen=True)
class Run:
    """One run of the record."""

    id: str
    status: str
    outcome: str | None


@dataclass
class History:
    """Everything the verdict rests on.

    Attributes:
        accepted: Ids of the runs whose start the portal acknowledged.
        targets: Names of every run's targets.
        effects: Step → effect class.
        runs: Runs of the record.
        attempts: Rows of the record.
        lines: Lines of the targets' files.
    """

    accepted: list[str]
    targets: list[str]
    effects: Mapping[str, str]
    runs: list[Run]
    attempts: list[Attempt]
    lines: list[Line]


@dataclass
class Verdict:
    """What was found. No fault: the promises were kept."""

    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def parse_lines(text: str) -> Iterable[Line]:
    """The lines of one target's file; a torn line is a fault of its own and raises."""
    for row in text.splitlines():
        run, target, step, at = row.split()
        yield Line(run, target, step, float(at))


def check(history: History) -> Verdict:
    """Compare what the record claims with what the targets saw."""
    verdict = Verdict()
    last = _last_attempts(history.attempts)
    by_key: dict[Key, list[Line]] = defaultdict(list)
    for line in history.lines:
        by_key[line.key].append(line)
    _check_runs(history, verdict)
    _check_strangers(history, by_key, verdict)
    _check_attempts(history.attempts, last, verdict)
    for key in sorted(set(by_key) | set(last)):
        _check_pair(key, history.effects[key[2]], last.get(key), by_key.get(key, []), verdict)
    _check_completeness(history, last, verdict)
    verdict.counts["lines"] = len(history.lines)
    return verdict


def _last_attempts(attempts: Iterable[Attempt]) -> dict[Key, Attempt]:
    last: dict[Key, Attempt] = {}
    for row in attempts:
        if row.key not in last or row.attempt > last[row.key].attempt:
            last[row.key] = row
    return last


def _check_runs(history: History, verdict: Verdict) -> None:
    known = {run.id: run for run in history.runs}
    for run_id in history.accepted:
        run = known.get(run_id)
        if run is None:
            verdict.faults.append(f"run lost: {run_id} was accepted and is not in the record")
        elif run.status != "ended" or run.outcome not in ENDED:
            verdict.faults.append(f"run not ended: {run_id} is {run.status}/{run.outcome}")
        else:
            verdict.counts[f"runs {run.outcome}"] += 1


def _check_strangers(history: History, by_key: Mapping[Key, list[Line]], verdict: Verdict) -> None:
    known = {run.id for run in history.runs}
    for run_id, target, step in by_key:
        if run_id not in known:
            verdict.faults.append(f"unrecorded run: {run_id} executed {step} on {target}")


def _check_attempts(attempts: Iterable[Attempt], last: Mapping[Key, Attempt], verdict: Verdict) -> None:
    for row in attempts:
        if row.outcome in GOOD and row.attempt < last[row.key].attempt:
            verdict.faults.append(f"completed pair got attempt {last[row.key].attempt}: {row}")


def _check_pair(key: Key, effect: str, row: Attempt | None, lines: list[Line], verdict: Verdict) -> None:
    name = f"{key[2]} ({effect}) of run {key[0]} on {key[1]}"
    if effect == "once" and len(lines) > 1:
        verdict.faults.append(f"once step ran {len(lines)} times: {name}")
    if row is None:
        verdict.faults.append(f"ran without a row: {name}")
        return
    if not row.done:
        verdict.faults.append(f"left open: {name}")
        return
    verdict.counts[f"pairs {row.outcome}"] += 1
    if row.outcome in GOOD:
        if not lines:
            verdict.faults.append(f"recorded as {row.outcome} but never ran: {name}")
        late = [line for line in lines if row.done_at is not None and line.at > row.done_at + CLOCK_SLACK_SECONDS]
        if late:
            verdict.faults.append(f"completed pair ran again: {name}")
    if row.outcome in NEVER_RAN and lines:
        verdict.faults.append(f"recorded as {row.outcome} but ran: {name}")


def _check_completeness(history: History, last: Mapping[Key, Attempt], verdict: Verdict) -> None:
    for run in history.runs:
        if run.id not in history.accepted or run.status != "ended":
            continue
        outcomes = [
            row.outcome if (row := last.get((run.id, target, step))) else None
            for target in history.targets
            for step in history.effects
        ]
        if run.outcome == "succeeded" and not all(outcome in GOOD for outcome in outcomes):
            verdict.faults.append(f"run {run.id} is called succeeded, but its pairs are {Counter(outcomes)}")
        if run.outcome != "unknown" and "unknown" in outcomes:
            verdict.faults.append(f"run {run.id} is called {run.outcome}, but a pair is unknown")
        if run.outcome not in ("succeeded", None) and all(outcome in GOOD for outcome in outcomes):
            verdict.faults.append(f"run {run.id} is called {run.outcome}, but every pair is good")
