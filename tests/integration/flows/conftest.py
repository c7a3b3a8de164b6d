"""Runs in a real record, written as the portal writes them, and done by the engine on fake machines."""

import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import psycopg
import pytest
from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.testing.utilities import prefect_test_harness

from flows.engine.session import OpenedCredentials, Session, open_session
from flows.ledger.record import RunRecord
from flows.ledger.session import RunLedger
from flows.plan import Plan
from opsconductor.sdk.credential import Secret, SSHLogin
from portal.migrations import upgrade
from tests.doubles.fake_connector import FakeConnector
from tests.unit.flows.engine.stage import LOGIN, Actions


@pytest.fixture(scope="module")
def prefect() -> Iterator[None]:
    """A Prefect server with a database of its own."""
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
async def client(prefect: None) -> AsyncIterator[PrefectClient]:
    async with get_client() as client:
        yield client


@pytest.fixture
def record(database: str) -> str:
    """DSN of a database with the record's tables."""
    upgrade(database)
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
def publish(query: Callable[..., list[tuple[Any, ...]]]) -> Callable[[Plan], UUID]:
    """Publish a job."""

    def write(plan: Plan) -> UUID:
        job_id = uuid.uuid4()
        text = json.dumps(plan.model_dump(mode="json"))
        query(
            "INSERT INTO published_jobs (job_id, version, name, plan) VALUES (%s, 1, %s, %s)", job_id, plan.name, text
        )
        return job_id

    return write


@pytest.fixture
def start(query: Callable[..., list[tuple[Any, ...]]]) -> Callable[..., UUID]:
    """Start a run of a published job."""

    def write(job_id: UUID, targets: int, parameters: Mapping[str, Any] | None = None) -> UUID:
        run_id = uuid.uuid4()
        query(
            "INSERT INTO job_runs (id, job_id, job_version, job_name, parameters, credentials, secret_parameters, "
            "check_only, trigger, requested_by, correlation_id, target_count, status, summary, epoch) "
            "VALUES (%s, %s, 1, 'test', %s, '{\"login\": {}}', '{}', false, 'manual', 'ada', '', %s, 'queued', '', 0)",
            run_id,
            job_id,
            json.dumps(parameters or {}),
            targets,
        )
        query(
            "INSERT INTO job_run_targets (run_id, ord, target_id, name, address, port, platform, variables, tags, "
            "host_keys, encoding, credential, reason) SELECT %s, n, 't' || n, 'h' || n, '192.0.2.1', 22, "
            "'linux', '{}', '[\"web\"]', '[]', 'utf-8', 'login', '' FROM generate_series(0, %s - 1) AS n",
            run_id,
            targets,
        )
        return run_id

    return write


class Credentials:
    """A source that hands over the one login."""

    def __init__(self) -> None:
        self.opened: Mapping[str, SSHLogin | Secret] = {"login": LOGIN}

    async def open(self, run: RunRecord) -> OpenedCredentials:
        return OpenedCredentials(self.opened)


@pytest.fixture
async def session(record: str) -> AsyncIterator[Callable[..., Any]]:
    """Open sessions on fake machines; what the test leaves open is closed."""
    sessions: list[Session] = []

    async def open_one(run_id: UUID, connector: FakeConnector, epoch: int = 0) -> Session:
        async def claim() -> RunLedger:
            return await RunLedger.claim(record, run_id, epoch, owner="test")

        sessions.append(await open_session(claim, Credentials(), connector, Actions()))
        return sessions[-1]

    yield open_one
    for each in sessions:
        await each.close()
