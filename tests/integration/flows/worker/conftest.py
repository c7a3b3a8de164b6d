"""The real fork server, a real record and a real Prefect server; targets are ports and folders of this machine."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from prefect.settings import PREFECT_API_URL
from prefect.testing.utilities import prefect_test_harness
from psycopg import sql
from psycopg_pool import AsyncConnectionPool

from flows.plan import Binding, Need, Plan, PlannedStep
from flows.worker.broker import Asked, Broker, SealedDocument
from flows.worker.dispatcher import Dispatcher
from flows.worker.handover import PrefectAddress
from opsconductor.cli.machine.cluster import Cluster
from opsconductor.errors import NotFoundError
from opsconductor.sdk.credential import Secret, SSHLogin
from portal.migrations import upgrade

ROOT = Path(__file__).parents[4]
PASSWORD = "correct-horse-battery-staple-9f2c"


@pytest.fixture(scope="session")
def prefect_address() -> Iterator[PrefectAddress]:
    """A Prefect server with a database of its own."""
    with prefect_test_harness(server_startup_timeout=120):
        url = PREFECT_API_URL.value()
        assert url is not None
        yield PrefectAddress(url, None)


@dataclass
class ForkServerProcess:
    socket: Path
    process: subprocess.Popen[bytes]
    log: Path


@pytest.fixture(scope="module")
def record(postgres: Cluster) -> Iterator[str]:
    """One database for all tests of a module, as one fork server serves them."""
    name = f"worker_{uuid4().hex}"
    with psycopg.connect(postgres.dsn("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER opsconductor").format(sql.Identifier(name)))
    upgrade(postgres.dsn("opsconductor", name))
    yield postgres.dsn("opsconductor", name)
    with psycopg.connect(postgres.dsn("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def hosts() -> Iterator[Path]:
    """Where the targets' homes are, and the sockets: a short path."""
    with tempfile.TemporaryDirectory(prefix="opsc-worker-", dir="/tmp") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def forkserver(record: str, hosts: Path) -> Iterator[ForkServerProcess]:
    """The fork server, as a process of its own."""
    path, log = hosts / "forkserver.sock", hosts / "forkserver.log"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(hosts),
        "PREFECT_HOME": str(hosts / "prefect"),
        "OPSCONDUCTOR_RUN_DATABASE_URL": record,
        "TEST_HOSTS": str(hosts / "hosts"),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.doubles.forkserver", "--socket", str(path)],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        while not listens(path):
            assert process.poll() is None, log.read_text()
        yield ForkServerProcess(path, process, log)
    finally:
        process.terminate()
        process.wait(20)
        sys.stderr.write(log.read_text())


def listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


@pytest.fixture
def folder(hosts: Path) -> Path:
    """The targets' homes, empty."""
    shutil.rmtree(hosts / "hosts", ignore_errors=True)
    (hosts / "go-on").unlink(missing_ok=True)
    return hosts


class Documents:
    """Sealed documents, by key; what was read is remembered."""

    def __init__(self) -> None:
        self.kept: dict[UUID, SealedDocument] = {}
        self.read_ids: list[UUID] = []

    def add(self, password: str) -> UUID:
        key = uuid4()
        self.kept[key] = SealedDocument(key, "opsconductor-ssh-password", {"username": "ops", "sealed": password[::-1]})
        return key

    async def read(self, document_id: UUID) -> SealedDocument:
        self.read_ids.append(document_id)
        if document_id not in self.kept:
            raise NotFoundError("block document", document_id)
        return self.kept[document_id]


def unseal(document: SealedDocument, asked: Asked) -> SSHLogin:
    return SSHLogin(document.data["username"], Secret(document.data["sealed"][::-1]))


@pytest.fixture
def documents() -> Documents:
    return Documents()


@pytest.fixture
async def pool(record: str) -> AsyncIterator[AsyncConnectionPool[Any]]:
    async with AsyncConnectionPool(record, min_size=1, max_size=4, open=False, kwargs={"autocommit": True}) as pool:
        yield pool


