"""The migration makes the tables that the models describe, stored as the ledger needs them."""

import importlib

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, create_engine
from sqlmodel import SQLModel

from flows.ledger import tables
from flows.ledger.pair import PairKey, PairResult
from opsconductor.sdk.outcome import Outcome, RunOutcome
from portal.migrations import upgrade

from .conftest import sqlalchemy_url

pytestmark = pytest.mark.real


def ledger_metadata() -> MetaData:
    """The ledger's tables only: other rooms' models share SQLModel's metadata."""
    metadata = MetaData()
    for model in vars(tables).values():
        if isinstance(model, type) and issubclass(model, SQLModel) and model.__module__ == tables.__name__:
            model.__table__.to_metadata(metadata)
    return metadata


def test_models_and_migrations_agree(database):
    upgrade(database)
    wanted = ledger_metadata()
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_name": lambda name, kind, _: kind != "table" or name in wanted.tables,
    }
    engine = create_engine(sqlalchemy_url(database))
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), wanted)
    engine.dispose()
    assert len(wanted.tables) == 10
    assert differences == []


def test_updates_of_pairs_touch_no_index_but_the_key(query):
    indexes = query("SELECT indexname FROM pg_indexes WHERE tablename = 'job_run_steps'")
    assert indexes == [("job_run_steps_pkey",)]
    options = dict(query("SELECT relname, reloptions FROM pg_class WHERE reloptions IS NOT NULL AND relname ~ '^job_'"))
    assert "fillfactor=50" in options["job_run_steps"]
    assert "fillfactor=20" in options["job_run_counts"]
    storage = query("SELECT attstorage FROM pg_attribute WHERE attrelid = 'job_run_outputs'::regclass "
                    "AND attname IN ('stdout', 'stderr')")  # fmt: skip
    assert storage == [("e",), ("e",)]


def test_down_is_the_way_back(record, query):
    engine = create_engine(sqlalchemy_url(record))
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        importlib.import_module("portal.migrations.versions.0001_ledger").downgrade()
    engine.dispose()
    assert query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []


async def test_the_flow_role_does_its_work_and_nothing_else(record, query, start_run, claim):
    flow = record.replace("opsconductor@", "opsconductor_run@")
    run_id = start_run()
    ledger = await claim(run_id, dsn=flow)
    await ledger.sent(PairKey(0, 1, 1))
    await ledger.done(PairKey(0, 1, 1), PairResult(Outcome.OK, stdout="hi", stdout_bytes=2))
    await ledger.target_ended(0, Outcome.OK)
    await ledger.host_key_seen(0, "ssh-ed25519 AAAA")
    await ledger.event("batch.ended", {})
    await ledger.end(RunOutcome.SUCCEEDED, "")
    assert query("SELECT outcome FROM job_runs") == [("succeeded",)]
    for statement in (
        "UPDATE job_runs SET parameters = '{}'",
        "UPDATE job_runs SET credentials = '{}'",
        "UPDATE job_runs SET cancel_requested_at = NULL",
        "UPDATE job_run_targets SET host_keys = '[]'",
        "INSERT INTO job_run_decisions VALUES (gen_random_uuid(), 0, 1, 1, 'ran', 'me', '')",
        "INSERT INTO job_runs SELECT * FROM job_runs",
        "UPDATE published_jobs SET plan = '{}'",
        "UPDATE job_run_outputs SET stdout = ''",
        "UPDATE job_run_events SET data = '{}'",
        "DELETE FROM job_run_steps",
        "DELETE FROM job_run_events",
        "CREATE TABLE mine (n int)",
    ):
        with psycopg.connect(flow) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)
