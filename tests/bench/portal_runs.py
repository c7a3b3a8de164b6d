"""The runs of a busy portal: 100,000 of them with 5,000,000 steps on 20,000 targets; 200 people watch one live.

`OPSCONDUCTOR_BENCH_RUNS` makes it smaller. The portal, the engine that writes and the watchers are processes of
their own on the same machine; requests go over loopback, one at a time.
"""

import asyncio
import json
import logging
import multiprocessing
import os
import socket
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import structlog
from sqlalchemy import inspect
from websockets.asyncio.client import connect

from blocks.keyring import Keyring
from flows.ledger.pair import PairKey, PairResult
from flows.ledger.session import RunLedger
from opsconductor.sdk.outcome import Outcome, RunOutcome
from portal.__main__ import serve
from portal.admin import prepare
from portal.app import create_app
from portal.identity.models import Session
from portal.identity.repository import IdentityRepository
from portal.identity.tokens import AccessClaims, TokenKeys
from portal.jobs.models import Job, JobVersion
from portal.kit.database import create_engine, create_sessions
from portal.kit.ids import now
from portal.settings import Settings
from portal.targets.models import Target
from tests.doubles.gateway import RememberingGateway

from .ledger import plan
from .record import Record, record
from .rows import Row

RUNS = int(os.environ.get("OPSCONDUCTOR_BENCH_RUNS", "100000"))
TARGETS = 20_000
BIG_TARGETS, STEPS = 5000, 20
JOBS = 50
WATCHERS = 200
TIMES = 60
CHANGES = 200
_BIG = 10

# What the models say by themselves comes from one row of each: columns that are added later need no change here.
_WRITTEN = ", ".join(f'"{column.name}"' for column in inspect(Target).columns if column.computed is None)
_TARGETS_SQL = f"""
INSERT INTO targets ({_WRITTEN}) SELECT {_WRITTEN} FROM generate_series(1, %(targets)s) n,
LATERAL jsonb_populate_record(
  NULL::targets, %(target)s::jsonb || jsonb_build_object('id', gen_random_uuid(), 'name', 't' || lpad(n::text, 5, '0'),
  'address', '10.0.' || n / 250 || '.' || n %% 250, 'groups', jsonb_build_array('g' || n %% 100))) target
"""
_JOBS_SQL = """
WITH made AS (
  INSERT INTO jobs SELECT job.* FROM generate_series(1, %(jobs)s) n, LATERAL jsonb_populate_record(
    NULL::jobs, %(job)s::jsonb || jsonb_build_object('id', gen_random_uuid(), 'name', 'job-' || n,
    'folder', 'f' || n %% 5)) job
  RETURNING id, name
), versions AS (
  INSERT INTO job_versions SELECT version.* FROM made, LATERAL jsonb_populate_record(
    NULL::job_versions, %(version)s::jsonb || jsonb_build_object('job_id', made.id)) version
)
INSERT INTO published_jobs (job_id, version, name, plan) SELECT id, 1, name, %(plan)s FROM made
"""
# Keys in the order of time, as UUIDv7: the milliseconds first.
_RUNS_SQL = """
INSERT INTO job_runs (id, job_id, job_version, job_name, parameters, credentials, secret_parameters, check_only,
  trigger, requested_by, correlation_id, target_count, created_at, status, outcome, summary, epoch, event_seq,
  started_at, finished_at, counted_at)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'
    || substr(md5(n::text), 4, 15))::uuid,
  job.job_id, 1, job.name, '{"unit": "nginx.service"}', '{}', '{}', false,
  CASE WHEN n %% 3 = 0 THEN 'schedule' ELSE 'manual' END, 'user' || n %% 40, '', 2, at, 'ended',
  CASE WHEN n %% 50 = 0 THEN 'failed' ELSE 'succeeded' END, 'fine', 1, 40, at, at + interval '1 minute',
  at + interval '1 minute'
FROM (SELECT n, now() - make_interval(secs => (%(runs)s - n) * 60) AS at FROM generate_series(1, %(runs)s) n) runs
JOIN (SELECT job_id, name, row_number() OVER () AS place FROM published_jobs) job ON job.place = 1 + n %% %(jobs)s
"""
_RUN_TARGETS_SQL = """
INSERT INTO job_run_targets (run_id, ord, target_id, name, address, port, platform, variables, tags, host_keys,
  encoding, outcome, reason)
SELECT run.id, ord, target.id::text, target.name, target.address, 22, 'linux', '{}', '[]', '[]', 'utf-8', 0, ''
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM job_runs) run
CROSS JOIN generate_series(0, 1) ord
JOIN (SELECT *, row_number() OVER (ORDER BY name) AS place FROM targets) target
  ON target.place = 1 + (run.n * 2 + ord) %% %(targets)s
"""
_STEPS_SQL = """
INSERT INTO job_run_steps (run_id, target_ord, step_ord, attempt, state, outcome, exit_code, epoch, sent_at, done_at,
  summary)
SELECT id, ord, step, 1, 2, (ord + step) %% 2, 0, 1, created_at, created_at + interval '2 seconds', 'exit code 0'
FROM job_runs CROSS JOIN generate_series(0, %(last)s) ord CROSS JOIN generate_series(0, 19) step
WHERE target_count = %(last)s + 1 ORDER BY id, step
"""
# A portal that was there when these runs ended has read their events and counted them: it has nothing to catch up.
_READ_SQL = "INSERT INTO event_positions (run_id, seq) SELECT id, event_seq FROM job_runs"
_BIG_SQL = """
WITH big AS (SELECT id FROM job_runs ORDER BY id DESC LIMIT 10), grown AS (
  UPDATE job_runs SET target_count = %(big)s WHERE id IN (SELECT id FROM big)
)
INSERT INTO job_run_targets (run_id, ord, target_id, name, address, port, platform, variables, tags, host_keys,
  encoding, outcome, reason)
SELECT big.id, place - 1, t.id::text, t.name, t.address, 22, 'linux', '{}', '[]', '[]', 'utf-8',
  CASE WHEN place %% 100 = 0 THEN 3 ELSE 0 END, CASE WHEN place %% 100 = 0 THEN 'exit code 1' ELSE '' END
FROM big CROSS JOIN (SELECT *, row_number() OVER (ORDER BY name) AS place FROM targets) t
WHERE place BETWEEN 3 AND %(big)s
"""


