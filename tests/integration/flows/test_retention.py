"""What retention deletes, and what it leaves."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import AsyncConnection

from flows.retention import Keep, delete_events, delete_outputs, delete_runs, runs_beyond, runs_due

Query = Callable[..., list[tuple[Any, ...]]]
PARTS = ("job_run_outputs", "job_run_events", "job_run_steps", "job_run_targets", "job_run_counts")


@pytest.fixture
def past(query: Query) -> Callable[..., UUID]:
    """A run of the past with one of everything."""
    made = iter(range(1, 1000))

    def make(days: int, *, job: UUID, status: str = "ended", pinned: bool = False, kilobytes: int = 1) -> UUID:
        run_id = UUID(int=next(made))
        query(
            "INSERT INTO job_runs (id, job_id, job_version, job_name, parameters, credentials, secret_parameters, "
            "check_only, trigger, requested_by, correlation_id, target_count, status, summary, epoch, finished_at, "
            "pinned_at) VALUES (%s, %s, 1, 'j', '{}', '{}', '{}', false, 'manual', 'ada', '', 1, %s, '', 1, "
            "CASE WHEN %s = 'ended' THEN now() - make_interval(days => %s) END, CASE WHEN %s THEN now() END)",
            run_id, job, status, status, days, pinned,
        )  # fmt: skip
        query("INSERT INTO job_run_outputs VALUES (%s, 0, 0, 1, 1, 1, false, %s, '')", run_id, bytes(kilobytes * 1024))
        query("INSERT INTO job_run_events (run_id, seq, kind, data) VALUES (%s, 1, 'run.ended', '{}')", run_id)
        query("INSERT INTO job_run_steps VALUES (%s, 0, 0, 1, 2, 0, 0, 1, now(), now(), '', NULL)", run_id)
        query(
            "INSERT INTO job_run_targets VALUES (%s, 0, 't', 't', 't', 22, 'linux', '{}', '[]', '[]', 'utf-8', "
            "NULL, 0, '')",
            run_id,
        )
        query("INSERT INTO job_run_counts VALUES (%s, 0, 1, 1, 0, 0, 0)", run_id)
        query("INSERT INTO event_positions VALUES (%s, 1)", run_id)
        return run_id

    return make


def left(query: Query, table: str) -> set[UUID]:
    return {row[0] for row in query(f"SELECT {'id' if table == 'job_runs' else 'run_id'} FROM {table}")}


async def connect(record: str) -> AsyncConnection[Any]:
    return await AsyncConnection.connect(record, autocommit=True)


async def test_old_output_and_events_go_and_the_runs_stay(record: str, query: Query, past: Callable[..., UUID]):
    job, report = uuid4(), uuid4()
    old, new = past(40, job=job), past(20, job=job)
    pinned, running = past(40, job=job, pinned=True), past(40, job=job, status="running")
    async with await connect(record) as connection:
        assert await delete_outputs(connection, report, await runs_due(connection, Keep(days=30))) == 1
        assert await delete_events(connection, report, await runs_due(connection, Keep(days=30))) == 1
        assert await delete_events(connection, report, await runs_due(connection, Keep(days=30))) == 0
    assert left(query, "job_run_outputs") == left(query, "job_run_events") == {new, pinned, running}
    assert left(query, "job_runs") == left(query, "job_run_steps") == {old, new, pinned, running}
    assert query("SELECT id, outputs, events, runs FROM retention_reports") == [(report, 1, 1, 0)]


async def test_the_newest_runs_of_each_job_are_kept(record: str, query: Query, past: Callable[..., UUID]):
    busy, quiet = uuid4(), uuid4()
    gone = {past(9, job=busy), past(8, job=busy)}
    kept = {past(7, job=busy), past(6, job=busy), past(300, job=quiet), past(400, job=busy, pinned=True)}
    async with await connect(record) as connection:
        assert await runs_due(connection, Keep()) == []
        assert await delete_runs(connection, uuid4(), await runs_due(connection, Keep(runs_per_job=2))) == 2
    for table in ("job_runs", *PARTS, "event_positions"):
        assert left(query, table) == kept, table
    assert not gone & left(query, "job_runs")


async def test_output_fits_its_room_the_newest_first(record: str, query: Query, past: Callable[..., UUID]):
    job = uuid4()
    old, pinned = past(3, job=job, kilobytes=600), past(2, job=job, kilobytes=600, pinned=True)
    new = past(1, job=job, kilobytes=600)
    async with await connect(record) as connection:
        assert await runs_beyond(connection, 2) == []
        assert await delete_outputs(connection, uuid4(), await runs_beyond(connection, 1)) == 1
    assert left(query, "job_run_outputs") == {pinned, new}
    assert old in left(query, "job_runs")


async def test_a_run_that_somebody_takes_up_again_is_left_alone(record: str, query: Query, past: Callable[..., UUID]):
    held, resumed, gone = (past(40, job=uuid4()) for _ in range(3))
    async with await connect(record) as connection, await connect(record) as other:
        due = await runs_due(connection, Keep(days=30))
        query("UPDATE job_runs SET status = 'queued' WHERE id = %s", resumed)
        async with other.transaction():
            await other.execute("SELECT FROM job_runs WHERE id = %s FOR UPDATE", (held,))
            assert await delete_runs(connection, uuid4(), due) == 1
    assert left(query, "job_runs") == left(query, "job_run_steps") == {held, resumed}
    assert gone in due


async def test_what_a_killed_deletion_left_over_goes_the_next_time(
    record: str, query: Query, past: Callable[..., UUID]
):
    run_id = past(40, job=uuid4())
    query("DELETE FROM job_runs WHERE id = %s", run_id)
    query("INSERT INTO job_run_leftovers VALUES (%s)", run_id)
    async with await connect(record) as connection:
        assert await delete_runs(connection, uuid4(), []) == 0
    for table in (*PARTS, "job_run_leftovers"):
        assert left(query, table) == set(), table
