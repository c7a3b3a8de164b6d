"""What the writer was asked to write is in the database exactly once, whatever happens to the line."""

import asyncio
import math
import os
import signal
from uuid import uuid4

import psycopg
import pytest

from flows.ledger.changes import Fact, Transition
from flows.ledger.pair import PairKey, PairResult
from flows.ledger.statements import Claimed, write_pairs
from flows.ledger.writer import LedgerWriter
from opsconductor.errors import FencedError, LedgerError, PairRefusedError
from opsconductor.sdk.outcome import Outcome, RunOutcome

pytestmark = pytest.mark.real

COUNTED = """
SELECT step_ord, count(DISTINCT target_ord),
  count(*) FILTER (WHERE outcome = 0), count(*) FILTER (WHERE outcome = 1), count(*) FILTER (WHERE outcome = 2),
  count(*) FILTER (WHERE outcome > 2)
FROM (SELECT DISTINCT ON (target_ord, step_ord) * FROM job_run_steps ORDER BY target_ord, step_ord, attempt DESC) p
GROUP BY step_ord ORDER BY step_ord
"""


BLOCKED = """
SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


WRITERS = """
SELECT pid FROM pg_stat_activity
WHERE query LIKE '%INSERT INTO job_run_steps%' AND pid <> pg_backend_pid() AND datname = current_database()
"""


async def until(holds) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0)


def counts_agree(query) -> bool:
    kept = query("SELECT step_ord, sent, ok, changed, skipped, bad FROM job_run_counts ORDER BY step_ord")
    return kept == query(COUNTED)


def events_have_no_gap(query) -> bool:
    seqs = [seq for (seq,) in query("SELECT seq FROM job_run_events ORDER BY seq")]
    ((last,),) = query("SELECT event_seq FROM job_runs")
    return seqs == list(range(1, last + 1))


def told_pairs(query) -> list[list[int]]:
    return sorted(
        row for (data,) in query("SELECT data FROM job_run_events WHERE kind = 'pairs'") for row in data["rows"]
    )


async def run_pairs(ledger, keys, outcome=Outcome.OK):
    async def one(key):
        await ledger.sent(key)
        await ledger.done(key, PairResult(outcome, 0, stdout=f"out {key}", stdout_bytes=9))

    await asyncio.gather(*map(one, keys))


async def test_counters_and_events_tell_what_the_rows_say(query, start_run, claim):
    ledger = await claim(start_run(targets=40))
    await run_pairs(ledger, [PairKey(t, 1, 1) for t in range(40)], Outcome.CHANGED)
    await run_pairs(ledger, [PairKey(t, 2, 1) for t in range(20)], Outcome.FAILED)
    await run_pairs(ledger, [PairKey(t, 2, 2) for t in range(10)], Outcome.OK)
    await ledger.sent(PairKey(10, 2, 2))
    await ledger.sent(PairKey(32, 2, 1))
    await ledger.sent(PairKey(32, 2, 2))
    await ledger.done(PairKey(32, 2, 2), PairResult(Outcome.CHANGED))
    await ledger.done(PairKey(32, 2, 1), PairResult(Outcome.FAILED, summary="gave way to the next attempt"))
    await ledger.done(PairKey(30, 2, 1), PairResult(Outcome.SKIPPED))
    await ledger.done(PairKey(31, 2, 1), PairResult(Outcome.UNREACHABLE))
    await ledger.event("batch.started", {"batch": 1})
    assert counts_agree(query)
    assert query("SELECT sent - ok - changed - skipped - bad FROM job_run_counts WHERE step_ord = 2") == [(1,)]
    assert events_have_no_gap(query)
    rows = query("SELECT target_ord, step_ord, attempt, state, outcome FROM job_run_steps")
    told = {tuple(row[:3]): row[3:] for row in told_pairs(query)}
    assert told == {row[:3]: list(row[3:]) for row in rows}


@pytest.mark.parametrize("change", ["sent", "result", "event", "end"])
async def test_a_lost_answer_changes_nothing(change, line, query, start_run, claim):
    ledger = await claim(start_run(), dsn=line.dsn)
    key = PairKey(0, 1, 1)
    await ledger.sent(PairKey(1, 1, 1))
    line.lose_answer_to = {"event": b"news", "end": b"all went well"}.get(change, b"{0}")
    if change == "event":
        await ledger.event("news", {"n": 1})
    elif change == "end":
        await ledger.end(RunOutcome.SUCCEEDED, "all went well")
    else:
        await ledger.sent(key)
    if change == "result":
        line.lose_answer_to = b"{0}"
        await ledger.done(key, PairResult(Outcome.CHANGED, 0, stdout="once", stdout_bytes=4))
        assert query("SELECT count(*) FROM job_run_outputs") == [(1,)]
    assert line.lost >= 1
    assert counts_agree(query)
    assert events_have_no_gap(query)
    assert query("SELECT count(*) FROM job_run_events WHERE kind IN ('news', 'run.ended')") == [
        (int(change in ("event", "end")),)
    ]


async def test_a_replay_does_not_take_another_engines_row_for_its_own(line, query, start_run, claim):
    run_id = start_run()
    first = await claim(run_id)
    await first.sent(PairKey(0, 1, 1))
    query("UPDATE job_runs SET epoch = 1, owner = NULL")
    second = await claim(run_id, 1, dsn=line.dsn)
    line.lose_answer_to = b"{0,1}"
    answers = await asyncio.gather(second.sent(PairKey(0, 1, 1)), second.sent(PairKey(1, 1, 1)), return_exceptions=True)
    assert line.lost == 1
    assert [type(answer) for answer in answers] == [PairRefusedError, type(None)]


async def test_while_the_database_is_away_changes_wait(line, query, start_run, claim):
    ledger = await claim(start_run(targets=50), dsn=line.dsn)
    await ledger.sent(PairKey(0, 1, 1))
    await line.cut()
    work = asyncio.create_task(run_pairs(ledger, [PairKey(t, 2, 1) for t in range(50)]))
    done, _ = await asyncio.wait([work], timeout=0.5)
    assert not done
    assert query("SELECT count(*) FROM job_run_steps") == [(1,)]
    await line.open()
    await work
    assert counts_agree(query)
    assert events_have_no_gap(query)


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGKILL])
async def test_a_killed_backend_costs_nothing(signal_number, query, start_run, claim):
    """SIGKILL makes the whole server recover: every session is thrown out."""
    ledger = await claim(start_run(targets=300))
    keys = [PairKey(t, s, 1) for s in range(1, 5) for t in range(300)]
    work = asyncio.create_task(run_pairs(ledger, keys))
    await until(lambda: query("SELECT count(*) FROM job_run_steps")[0][0] > 100)
    ((pid,),) = query(WRITERS)
    os.kill(pid, signal_number)
    async with asyncio.timeout(30):
        await work
    assert query(WRITERS) != [(pid,)]
    assert counts_agree(query)
    assert events_have_no_gap(query)
    assert query("SELECT count(*), count(*) FILTER (WHERE outcome = 0) FROM job_run_steps") == [(1200, 1200)]
    assert query("SELECT count(*) FROM job_run_outputs") == [(1200,)]


async def test_a_take_over_in_the_middle_of_a_flush_refuses_all_of_it(record, query, start_run, claim):
    """The statement waits for the take-over's row lock, and then sees the new epoch."""
    run_id = start_run()
    ledger = await claim(run_id)
    await ledger.sent(PairKey(0, 1, 1))
    async with await psycopg.AsyncConnection.connect(record) as judge:
        await judge.execute("UPDATE job_runs SET epoch = 1, owner = NULL WHERE id = %s", (run_id,))
        result = PairResult(Outcome.OK, stdout="late", stdout_bytes=4)
        writing = asyncio.gather(
            ledger.done(PairKey(0, 1, 1), result), ledger.sent(PairKey(1, 1, 1)), return_exceptions=True
        )
        await until(lambda: query(BLOCKED) == [(1,)])
        await judge.commit()
    assert all(isinstance(answer, FencedError) for answer in await writing)
    assert query("SELECT target_ord, state FROM job_run_steps") == [(0, 1)]
    assert query("SELECT count(*) FROM job_run_outputs") == [(0,)]


