"""Gathers what the verdict rests on: the rows of the record, and the lines in the targets' files."""

from typing import Any

import psycopg
from psycopg.rows import dict_row

from deploy.fleet import Fleet
from opsconductor.sdk.outcome import Outcome

from .checker import Attempt, History, Line, Run, parse_lines

_ATTEMPTS = """
SELECT s.run_id, t.name, s.step_ord, s.attempt, s.state, s.outcome, extract(epoch FROM s.done_at)::float AS done_at
FROM job_run_steps s JOIN job_run_targets t ON t.run_id = s.run_id AND t.ord = s.target_ord
"""

Rows = list[dict[str, Any]]


def gather(dsn: str, fleet: Fleet, log: str, accepted: list[str], effects: dict[str, str]) -> History:
    """The whole history of an installation whose runs have all come to rest."""
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        runs = connection.execute("SELECT id, status, outcome FROM job_runs").fetchall()
        rows = connection.execute(_ATTEMPTS).fetchall()
        plan: dict[str, Any] = connection.execute("SELECT plan FROM published_jobs").fetchall()[0]["plan"]
    names: dict[int, str] = {node["ord"]: node["id"] for node in plan["nodes"]}
    return History(
        accepted=accepted,
        targets=[host.name for host in fleet.hosts],
        effects=effects,
        runs=[Run(str(row["id"]), row["status"], row["outcome"]) for row in runs],
        attempts=[_attempt(row, names) for row in rows],
        lines=_lines(fleet, log),
    )


def _attempt(row: dict[str, Any], names: dict[int, str]) -> Attempt:
    outcome = None if row["outcome"] is None else Outcome(row["outcome"]).label
    step = names[row["step_ord"]]
    return Attempt(str(row["run_id"]), row["name"], step, row["attempt"], row["state"] == 2, outcome, row["done_at"])


def _lines(fleet: Fleet, log: str) -> list[Line]:
    files = [host.home / log for host in fleet.hosts]
    return [line for file in files if file.exists() for line in parse_lines(file.read_text())]
