"""A database with the record's tables, and runs in it."""

import importlib
import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from flows.ledger.session import RunLedger

from .line import Line

PLAN = {"name": "probe", "nodes": []}


def sqlalchemy_url(dsn: str) -> str:
    return dsn.replace("postgresql://", "postgresql+psycopg://", 1)


@pytest.fixture
def record(database: str) -> str:
    """DSN of a database that went through the ledger's own migrations."""
    engine = create_engine(sqlalchemy_url(database))
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        for migration in ("0001_ledger", "0016_traces"):
            importlib.import_module(f"portal.migrations.versions.{migration}").upgrade()
    engine.dispose()
    return database


@pytest.fixture
def query(record: str) -> Callable[..., list[tuple[Any, ...]]]:
    """Ask the database, as an independent reader."""

    def ask(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(record, autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    return ask


@pytest.fixture
def start_run(query: Callable[..., list[tuple[Any, ...]]]) -> Callable[..., UUID]:
    """Write a run as the portal does."""

    def start(targets: int = 3, **columns: Any) -> UUID:
        run_id, job_id = uuid4(), uuid4()
        query("INSERT INTO published_jobs VALUES (%s, 1, 'probe', %s)", job_id, json.dumps(PLAN))
        query(
            "INSERT INTO job_runs (id, job_id, job_version, job_name, parameters, credentials, secret_parameters, "
            "check_only, trigger, requested_by, correlation_id, target_count, status, summary, epoch) "
            "VALUES (%s, %s, 1, 'probe', '{\"unit\": \"cron\"}', '{}', '{}', false, 'manual', 'ada', '', %s, "
            "'queued', '', 0)",
            run_id,
            job_id,
            targets,
        )
        query(
            "INSERT INTO job_run_targets (run_id, ord, target_id, name, address, port, platform, variables, tags, "
            "host_keys, encoding, credential, reason) SELECT %s, n, 't' || n, 'host-' || n, '127.0.0.1', 22, "
            "'linux', '{}', '[\"web\"]', '[]', 'utf-8', 'ops', '' FROM generate_series(0, %s - 1) AS n",
            run_id,
            targets,
        )
        for column, value in columns.items():
            query(f"UPDATE job_runs SET {column} = %s WHERE id = %s", value, run_id)
        return run_id

    return start


@pytest.fixture
async def line(record: str) -> AsyncIterator[Line]:
    """The way to the record, to be cut."""
    with tempfile.TemporaryDirectory(prefix="opsc-line-", dir="/tmp") as folder:
        line = Line(record, Path(folder))
        await line.open()
        yield line
        await line.cut()


@pytest.fixture
async def claim(record: str) -> AsyncIterator[Callable[..., Awaitable[RunLedger]]]:
    """Claim runs; what the test leaves open is closed."""
    ledgers: list[RunLedger] = []

    async def claim_run(run_id: UUID, epoch: int = 0, dsn: str = record, **options: Any) -> RunLedger:
        ledgers.append(await RunLedger.claim(dsn, run_id, epoch, owner="test", **options))
        return ledgers[-1]

    yield claim_run
    for ledger in ledgers:
        await ledger.close()
