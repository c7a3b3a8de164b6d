"""A real PostgreSQL with the record's tables, durable as in service, and what it costs."""

import getpass
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from flows.plan import Plan
from opsconductor.cli.machine.account import Account
from opsconductor.cli.machine.cluster import Cluster
from opsconductor.cli.machine.databases import ensure_databases
from portal.migrations import upgrade
from tests.fixtures.postgres import wait_for_server

_TICKS = os.sysconf("SC_CLK_TCK")


class Record:
    """One database and the server behind it."""

    def __init__(self, dsn: str, server: int) -> None:
        self.dsn = dsn
        self._server = server

    def cpu_seconds(self) -> float:
        """CPU that the server and all of its processes have used, ended ones included."""
        return sum(_ticks(pid) for pid in (self._server, *_children(self._server))) / _TICKS

    def start_run(self, plan: Plan, targets: int) -> UUID:
        """A run as the portal writes it."""
        job_id, run_id = uuid4(), uuid4()
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO published_jobs (job_id, version, name, plan) VALUES (%s, 1, %s, %s)",
                (job_id, plan.name, json.dumps(plan.model_dump(mode="json"))),
            )
            connection.execute(
                "INSERT INTO job_runs (id, job_id, job_version, job_name, parameters, credentials, secret_parameters, "
                "check_only, trigger, requested_by, correlation_id, target_count, status, summary, epoch) VALUES "
                "(%s, %s, 1, %s, '{}', '{\"login\": {}}', '{}', false, 'manual', 'bench', '', %s, 'queued', '', 0)",
                (run_id, job_id, plan.name, targets),
            )
            connection.execute(
                "INSERT INTO job_run_targets (run_id, ord, target_id, name, address, port, platform, variables, tags, "
                "host_keys, encoding, credential, reason) SELECT %s, n, 't' || n, 'h' || n, '192.0.2.1', 22, "
                "'linux', '{}', '[]', '[]', 'utf-8', 'login', '' FROM generate_series(0, %s - 1) AS n",
                (run_id, targets),
            )
            connection.execute("ANALYZE")
        return run_id


@contextmanager
def record() -> Iterator[Record]:
    """A private server with fsync and synchronous_commit on, as `up` makes it."""
    folder = Path(tempfile.mkdtemp(prefix="opsc-bench-", dir="/var/tmp"))
    folder.chmod(0o755)
    account = Account.ensure("opsconductor", folder) if os.geteuid() == 0 else Account.current()
    roles = ("postgres", "opsconductor", "opsconductor_run", "prefect")
    cluster = Cluster(folder / "pg" / "data", folder / "run", account, {getpass.getuser(): roles, account.name: roles})
    cluster.create()
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(cluster.command(), stdout=log, stderr=log, cwd="/", **account.popen)
    try:
        wait_for_server(server, cluster.dsn("postgres", "postgres"))
        ensure_databases(cluster)
        dsn = cluster.dsn("opsconductor", "opsconductor")
        upgrade(dsn)
        yield Record(dsn, server.pid)
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15]))  # utime, stime, and those of ended children (proc(5))


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
