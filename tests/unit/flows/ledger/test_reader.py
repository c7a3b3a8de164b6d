"""The portal reads what engines wrote."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from flows.ledger.pair import PairKey, PairResult
from flows.ledger.reader import (
    CELL_NONE,
    CELL_SENT,
    Progress,
    find_output,
    read_attempts,
    read_events,
    read_matrix,
    read_progress,
)
from flows.ledger.reopening import reopen
from opsconductor.errors import ConflictError
from opsconductor.sdk.outcome import Outcome, RunOutcome

from .conftest import sqlalchemy_url

pytestmark = pytest.mark.real


@pytest.fixture
async def database_connection(record) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(sqlalchemy_url(record))
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


@pytest.fixture
async def run_id(start_run, claim):
    run_id = start_run(targets=4)
    ledger = await claim(run_id)
    await ledger.sent(PairKey(0, 1, 1))
    await ledger.done(
        PairKey(0, 1, 1),
        PairResult(
            Outcome.FAILED, 3, "no luck", stdout="a\0é", stderr="e", stdout_bytes=70_000, stderr_bytes=1, truncated=True
        ),
    )
    await ledger.sent(PairKey(0, 1, 2))
    await ledger.done(PairKey(0, 1, 2), PairResult(Outcome.CHANGED, 0, "done", {"n": 1}))
    await ledger.sent(PairKey(2, 1, 1))
    await ledger.done(PairKey(-1, 2, 1), PairResult(Outcome.OK))
    await ledger.end(RunOutcome.PARTIAL, "1 of 4")
    return run_id


async def test_the_matrix_shows_the_latest_attempt_of_each_pair(database_connection, run_id):
    matrix = await read_matrix(database_connection, run_id)
    assert matrix.steps == {1: bytes([Outcome.CHANGED, CELL_NONE, CELL_SENT, CELL_NONE])}
    assert matrix.run_steps == {2: int(Outcome.OK)}
    assert await read_events(database_connection, run_id, matrix.seq) == []
    assert (await read_matrix(database_connection, uuid4())).steps == {}


async def test_events_go_on_from_a_cursor(database_connection, run_id):
    events = await read_events(database_connection, run_id, 0, limit=3)
    assert [event.seq for event in events] == [1, 2, 3]
    rest = await read_events(database_connection, run_id, 3)
    assert [event.kind for event in rest] == ["pairs"] * 4 + ["run.ended"]
    assert rest[1].data == {"rows": [[0, 1, 2, 2, int(Outcome.CHANGED)]]}


async def test_attempts_output_and_progress(database_connection, run_id):
    attempts = await read_attempts(database_connection, run_id, 0)
    assert [(a.key.attempt, a.outcome, a.exit_code, a.summary, a.outputs) for a in attempts] == [
        (1, Outcome.FAILED, 3, "no luck", None),
        (2, Outcome.CHANGED, 0, "done", {"n": 1}),
    ]
    assert all(a.sent_at and a.done_at and a.sent_at <= a.done_at for a in attempts)
    output = await find_output(database_connection, run_id, PairKey(0, 1, 1))
    assert output is not None
    assert (output.stdout, output.stderr, output.stdout_bytes, output.truncated) == ("a\0é", "e", 70_000, True)
    assert await find_output(database_connection, run_id, PairKey(0, 1, 2)) is None
    progress = await read_progress(database_connection, run_id)
    assert progress == {1: Progress(2, 0, 1, 0, 0), 2: Progress(1, 1, 0, 0, 0)}
    assert progress[1].running == 1


async def test_an_ended_run_goes_on_under_a_new_epoch(database_connection, run_id, claim):
    assert await reopen(database_connection, run_id) == 1
    await database_connection.commit()
    ledger = await claim(run_id, 1)
    assert ledger.restored[0, 1].outcome is Outcome.CHANGED
    with pytest.raises(ConflictError):
        await reopen(database_connection, run_id)