class Worker:
    """What the worker process does for runs, without its life in Prefect."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self.dispatcher = dispatcher
        self.ended: asyncio.Queue[tuple[UUID, int, int | None]] = asyncio.Queue()

    async def end(self, run_id: UUID, epoch: int, code: int | None) -> None:
        self.ended.put_nowait((run_id, epoch, code))


@pytest.fixture
def worker(
    record: str,
    pool: AsyncConnectionPool[Any],
    documents: Documents,
    forkserver: ForkServerProcess,
    prefect_address: PrefectAddress,
) -> Callable[..., Any]:
    """Start a worker's dispatcher."""

    @asynccontextmanager
    async def start(prefect: PrefectAddress = prefect_address, capacity: int = 10) -> AsyncIterator[Worker]:
        broker = Broker(pool, documents, unseal)
        ended: asyncio.Queue[tuple[UUID, int, int | None]] = asyncio.Queue()

        async def on_end(run_id: UUID, epoch: int, code: int | None) -> None:
            ended.put_nowait((run_id, epoch, code))

        dispatcher = Dispatcher(pool, record, forkserver.socket, broker, prefect, capacity=capacity, on_end=on_end)
        async with dispatcher:
            await dispatcher.listening.wait()
            running = Worker(dispatcher)
            running.ended = ended
            yield running

    return start


class Port:
    """A target's port: what arrives there, and when."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[tuple[float, str]] = asyncio.Queue()
        self.number = 0
        self.callers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at = asyncio.get_running_loop().time()
        self.callers.add(writer)
        self.lines.put_nowait((at, (await reader.readline()).decode()))
        await reader.read()
        writer.close()

    async def hang_up(self) -> None:
        for writer in self.callers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in self.callers), return_exceptions=True)


@pytest.fixture
async def port() -> AsyncIterator[Port]:
    port = Port()
    server = await asyncio.start_server(port.serve, "127.0.0.1", 0)
    port.number = server.sockets[0].getsockname()[1]
    yield port
    server.close()
    await port.hang_up()


def shell_plan(*scripts: str, name: str = "probe") -> Plan:
    """Scripts, one after the other, on each target."""
    steps = [
        PlannedStep(
            ord=place,
            id=f"s{place}",
            scope="target",
            needs=(Need(step=f"s{place - 1}"),) if place else (),
            uses="linux/command.repeat@1",
            library_version="1",
            effect="idempotent",
            arguments={"line": Binding(value=script, shell="posix")},
        )
        for place, script in enumerate(scripts)
    ]
    return Plan(name=name, nodes=tuple(steps))


@pytest.fixture
def order(
    query: Callable[..., Any], publish: Callable[[Plan], UUID], documents: Documents, port: Port
) -> Callable[..., UUID]:
    """Start a run as the portal does: rows, then the announcement."""

    def write(plan: Plan, targets: int = 1, *, password: str = PASSWORD, announce: bool = True) -> UUID:
        job_id, run_id, document = publish(plan), uuid4(), documents.add(password)
        frozen = {"login": {"credential_id": str(uuid4()), "block_document_id": str(document), "version": 1}}
        query(
            "INSERT INTO job_runs (id, job_id, job_version, job_name, parameters, credentials, secret_parameters, "
            "check_only, trigger, requested_by, correlation_id, target_count, status, summary, epoch) "
            "VALUES (%s, %s, 1, %s, '{}', %s, '{}', false, 'manual', 'ada', '', %s, 'queued', '', 0)",
            run_id, job_id, plan.name, json.dumps(frozen), targets,
        )  # fmt: skip
        query(
            "INSERT INTO job_run_targets (run_id, ord, target_id, name, address, port, platform, variables, tags, "
            "host_keys, encoding, credential, reason) SELECT %s, n, 't' || n, 'h' || n, '127.0.0.1', %s, "
            "'linux', '{}', '[]', '[]', 'utf-8', 'login', '' FROM generate_series(0, %s - 1) AS n",
            run_id, port.number, targets,
        )  # fmt: skip
        if announce:
            query("SELECT pg_notify('opsconductor_runs', %s)", f"{run_id} 0")
        return run_id

    return write
