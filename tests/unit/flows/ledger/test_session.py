"""A run is claimed once, and what is written to it is what the database then holds."""

import pytest

from flows.ledger.pair import DONE, SENT, PairKey, PairResult
from flows.ledger.session import RunLedger
from opsconductor.sdk.outcome import Outcome, RunOutcome

pytestmark = pytest.mark.real


async def test_a_run_from_claim_to_end(record, query, start_run):
    run_id = start_run()
    ledger = await RunLedger.claim(record, run_id, 0, owner="test")
    try:
        assert [target.name for target in ledger.run.targets] == ["host-0", "host-1", "host-2"]
        assert ledger.run.parameters == {"unit": "cron"}
        key = PairKey(0, 1, 1)
        await ledger.sent(key)
        assert query("SELECT state, epoch FROM job_run_steps WHERE run_id = %s", run_id) == [(SENT, 0)]
        await ledger.done(key, PairResult(Outcome.CHANGED, 0, "done", {"a": 1}, "hello", stdout_bytes=5))
        await ledger.target_ended(0, Outcome.CHANGED)
        await ledger.end(RunOutcome.SUCCEEDED, "1 target")
    finally:
        await ledger.close()
    assert query("SELECT state, outcome, summary, outputs FROM job_run_steps") == [(DONE, 1, "done", {"a": 1})]
    assert query("SELECT sent, ok, changed, skipped, bad FROM job_run_counts") == [(1, 0, 1, 0, 0)]
    assert query("SELECT status, outcome, owner FROM job_runs") == [("ended", "succeeded", None)]
    events = query("SELECT seq, kind FROM job_run_events ORDER BY seq")
    assert events == [(1, "run.claimed"), (2, "pairs"), (3, "pairs"), (4, "targets"), (5, "run.ended")]