def _fill(dsn: str) -> None:
    values = {
        "targets": TARGETS, "jobs": JOBS, "runs": RUNS, "big": BIG_TARGETS,
        "plan": json.dumps(plan(STEPS, 200).model_dump(mode="json")), **_examples(),
    }  # fmt: skip
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        for statement in (_TARGETS_SQL, _JOBS_SQL, _RUNS_SQL, _RUN_TARGETS_SQL, _BIG_SQL):
            connection.execute(statement, values)
        for last in (1, BIG_TARGETS - 1):
            connection.execute(_STEPS_SQL, {"last": last})
        connection.execute(_READ_SQL)
        connection.execute("VACUUM (ANALYZE)")


def _examples() -> dict[str, str]:
    target = Target(
        name="", address="", port=22, platform="linux", tags=[], groups=[], variables={}, host_keys=[]
    )  # fmt: skip
    job = Job(name="", folder="", version=1, tags=[])
    document = {"targets": {"select": "name:t00001 or name:t00002"}}
    version = JobVersion(job_id=job.id, version=1, document=document, source="", created_by="bench")
    rows = {"target": target, "job": job, "version": version}
    return {name: json.dumps(row.model_dump(mode="json")) for name, row in rows.items()}


def _serve(settings: Settings) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    serve(create_app(settings, lambda _: RememberingGateway()), settings)


async def _token(settings: Settings) -> str:
    engine = create_engine(settings.database_url)
    async with create_sessions(engine)() as session, session.begin():
        user = await IdentityRepository(session).find_by_username("admin")
        if user is None:
            raise RuntimeError("there is no admin")
        user.must_change_password = False
        opened = Session(user_id=user.id, kind="api", expires_at=now() + timedelta(hours=4))
        session.add(opened)
    await engine.dispose()
    keys = TokenKeys.load(settings.token_keys_file)
    return keys.sign(AccessClaims(user.id, opened.id), lifetime_seconds=4 * 3600)


@contextmanager
def _portal(server: Record) -> Iterator[httpx.Client]:
    with tempfile.TemporaryDirectory(prefix="opsc-bench-", dir="/tmp") as home:
        Keyring.create(Path(home) / "keyring.json")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        settings = Settings(home=Path(home), database_url=server.dsn, portal_url="http://portal.test", port=port)
        process = multiprocessing.get_context("spawn").Process(target=_serve, args=(settings,), daemon=True)
        process.start()
        try:
            headers = {"Authorization": f"Bearer {asyncio.run(_wait_token(settings))}"}
            with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", headers=headers, timeout=60) as client:
                _wait_for(client)
                yield client
        finally:
            process.terminate()
            process.join()


async def _wait_token(settings: Settings) -> str:
    while not settings.token_keys_file.exists():
        await asyncio.sleep(0.05)
    return await _token(settings)


