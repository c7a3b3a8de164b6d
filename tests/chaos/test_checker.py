"""The checker is only worth something if it catches what it is there for: bugs planted one by one."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from .checker import Attempt, History, Line, Run, check

EFFECTS = {"look": "read", "keep": "idempotent", "fire": "once"}


def good_history() -> History:
    runs = [Run(f"r{n}", "ended", "succeeded") for n in range(3)]
    targets = ["h1", "h2"]
    attempts, lines = [], []
    for run in runs:
        for target in targets:
            for number, step in enumerate(EFFECTS):
                attempts.append(Attempt(run.id, target, step, 1, True, "changed", 100.0 + number))
                lines.append(Line(run.id, target, step, 99.9 + number))
    return History([run.id for run in runs], targets, EFFECTS, runs, attempts, lines)


def test_a_good_history_has_no_fault() -> None:
    verdict = check(good_history())
    assert verdict.faults == []
    assert verdict.counts["runs succeeded"] == 3
    assert verdict.counts["pairs changed"] == 18


def test_a_read_step_may_run_again_before_it_is_done() -> None:
    history = good_history()
    history.lines.append(Line("r0", "h1", "look", 99.0))
    assert check(history).faults == []


def test_an_honest_unknown_is_no_fault() -> None:
    history = good_history()
    history.attempts = [replace(a, outcome="unknown") if a.key == ("r0", "h1", "fire") else a for a in history.attempts]
    history.runs[0] = Run("r0", "ended", "unknown")
    assert check(history).faults == []


def lose_a_run(history: History) -> None:
    history.runs.pop()


def leave_a_run_open(history: History) -> None:
    history.runs[1] = Run("r1", "running", None)


def fire_twice(history: History) -> None:
    history.lines.append(Line("r0", "h1", "fire", 101.0))


def run_after_done(history: History) -> None:
    history.lines.append(Line("r0", "h1", "keep", 150.0))


def attempt_again_after_done(history: History) -> None:
    history.attempts.append(Attempt("r0", "h1", "keep", 2, True, "changed", 151.0))
    history.lines.append(Line("r0", "h1", "keep", 150.0))


def claim_without_doing(history: History) -> None:
    history.lines = [line for line in history.lines if line.key != ("r2", "h2", "keep")]


def do_without_a_row(history: History) -> None:
    history.attempts = [a for a in history.attempts if a.key != ("r2", "h2", "look")]


def leave_a_pair_open(history: History) -> None:
    history.attempts = [
        replace(a, done=False, outcome=None) if a.key == ("r1", "h1", "keep") else a for a in history.attempts
    ]


def hide_an_unknown(history: History) -> None:
    history.attempts = [replace(a, outcome="unknown") if a.key == ("r0", "h2", "fire") else a for a in history.attempts]


def call_a_failure_success(history: History) -> None:
    history.attempts = [replace(a, outcome="failed") if a.key == ("r0", "h2", "fire") else a for a in history.attempts]


def call_success_a_failure(history: History) -> None:
    history.runs[2] = Run("r2", "ended", "failed")


def run_what_was_skipped(history: History) -> None:
    history.attempts = [replace(a, outcome="skipped") if a.key == ("r1", "h2", "keep") else a for a in history.attempts]


def run_what_nobody_asked_for(history: History) -> None:
    history.lines.append(Line("r9", "h1", "fire", 99.0))


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        (lose_a_run, "run lost"),
        (leave_a_run_open, "run not ended"),
        (fire_twice, "once step ran 2 times"),
        (run_after_done, "completed pair ran again"),
        (attempt_again_after_done, "completed pair got attempt 2"),
        (claim_without_doing, "but never ran"),
        (do_without_a_row, "ran without a row"),
        (leave_a_pair_open, "left open"),
        (hide_an_unknown, "but a pair is unknown"),
        (call_a_failure_success, "is called succeeded, but"),
        (call_success_a_failure, "but every pair is good"),
        (run_what_was_skipped, "recorded as skipped but ran"),
        (run_what_nobody_asked_for, "unrecorded run"),
    ],
)
def test_a_planted_bug_is_caught(plant: Callable[[History], None], fault: str) -> None:
    history = good_history()
    plant(history)
    assert any(fault in found for found in check(history).faults)
