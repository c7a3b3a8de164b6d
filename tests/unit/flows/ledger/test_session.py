"""A run is claimed once, what is written to it is what the database then holds, and people are heard."""

import asyncio
from uuid import uuid4

import psycopg
import pytest

from flows.ledger.pair import DONE, SENT, PairKey, PairResult, PairState, op_token
from flows.ledger.session import RunLedger
from opsconductor.errors import FencedError, LedgerError, PairRefusedError, RunNotClaimableError
from opsconductor.sdk.outcome import Outcome, RunOutcome

pytestmark = pytest.mark.real

KEY = PairKey(0, 1, 1)


async def test_a_run_from_claim_to_end(record, query, start_run, claim):
    run_id = start_run()
    ledger = await claim(run_id)
    assert [target.name for target in ledger.run.targets] == ["host-0", "host-1", "host-2"]
    assert ledger.run.parameters == {"unit": "cron"}
    await ledger.sent(KEY)
    assert query("SELECT state, epoch FROM job_run_steps WHERE run_id = %s", run_id) == [(SENT, 0)]
    await ledger.done(KEY, PairResult(Outcome.CHANGED, 0, "done", {"a": 1}, "hello", stdout_bytes=5))
    await ledger.target_ended(0, Outcome.CHANGED)
    await ledger.host_key_seen(1, "ssh-ed25519 AAAA")
    await ledger.end(RunOutcome.SUCCEEDED, "1 target")
    assert query("SELECT state, outcome, summary, outputs FROM job_run_steps") == [(DONE, 1, "done", {"a": 1})]
    assert query("SELECT sent, ok, changed, skipped, bad FROM job_run_counts") == [(1, 0, 1, 0, 0)]
    assert query("SELECT status, outcome, owner, lease_until FROM job_runs") == [("ended", "succeeded", None, None)]
    targets = query("SELECT outcome, first_seen_key FROM job_run_targets ORDER BY ord")
    assert targets == [(1, None), (None, "ssh-ed25519 AAAA"), (None, None)]
    events = query("SELECT seq, kind FROM job_run_events ORDER BY seq")
    kinds = ["run.claimed", "pairs", "pairs", "targets", "targets", "run.ended"]
    assert events == list(enumerate(kinds, 1))


async def test_after_its_end_nothing_is_written(start_run, claim):
    ledger = await claim(start_run())
    await ledger.end(RunOutcome.SUCCEEDED, "")
    with pytest.raises(FencedError):
        await ledger.sent(KEY)
    with pytest.raises(LedgerError):
        await ledger.done(KEY, PairResult(Outcome.OK))


async def test_of_twenty_claimers_one_gets_the_run(record, start_run):
    run_id = start_run()
    claims = [RunLedger.claim(record, run_id, 0, owner=f"engine-{n}") for n in range(20)]
    ledgers = await asyncio.gather(*claims, return_exceptions=True)
    winners = [ledger for ledger in ledgers if isinstance(ledger, RunLedger)]
    for winner in winners:
        await winner.close()
    assert len(winners) == 1
    assert all(isinstance(loser, RunNotClaimableError | RunLedger) for loser in ledgers)


async def test_a_claim_says_why_it_is_refused(record, start_run, claim):
    with pytest.raises(RunNotClaimableError, match="there is no run"):
        await claim(uuid4())
    ended = start_run(status="ended", outcome="failed")
    with pytest.raises(RunNotClaimableError, match="has ended: failed"):
        await claim(ended)
    moved = start_run(epoch=2)
    with pytest.raises(RunNotClaimableError, match="epoch 2, not 1"):
        await claim(moved, 1)
    owned = start_run(owner="another")
    with pytest.raises(RunNotClaimableError, match="owned by another"):
        await claim(owned)


async def test_the_next_engine_sees_the_latest_attempts(query, start_run, claim):
    run_id = start_run()
    first = await claim(run_id)
    await first.sent(KEY)
    await first.done(KEY, PairResult(Outcome.FAILED, 3, "no"))
    await first.sent(PairKey(0, 1, 2))
    await first.done(PairKey(-1, 2, 1), PairResult(Outcome.OK, outputs={"n": [1]}))
    query("UPDATE job_runs SET epoch = 1, owner = NULL WHERE id = %s", run_id)
    second = await claim(run_id, 1)
    assert second.restored == {
        (0, 1): PairState(2, SENT, epoch=0),
        (-1, 2): PairState(1, DONE, Outcome.OK, {"n": [1]}),
    }
    await second.done(PairKey(0, 1, 2), PairResult(Outcome.CHANGED))
    assert query("SELECT state, outcome, epoch FROM job_run_steps WHERE attempt = 2") == [(DONE, 1, 1)]