def _wait_for(client: httpx.Client) -> None:
    for _ in range(1200):
        try:
            client.get("/runs", params={"size": 1}).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the portal did not come up")


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    cuts = quantiles(seconds, n=100, method="inclusive")
    return cuts[49] * 1000, cuts[94] * 1000


def _timed(client: httpx.Client, path: str, **query: Any) -> tuple[float, float]:
    spent: list[float] = []
    for turn in range(TIMES + 5):
        began = time.perf_counter()
        client.get(path, params=query).raise_for_status()
        if turn >= 5:
            spent.append(time.perf_counter() - began)
    return _percentiles(spent)


def _lists(client: httpx.Client) -> list[Row]:
    newest = client.get("/runs", params={"size": 50}).json()
    middle = newest["items"][25]["created_at"]
    wanted: dict[str, dict[str, Any]] = {
        "newest": {},
        "second page": {"cursor": newest["next_page"]},
        "failed": {"outcome": "failed"},
        "of a job": {"job_id": newest["items"][0]["job_id"]},
        "of a folder": {"folder": "f1"},
        "by a person, failed": {"by": "user10", "outcome": "failed"},
        "on a target": {"target": "t00777"},
        "of a stretch": {"created_before": middle, "trigger": "schedule"},
        "with a word": {"q": "job-4"},
        "with a word that is nowhere": {"q": "nothing like this"},
        "oldest": {"sort": "created_at"},
        "by job": {"sort": "job"},
    }
    rows: list[Row] = []
    for name, query in wanted.items():
        p50, p95 = _timed(client, "/runs", **query)
        rows.append(Row.at_most(f"runs listed, {name}: p95 ms", p95, 50, f"p50 {p50:.1f}"))
    return rows


def _matrices(client: httpx.Client, dsn: str) -> list[Row]:
    big = client.get("/runs", params={"size": 1}).json()["items"][0]["id"]
    p50, p95 = _timed(client, f"/runs/{big}/matrix")
    size = len(client.get(f"/runs/{big}/matrix").content) // 1024
    rows = [Row.at_most(f"matrix {BIG_TARGETS:,} × {STEPS}: p95 ms", p95, 200, f"p50 {p50:.1f}, {size} kB")]
    run_id = _new_run(dsn)
    asyncio.run(_change(dsn, run_id))
    known = client.get(f"/runs/{run_id}/matrix").json()["seq"]
    changes = client.get(f"/runs/{run_id}/matrix", params={"after": known - 1}).json()
    p50, p95 = _timed(client, f"/runs/{run_id}/matrix", after=known - 1)
    note = f"p50 {p50:.1f}, {len(changes['cells']) // 3} cells"
    return [*rows, Row.at_most("matrix, what changed: p95 ms", p95, 10, note)]


def _starts(client: httpx.Client) -> list[Row]:
    job = client.get("/runs", params={"size": 1}).json()["items"][0]["job_id"]
    spent: list[float] = []
    for turn in range(TIMES + 5):
        began = time.perf_counter()
        client.post("/runs", json={"job_id": job}).raise_for_status()
        if turn >= 5:
            spent.append(time.perf_counter() - began)
    p50, p95 = _percentiles(spent)
    return [Row.at_most("run started on 2 of 20,000 targets: p95 ms", p95, 100, f"p50 {p50:.1f}")]


_COPY_RUN = """
INSERT INTO job_runs SELECT (jsonb_populate_record(NULL::job_runs, to_jsonb(run) || jsonb_build_object(
  'id', %(new)s::text, 'status', 'queued', 'outcome', null, 'owner', null, 'epoch', 0, 'event_seq', 0,
  'finished_at', null, 'lease_until', now() + interval '1 day'))).*
FROM (SELECT * FROM job_runs WHERE target_count = %(big)s AND status = 'ended' ORDER BY id DESC LIMIT 1) run
"""
_COPY_TARGETS = """
INSERT INTO job_run_targets SELECT (jsonb_populate_record(NULL::job_run_targets, to_jsonb(target) ||
  jsonb_build_object('run_id', %(new)s::text, 'outcome', null, 'reason', ''))).*
FROM job_run_targets target WHERE run_id = (
  SELECT id FROM job_runs WHERE target_count = %(big)s AND id <> %(new)s ORDER BY id DESC LIMIT 1)
"""


def _new_run(dsn: str) -> UUID:
    """A run of the size of the big ones that nobody has begun."""
    new = uuid4()
    values = {"new": new, "big": BIG_TARGETS}
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(_COPY_RUN, values)
        connection.execute(_COPY_TARGETS, values)
    return new