async def test_one_bad_row_does_not_fail_its_neighbours(query, start_run, claim):
    ledger = await claim(start_run())
    results = [
        ledger.done(PairKey(n, 1, 1), PairResult(Outcome.OK, exit_code=2**40 if n == 3 else 0)) for n in range(8)
    ]
    answers = await asyncio.gather(*results, return_exceptions=True)
    assert [n for n, answer in enumerate(answers) if answer is not None] == [3]
    assert isinstance(answers[3], LedgerError)
    assert query("SELECT count(*) FROM job_run_steps") == [(7,)]
    assert counts_agree(query)
    assert events_have_no_gap(query)


async def test_any_text_and_any_json_can_be_stored(query, start_run, claim):
    ledger = await claim(start_run())
    outputs = {"nul": "a\0b", "half": "\ud800", "nan": [math.nan, math.inf], "big": 2**80, 7: "key", "é": '{,"\\}'}
    result = PairResult(Outcome.FAILED, 1, 'it\'s \0 {"a"} \udfff é', outputs, "\0\ud83d", "é", 3, 2)
    await ledger.done(PairKey(0, 1, 1), result)
    await ledger.target_ended(0, Outcome.FAILED, 'NUL \0 here, {and} "there"')
    ((summary, stored),) = query("SELECT summary, outputs FROM job_run_steps")
    assert summary == 'it\'s \N{REPLACEMENT CHARACTER} {"a"} ? é'
    assert stored == {
        "nul": "a\N{REPLACEMENT CHARACTER}b",
        "half": "?",
        "nan": [None, None],
        "big": 2**80,
        "7": "key",
        "é": "{,\"\\}",
    }  # fmt: skip
    assert query("SELECT reason FROM job_run_targets WHERE ord = 0") == [
        ('NUL \N{REPLACEMENT CHARACTER} here, {and} "there"',)
    ]


