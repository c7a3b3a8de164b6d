"""An engine process is killed at every point of its own, and the next one finishes the run."""

import asyncio
import signal
import sys
from collections import Counter

import psycopg
import pytest

from flows.ledger.reconciler import Reconciler
from flows.ledger.writer import survive

from .dying_engine import STEPS, work

pytestmark = pytest.mark.real

TARGETS = 4
POINTS = {
    "after_claim_commit": 1,
    "before_sent_commit": 3,
    "before_flush": 3,
    "after_flush": 3,
    "after_sent_commit": 3,
    "command_running": 6,
    "before_result_commit": 2,
    "after_result_commit": 7,
    "before_end_commit": 1,
    "after_end_commit": 1,
}


async def die(*arguments: str) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.unit.flows.ledger.dying_engine", *arguments
    )
    return await process.wait()


@pytest.mark.parametrize("effect", ["once", "idempotent"])
async def test_a_killed_engine_loses_nothing_and_repeats_nothing(effect, record, query, start_run, tmp_path):
    """One run a point; all engines die, then all runs go on."""
    dispatched: list[tuple] = []

    async def dispatch(run_id, epoch):
        dispatched.append((run_id, epoch))

    runs = {point: start_run(targets=TARGETS) for point in POINTS}
    for point, run_id in runs.items():
        (tmp_path / point).mkdir()
        code = await die(record, str(run_id), "0", effect, str(tmp_path / point / "ran"), point, str(POINTS[point]))
        assert code == -signal.SIGKILL, point
    query("UPDATE job_runs SET lease_until = now() - interval '1 s' WHERE status <> 'ended'")
    async with await psycopg.AsyncConnection.connect(record, autocommit=True) as connection:
        await Reconciler(record, dispatch, grace_seconds=0).reconcile(connection)
    points = {run_id: point for point, run_id in runs.items()}
    assert {points[run_id] for run_id, _ in dispatched} == POINTS.keys() - {"after_end_commit"}
    for run_id, epoch in dispatched:
        await work(record, run_id, epoch, effect, tmp_path / points[run_id] / "ran", survive)
    for point, run_id in runs.items():
        lines = (tmp_path / point / "ran").read_text().splitlines()
        times = Counter(tuple(map(int, line.split()))[:2] for line in lines)
        assert times.keys() == {(target, step) for target in range(TARGETS) for step in STEPS}, point
        repeated = {pair for pair, count in times.items() if count > 1}
        assert not repeated or effect == "idempotent", point
        assert query("SELECT status, outcome FROM job_runs WHERE id = %s", run_id) == [("ended", "succeeded")]
        assert query("SELECT sum(sent), sum(changed), sum(bad) FROM job_run_counts WHERE run_id = %s", run_id) == [
            (TARGETS * len(STEPS), TARGETS * len(STEPS), 0)
        ]