async def _change(dsn: str, run_id: UUID) -> None:
    """One commit of so many pairs."""
    ledger = await RunLedger.claim(dsn, run_id, 0, owner="bench")
    await asyncio.gather(*(ledger.sent(PairKey(target, 0, 1)) for target in range(CHANGES)))
    await asyncio.gather(*(ledger.done(PairKey(target, 0, 1), PairResult(Outcome.OK, 0)) for target in range(CHANGES)))
    await ledger.close()


def _play(dsn: str, run_id: UUID, seconds: float) -> None:
    """An engine that finishes about 1,000 pairs a second."""

    async def play() -> None:
        ledger = await RunLedger.claim(dsn, run_id, 0, owner="bench")
        began, number = time.monotonic(), 0
        while (spent := time.monotonic() - began) < seconds and number < BIG_TARGETS * STEPS:
            keys = [PairKey(n % BIG_TARGETS, n // BIG_TARGETS, 1) for n in range(number, number + 50)]
            await asyncio.gather(*(ledger.done(key, PairResult(Outcome(key.target_ord % 9))) for key in keys))
            number += 50
            await asyncio.sleep(max(0.0, number / 1000 - spent))
        await ledger.end(RunOutcome.PARTIAL, "done")
        await ledger.close()

    asyncio.run(play())


async def _watch(url: str, token: str, width: int, cells: bytearray, seen: list[tuple[int, int, float]]) -> None:
    async with connect(url, additional_headers={"Authorization": token}, proxy=None, compression=None) as socket_:
        async for text in socket_:
            at = time.time()
            message = json.loads(text)
            if "to" not in message:
                continue
            if message.get("reset"):
                raise RuntimeError("a watcher was too far behind")
            numbers = message.get("cells", [])
            for place in range(0, len(numbers), 3):
                cells[numbers[place] * width + numbers[place + 1]] = numbers[place + 2]
            seen.append((message["from"], message["to"], at))


async def _live(client: httpx.Client, dsn: str, seconds: float) -> list[Row]:
    run_id = _new_run(dsn)
    snapshot = client.get(f"/runs/{run_id}/matrix").json()
    width = len(snapshot["steps"])
    url = f"ws://127.0.0.1:{client.base_url.port}/api/v1/runs/{run_id}/live?after={snapshot['seq']}"
    copies = [bytearray(b64decode(snapshot["cells"])) for _ in range(WATCHERS)]
    seen: list[list[tuple[int, int, float]]] = [[] for _ in range(WATCHERS)]
    token = client.headers["Authorization"]
    watching = [
        asyncio.create_task(_watch(url, token, width, copy, times)) for copy, times in zip(copies, seen, strict=True)
    ]
    while not all(seen):
        await asyncio.sleep(0.05)
    engine = multiprocessing.get_context("spawn").Process(target=_play, args=(dsn, run_id, seconds), daemon=True)
    engine.start()
    await asyncio.to_thread(engine.join)
    if engine.exitcode:
        raise RuntimeError("the engine broke")
    await asyncio.gather(*watching)
    with psycopg.connect(dsn) as connection:
        query = "SELECT seq, extract(epoch FROM at)::float8 FROM job_run_events WHERE run_id = %s"
        told = dict(connection.execute(query, (run_id,)).fetchall())
    lags = [at - told[seq] for times in seen for first, last, at in times for seq in range(first + 1, last + 1)]
    p50, p95 = _percentiles(lags)
    final = bytearray(b64decode(client.get(f"/runs/{run_id}/matrix").json()["cells"]))
    wrong = sum(copy != final for copy in copies)
    pairs = sum(code > 1 for code in final)
    note = f"p50 {p50:.0f}; {pairs:,} pairs and {len(told):,} commits in {seconds:.0f} s, {len(lags):,} lags"
    return [
        Row.at_most(f"live, {WATCHERS} watchers: lag p95 ms", p95, 300, note),
        Row.at_most(f"live, {WATCHERS} watchers: that missed something", wrong, 0, f"of {WATCHERS}"),
    ]


def measure() -> list[Row]:
    """Fill the record, then measure one thing after another."""
    with record() as server:
        prepare(server.dsn)
        began = time.perf_counter()
        _fill(server.dsn)
        with psycopg.connect(server.dsn) as connection:
            counts = connection.execute(
                "SELECT (SELECT count(*) FROM job_runs), (SELECT count(*) FROM job_run_steps)"
            ).fetchone() or (0, 0)
        print(f"   {counts[0]:,} runs, {counts[1]:,} steps, filled in {time.perf_counter() - began:.0f} s", flush=True)
        with _portal(server) as client:
            rows = [*_lists(client), *_matrices(client, server.dsn)]
            rows += asyncio.run(_live(client, server.dsn, 15))
            return [*rows, *_starts(client)]