async def test_twenty_thousand_pairs(query, start_run, claim):
    ledger = await claim(start_run(targets=5000))
    todo = iter([PairKey(t, s, 1) for s in range(1, 5) for t in range(5000)])

    async def worker():
        for key in todo:
            await ledger.sent(key)
            await ledger.done(key, PairResult(Outcome.OK, 0))

    async with asyncio.timeout(30):
        await asyncio.gather(*(worker() for _ in range(200)))
    assert counts_agree(query)
    assert events_have_no_gap(query)
    assert query("SELECT count(*) FROM job_run_steps WHERE state = 2") == [(20_000,)]


async def test_close_writes_what_waits(record, query, start_run):
    run_id = start_run(status="running")
    writer = LedgerWriter(record, Claimed(run_id, 0), seq=0)
    waiting = [asyncio.create_task(writer.write(Transition.sent(PairKey(n, 1, 1)))) for n in range(2500)]
    await asyncio.sleep(0)
    await writer.close()
    await asyncio.gather(*waiting)
    assert query("SELECT count(*) FROM job_run_steps") == [(2500,)]
    with pytest.raises(LedgerError, match="closed"):
        await writer.write(Fact(None, "late", {}))


async def test_a_run_that_is_not_there_cannot_be_written(record):
    async with await psycopg.AsyncConnection.connect(record, autocommit=True) as connection:
        with pytest.raises(FencedError):
            await write_pairs(connection, Claimed(uuid4(), 0), [Transition.sent(PairKey(0, 1, 1))], None)
