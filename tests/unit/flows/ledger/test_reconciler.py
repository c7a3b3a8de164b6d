"""Runs that nobody works on are brought back, by one reconciler, exactly once each."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import psycopg
import pytest

from flows.ledger.pair import PairKey, PairResult
from flows.ledger.reconciler import Reconciler
from flows.ledger.takeover import LOST_ENGINES, Stray, take_over
from opsconductor.errors import FencedError
from opsconductor.sdk.outcome import Outcome

pytestmark = pytest.mark.real

EXPIRED = "UPDATE job_runs SET lease_until = now() - interval '1 s'"


class Dispatched:
    """Where engines are started; fails as often as it is told."""

    def __init__(self) -> None:
        self.asked: list[tuple[UUID, int]] = []
        self.failures = 0

    async def __call__(self, run_id: UUID, epoch: int) -> None:
        self.asked.append((run_id, epoch))
        if self.failures:
            self.failures -= 1
            raise ConnectionError("nobody listens")


@pytest.fixture
def dispatched() -> Dispatched:
    return Dispatched()


@pytest.fixture
async def connection(record) -> AsyncIterator[psycopg.AsyncConnection]:
    async with await psycopg.AsyncConnection.connect(record, autocommit=True) as connection:
        yield connection


@pytest.fixture
def reconciler(record, dispatched) -> Reconciler:
    return Reconciler(record, dispatched, interval_seconds=0.05, grace_seconds=0)


async def lose(query, reconciler, connection):
    """Take the run from its engine. The engine may renew its lease between the two: then once more."""
    before = query("SELECT epoch, status FROM job_runs")
    while query("SELECT epoch, status FROM job_runs") == before:
        query(EXPIRED)
        await reconciler.reconcile(connection)


async def test_a_run_whose_lease_ran_out_goes_to_the_next_engine(
    query, start_run, claim, reconciler, connection, dispatched
):
    run_id = start_run()
    old = await claim(run_id)
    await reconciler.reconcile(connection)
    assert dispatched.asked == []
    await lose(query, reconciler, connection)
    assert dispatched.asked == [(run_id, 1)]
    with pytest.raises(FencedError):
        await old.sent(PairKey(0, 1, 1))
    new = await claim(run_id, 1)
    await new.sent(PairKey(0, 1, 1))
    await reconciler.reconcile(connection)
    assert dispatched.asked == [(run_id, 1)]
    ((data,),) = query("SELECT data - 'owner' FROM job_run_events WHERE kind = 'run.taken_over'")
    assert data == {"epoch": 1, "reason": "lease expired", "done": 0}


async def test_a_run_that_nobody_claims_is_dispatched_again(query, start_run, reconciler, connection, dispatched):
    run_id = start_run()
    await reconciler.reconcile(connection)
    assert dispatched.asked == []
    query("UPDATE job_runs SET created_at = now() - interval '11 s'")
    await reconciler.reconcile(connection)
    await reconciler.reconcile(connection)
    assert dispatched.asked == [(run_id, 1)]
    query(EXPIRED)
    await reconciler.reconcile(connection)
    assert dispatched.asked == [(run_id, 1), (run_id, 2)]


async def test_waiting_for_a_worker_never_ends_a_run(query, start_run, reconciler, connection, dispatched):
    run_id = start_run()
    for _ in range(LOST_ENGINES + 5):
        query(EXPIRED)
        await reconciler.reconcile(connection)
    assert dispatched.asked[-1] == (run_id, LOST_ENGINES + 5)
    assert query("SELECT status, lease_until < now() + interval '31 s' FROM job_runs") == [("queued", True)]


async def test_a_dispatch_that_fails_is_asked_again_in_the_same_epoch(
    query, start_run, reconciler, connection, dispatched
):
    run_id = start_run()
    query(EXPIRED)
    dispatched.failures = 2
    for _ in range(5):
        await reconciler.reconcile(connection)
    assert dispatched.asked == [(run_id, 1)] * 3


async def test_a_failed_dispatch_is_dropped_once_the_run_is_claimed(
    query, start_run, claim, reconciler, connection, dispatched
):
    run_id = start_run()
    query(EXPIRED)
    dispatched.failures = 1
    await reconciler.reconcile(connection)
    await claim(run_id, 1)
    await reconciler.reconcile(connection)
    assert dispatched.asked == [(run_id, 1)]


async def test_a_run_cancelled_before_it_began_ends_without_an_engine(
    query, start_run, reconciler, connection, dispatched
):
    start_run(cancel_requested_at="2026-01-01", created_at="2026-01-01")
    await reconciler.reconcile(connection)
    assert dispatched.asked == []
    assert query("SELECT status, outcome FROM job_runs") == [("ended", "cancelled")]
    assert query("SELECT DISTINCT outcome FROM job_run_targets") == [(int(Outcome.CANCELLED),)]
    assert query("SELECT kind FROM job_run_events") == [("run.ended",)]


async def test_a_cancelled_run_that_had_begun_gets_an_engine(
    query, start_run, claim, reconciler, connection, dispatched
):
    run_id = start_run()
    ledger = await claim(run_id)
    await ledger.sent(PairKey(0, 1, 1))
    query("UPDATE job_runs SET cancel_requested_at = now(), lease_until = now() - interval '1 s'")
    await reconciler.reconcile(connection)
    assert dispatched.asked == [(run_id, 1)]


@pytest.mark.parametrize(("open_pair", "outcome"), [(True, "unknown"), (False, "failed")])
async def test_a_run_that_kills_its_engines_is_given_up(
    open_pair, outcome, query, start_run, claim, reconciler, connection, dispatched
):
    run_id = start_run()
    for epoch in range(LOST_ENGINES + 1):
        ledger = await claim(run_id, epoch)
        if open_pair and epoch == 0:
            await ledger.sent(PairKey(0, 1, 1))
        await lose(query, reconciler, connection)
    assert len(dispatched.asked) == LOST_ENGINES
    ((status, ended, summary),) = query("SELECT status, outcome, summary FROM job_runs")
    assert (status, ended) == ("ended", outcome)
    assert "11 engines were lost" in summary
    with pytest.raises(FencedError):
        await ledger.sent(PairKey(1, 1, 1))


async def test_a_run_that_gets_on_is_never_given_up(query, start_run, claim, reconciler, connection, dispatched):
    run_id = start_run(targets=30)
    for epoch in range(LOST_ENGINES + 3):
        ledger = await claim(run_id, epoch)
        await ledger.done(PairKey(epoch, 1, 1), PairResult(Outcome.OK))
        await lose(query, reconciler, connection)
    assert dispatched.asked[-1] == (run_id, LOST_ENGINES + 3)


async def test_a_lease_renewed_in_the_meantime_wins(query, start_run, claim, connection):
    run_id = start_run()
    await claim(run_id)
    ((owner,),) = query("SELECT owner FROM job_runs")
    assert await take_over(connection, Stray(run_id, 0, owner, cancelled=False, begun=False)) is None
    assert query("SELECT epoch FROM job_runs") == [(0,)]


async def test_after_a_start_of_the_server_engines_have_time_to_renew(record, query, start_run, claim, dispatched):
    await claim(start_run())
    query(EXPIRED)
    patient = Reconciler(record, dispatched, grace_seconds=3600)
    async with await psycopg.AsyncConnection.connect(record, autocommit=True) as connection:
        await patient.reconcile(connection)
    assert dispatched.asked == []


async def test_of_several_reconcilers_one_works_and_another_takes_its_place(record, query, start_run, dispatched):
    run_ids = {start_run() for _ in range(5)}
    query(EXPIRED)
    others = [Reconciler(record, dispatched, interval_seconds=0.05, grace_seconds=0) for _ in range(3)]
    tasks = [asyncio.create_task(other.run()) for other in others]
    async with asyncio.timeout(20):
        while len(dispatched.asked) < 5:
            await asyncio.sleep(0.01)
        assert {run_id for run_id, _ in dispatched.asked} == run_ids
        query("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        query(EXPIRED)
        while len(dispatched.asked) < 10:
            await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert sorted(dispatched.asked) == sorted((run_id, epoch) for run_id in run_ids for epoch in (1, 2))