async def test_an_engine_that_was_taken_over_writes_nothing(query, start_run, claim):
    run_id = start_run()
    old = await claim(run_id)
    await old.sent(KEY)
    query("UPDATE job_runs SET epoch = 1, owner = NULL WHERE id = %s", run_id)
    with pytest.raises(FencedError):
        await old.done(KEY, PairResult(Outcome.OK, stdout="late", stdout_bytes=4))
    assert old.fenced.is_set()
    assert query("SELECT state FROM job_run_steps") == [(SENT,)]
    assert query("SELECT count(*) FROM job_run_outputs") == [(0,)]


async def test_an_idle_engine_learns_that_it_was_taken_over(query, start_run, claim):
    run_id = start_run()
    old = await claim(run_id)
    query("UPDATE job_runs SET epoch = 1, owner = NULL WHERE id = %s", run_id)
    query("SELECT pg_notify('opsconductor_commands', %s)", str(run_id))
    async with asyncio.timeout(8):
        await old.fenced.wait()
    with pytest.raises(FencedError):
        await old.sent(KEY)


async def test_an_engine_that_ended_its_run_itself_was_not_taken_over(query, start_run, claim):
    run_id = start_run()
    ledger = await claim(run_id)
    await ledger.end(RunOutcome.PARTIAL, "1 of 3 targets")
    query("SELECT pg_notify('opsconductor_commands', %s)", str(run_id))  # a renewal would follow at once
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ledger.fenced.wait(), 1)


async def test_an_attempt_is_sent_once_and_done_once(query, start_run, claim):
    ledger = await claim(start_run())
    await ledger.sent(KEY)
    with pytest.raises(PairRefusedError):
        await ledger.sent(KEY)
    await ledger.done(KEY, PairResult(Outcome.OK, stdout="first", stdout_bytes=5))
    with pytest.raises(PairRefusedError):
        await ledger.done(KEY, PairResult(Outcome.FAILED, stdout="second", stdout_bytes=6))
    with pytest.raises(PairRefusedError):
        await ledger.sent(KEY)
    assert query("SELECT outcome FROM job_run_steps") == [(0,)]
    assert query("SELECT stdout_bytes FROM job_run_outputs") == [(5,)]
    assert query("SELECT sent, ok, bad FROM job_run_counts") == [(1, 1, 0)]


async def test_a_cancelled_claim_can_still_be_closed(query, start_run, claim):
    ledger = await claim(start_run())
    sending = asyncio.create_task(ledger.sent(KEY))
    await asyncio.sleep(0)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    await ledger.done(KEY, PairResult(Outcome.CANCELLED))
    assert query("SELECT state, outcome FROM job_run_steps") == [(DONE, int(Outcome.CANCELLED))]


async def test_a_run_cancelled_before_it_was_claimed_is_claimed_and_told(query, start_run, claim):
    run_id = start_run()
    query("UPDATE job_runs SET cancel_requested_at = now() WHERE id = %s", run_id)
    ledger = await claim(run_id)
    assert ledger.cancelled.is_set()
    await ledger.end(RunOutcome.CANCELLED, "before it began")
    assert query("SELECT outcome FROM job_runs") == [("cancelled",)]


async def test_cancel_and_decisions_are_heard(query, start_run, claim):
    run_id = start_run()
    ledger = await claim(run_id)
    query("INSERT INTO job_run_decisions VALUES (%s, 0, 1, 1, 'not_ran', 'ada', '')", run_id)
    query("SELECT pg_notify('opsconductor_commands', %s)", str(run_id))
    async with asyncio.timeout(8):
        await ledger.decided.wait()
    assert ledger.decisions == {KEY: "not_ran"}
    assert not ledger.cancelled.is_set()
    query("UPDATE job_runs SET cancel_requested_at = now() WHERE id = %s", run_id)
    query("SELECT pg_notify('opsconductor_commands', %s)", str(run_id))
    async with asyncio.timeout(8):
        await ledger.cancelled.wait()


async def test_an_engine_that_leaves_lets_the_next_one_in_at_once(query, start_run, claim):
    run_id = start_run()
    ledger = await claim(run_id)
    assert query("SELECT lease_until > now() + interval '10 s' FROM job_runs") == [(True,)]
    await ledger.close()
    assert query("SELECT lease_until <= now() FROM job_runs") == [(True,)]


async def test_listeners_hear_each_commit(record, start_run, claim):
    run_id = start_run()
    async with await psycopg.AsyncConnection.connect(record, autocommit=True) as listener:
        await listener.execute("LISTEN opsconductor_events")
        ledger = await claim(run_id)
        await ledger.sent(KEY)
        heard = [notice.payload async for notice in listener.notifies(timeout=8, stop_after=2)]
    assert heard == [f"{run_id} 1", f"{run_id} 2"]


def test_a_token_names_one_attempt():
    run_id = uuid4()
    tokens = {op_token(run_id, target, step, n) for target in ("a", "b") for step in (1, 2) for n in (1, 2)}
    assert len(tokens) == 8
    assert all(len(token) == 32 and int(token, 16) >= 0 for token in tokens)
