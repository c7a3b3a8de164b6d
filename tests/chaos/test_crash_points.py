"""Crash points on real SSH: an engine dies at each named point, another goes on; the hosts' files give the verdict."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from deploy.fleet import Fleet
from flows.compiler import compile_job
from flows.ledger.pair import DONE, SENT
from flows.ledger.reconciler import Reconciler
from flows.ledger.states import CRASH_POINTS
from opsconductor.sdk.job import parse_yaml
from portal.migrations import upgrade
from steplib.loader import load

from .checker import check
from .crash_engine import Death
from .evidence import gather

pytestmark = pytest.mark.real

HOSTS = 2
ACTIONS = {"read": "command.read", "idempotent": "command.repeat", "once": "command"}
PROBES = ("before_probe", "after_probe")
ROOT = Path(__file__).parents[2]

# The third of four pairs, unless the point is passed less often.
PASSES = {
    "after_claim_commit": 1,
    "sent_commit_unanswered": 1,
    "result_commit_unanswered": 1,
    "before_probe": 1,
    "after_probe": 1,
    "before_end_commit": 1,
    "after_end_commit": 1,
}

JOB = """
apiVersion: opsconductor/v1
kind: Job
name: crash
steps:
  - {{id: first, uses: linux/{action}@1, with: {{line: '{line}'}}}}
  - {{id: second, uses: linux/{action}@1, with: {{line: '{line}'}}}}
"""


def line(log: str) -> str:
    return f"echo ${{{{ run.id }}}} ${{{{ target.name }}}} STEP $(date +%s.%N) >> {log}; sleep 0.3"


@dataclass(frozen=True)
class Site:
    """A record, and the hosts of its runs."""

    dsn: str
    fleet: Fleet
    log: str

    def order(self, job_id: UUID) -> str:
        """A run, as the portal writes it."""
        run_id = uuid4()
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO job_runs (id, job_id, job_version, job_name, parameters, credentials, secret_parameters, "
                "check_only, trigger, requested_by, correlation_id, target_count, status, summary, epoch) VALUES "
                "(%s, %s, 1, 'crash', '{}', '{}', '{}', false, 'manual', 'ada', '', %s, 'queued', '', 0)",
                (run_id, job_id, HOSTS),
            )
            for ord_, host in enumerate(self.fleet.hosts):
                connection.execute(
                    "INSERT INTO job_run_targets (run_id, ord, target_id, name, address, port, platform, variables, "
                    "tags, host_keys, encoding, credential, reason) VALUES "
                    "(%s, %s, %s, %s, %s, %s, 'linux', '{}', '[]', %s, 'utf-8', 'login', '')",
                    (run_id, ord_, host.name, host.name, host.address, host.port, json.dumps([host.host_key])),
                )
        return str(run_id)

    def publish(self, action: str) -> UUID:
        """The job: two steps of one effect class."""
        text = JOB.format(action=action, line=line(self.log))
        for step in ("first", "second"):
            text = text.replace("STEP", step, 1)
        plan = compile_job(parse_yaml(text), load()).model_dump(mode="json")
        job_id = uuid4()
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO published_jobs (job_id, version, name, plan) VALUES (%s, 1, 'crash', %s)",
                (job_id, json.dumps(plan)),
            )
        return job_id

    def death(self, run: str, point: str) -> Death:
        """An engine of epoch 0 that dies there."""
        host = self.fleet.hosts[0]
        logs = [str(each.home / self.log) for each in self.fleet.hosts]
        return Death(self.dsn, run, 0, point, PASSES.get(point, 3), logs, host.username, host.private_key)

    def durable(self, run: str) -> set[int]:
        """States of the pairs that are in the record."""
        with psycopg.connect(self.dsn) as connection:
            rows = connection.execute("SELECT DISTINCT state FROM job_run_steps WHERE run_id = %s", (run,))
            return {state for (state,) in rows}

    async def take_over(self) -> dict[str, int]:
        """What the reconciler does once the leases of the dead have run out: run → its next epoch."""
        dispatched: dict[str, int] = {}

        async def dispatch(run_id: UUID, epoch: int) -> None:
            dispatched[str(run_id)] = epoch

        async with await psycopg.AsyncConnection.connect(self.dsn, autocommit=True) as connection:
            await connection.execute("UPDATE job_runs SET lease_until = now() - interval '1 s' WHERE status <> 'ended'")
            await Reconciler(self.dsn, dispatch, grace_seconds=0).reconcile(connection)
        return dispatched


@pytest.fixture
def site(database: str, fleet: Fleet) -> Iterator[Site]:
    upgrade(database)
    site = Site(database, replace(fleet, hosts=fleet.hosts[:HOSTS]), f"crash-{uuid4().hex}.log")
    yield site
    for host in site.fleet.hosts:
        (host.home / site.log).unlink(missing_ok=True)


Engines = Callable[[list[Death]], dict[str, int]]


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    """Runs a batch of engines, each a process; gives their exit codes."""
    command = [sys.executable, "-m", "tests.chaos.crash_engine"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        asked, answers = server.stdin, server.stdout

        def run(deaths: list[Death]) -> dict[str, int]:
            asked.write(json.dumps([asdict(death) for death in deaths]) + "\n")
            asked.flush()
            return json.loads(answers.readline())

        yield run
        asked.close()


@pytest.mark.parametrize("effect", ACTIONS)
async def test_a_dead_engine_loses_nothing_and_repeats_nothing(effect: str, site: Site, engines: Engines) -> None:
    """All engines die, each at its own point; then all runs go on."""
    job_id = site.publish(ACTIONS[effect])
    runs = {site.order(job_id): point for point in CRASH_POINTS}
    deaths = {run: site.death(run, "command_running" if point in PROBES else point) for run, point in runs.items()}
    codes = engines(list(deaths.values()))
    assert {runs[run] for run, code in codes.items() if code == -signal.SIGKILL} == set(CRASH_POINTS)

    named = {point: run for run, point in runs.items()}
    assert site.durable(named["sent_commit_unanswered"]) == {SENT}
    assert DONE in site.durable(named["result_commit_unanswered"])

    epochs = await site.take_over()
    assert {runs[run] for run in epochs} == set(CRASH_POINTS) - {"after_end_commit"}
    probing = [site.death(run, point) for run, point in runs.items() if point in PROBES]
    codes = engines([replace(death, epoch=epochs[death.run]) for death in probing])
    assert set(codes.values()) == {-signal.SIGKILL if effect == "once" else 0}  # only they are asked after

    epochs |= await site.take_over()
    alive = [replace(deaths[run], epoch=epoch, point="") for run, epoch in epochs.items()]
    still = [death for death in alive if effect == "once" or runs[death.run] not in PROBES]
    assert set(engines(still).values()) == {0}

    history = gather(site.dsn, site.fleet, site.log, list(runs), {"first": effect, "second": effect})
    verdict = check(history)
    assert verdict.faults == []
    assert verdict.counts["runs succeeded"] == len(CRASH_POINTS)
    assert verdict.counts["pairs unknown"] == 0
