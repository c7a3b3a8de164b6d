"""Whether targets answer, as an ordinary Prefect flow: it looks at those that are due, and keeps what it finds.

Connections without a login are made here. Logins are asked of the portal, which freezes a run for each person who
switched such checks on, with that person's rights of now; the warm worker makes it, and the portal keeps what came of
it. So this flow holds no credential.
"""

import asyncio
import json
import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Annotated, Any, Final, LiteralString, NamedTuple
from uuid import UUID

import psycopg
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from psycopg import AsyncConnection
from psycopg.rows import class_row
from pydantic import Field

from opsconductor.errors import UnavailableError

from .port import try_port
from .service_health import find_services, look_at_services, note_services

_LOCK: Final = 7_310_014_231
"""Advisory lock: one round at a time."""
_AT_ONCE: Final = 200
_PORTAL_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.5
Days = Annotated[int, Field(ge=1, le=36500, description="Age in days.")]
Seconds = Annotated[float, Field(gt=0, le=60, description="Seconds.")]

# A target's own check counts before those of its groups; of these, the most frequent one.
_DUE: Final[LiteralString] = """
WITH told AS (
  SELECT c.target_id AS id, c.mode, c.interval_seconds, c.set_by, 0 AS distance
  FROM target_health_checks c WHERE c.target_id IS NOT NULL
  UNION ALL
  SELECT t.id, c.mode, c.interval_seconds, c.set_by, 1
  FROM target_health_checks c JOIN target_groups g ON g.id = c.group_id JOIN targets t ON t.groups ? g.name
), effective AS (
  SELECT DISTINCT ON (id) * FROM told ORDER BY id, distance, interval_seconds, mode
)
SELECT t.id, t.address, t.port, e.mode, e.set_by FROM effective e JOIN targets t ON t.id = e.id
LEFT JOIN LATERAL (SELECT h.at FROM target_health h WHERE h.target_id = t.id ORDER BY h.at DESC LIMIT 1) last ON true
WHERE e.mode <> 'off' AND (last.at IS NULL OR last.at + make_interval(secs => e.interval_seconds - 5) <= now())
ORDER BY t.id
"""
_KEEP: Final[LiteralString] = """
INSERT INTO target_health (target_id, mode, status, latency_ms, detail, noted)
SELECT t.id, 'tcp', %(status)s, %(latency_ms)s, %(detail)s, false FROM targets t WHERE t.id = %(id)s
"""
_ASK: Final[LiteralString] = (
    "INSERT INTO target_health_logins (user_id, target_ids, requested_at) VALUES (%s, %s, now()) RETURNING id"
)
_FORGET: Final[LiteralString] = (
    "DELETE FROM target_health_logins WHERE begun_at IS NULL OR ended_at < now() - interval '1 day'"
)
_LEFT: Final[LiteralString] = """
SELECT count(*) FILTER (WHERE begun_at IS NULL), count(*) FROM target_health_logins
WHERE id = ANY(%s) AND ended_at IS NULL
"""
_OLD: Final[LiteralString] = """
DELETE FROM target_health WHERE id = ANY(ARRAY(
  SELECT id FROM target_health WHERE noted AND at < now() - make_interval(days => %s) ORDER BY at LIMIT 50000))
"""
_WAKE: Final[LiteralString] = "SELECT pg_notify('opsconductor_upkeep', '')"


class _Due(NamedTuple):
    """A target to look at, and how."""

    id: UUID
    address: str
    port: int
    mode: str
    set_by: UUID


async def _connect() -> AsyncConnection[Any]:
    dsn = os.environ.get("OPSCONDUCTOR_DATABASE_URL")
    if not dsn:
        raise UnavailableError("OPSCONDUCTOR_DATABASE_URL is not set: there is no record of targets")
    return await AsyncConnection.connect(dsn, autocommit=True)


@task(cache_policy=NO_CACHE, task_run_name="connections to {count} targets")
async def connect(targets: Sequence[_Due], count: int, timeout_seconds: float) -> dict[str, int]:
    """Connect to each target's port, and keep what came of it.

    Args:
        targets: Whom to look at.
        count: How many they are, for the name.
        timeout_seconds: After how many seconds a target counts as unreachable.
    """
    room = asyncio.Semaphore(_AT_ONCE)

    async def look(target: _Due) -> dict[str, Any]:
        async with room:
            return {"id": target.id, **await _look(target.address, target.port, timeout_seconds)}

    found = await asyncio.gather(*(look(target) for target in targets))
    async with await _connect() as connection, connection.cursor() as cursor:
        await cursor.executemany(_KEEP, found)
        await connection.execute(_WAKE)
    return Counter(row["status"] for row in found)


async def _look(address: str, port: int, timeout_seconds: float) -> dict[str, Any]:
    answer = await try_port(address, port, timeout_seconds)
    if answer.latency_ms is None:
        return {"status": "unreachable", "latency_ms": None, "detail": f"no connection: {answer.reason}"}
    return {"status": "up", "latency_ms": answer.latency_ms, "detail": ""}


@task(cache_policy=NO_CACHE, task_run_name="logins to {count} targets")
async def log_in(targets: Sequence[_Due], count: int, patience_seconds: float) -> int:
    """Have the portal log in to each target, and wait until it has kept what came of it.

    Args:
        targets: Whom to look at.
        count: How many they are, for the name.
        patience_seconds: How many seconds the logins may take.
    """
    wanted: defaultdict[UUID, list[str]] = defaultdict(list)
    for target in targets:
        wanted[target.set_by].append(str(target.id))
    async with await _connect() as connection:
        ids: list[int] = []
        for user_id, target_ids in wanted.items():
            asked = await connection.execute(_ASK, (user_id, json.dumps(target_ids)))
            ids += [row[0] for row in await asked.fetchall()]
        await connection.execute(_WAKE)
        await _wait(connection, ids, patience_seconds)
    return count


async def _wait(connection: AsyncConnection[Any], ids: list[int], patience_seconds: float) -> None:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while True:
        row = await (await connection.execute(_LEFT, (ids,))).fetchone()
        waiting, going = row or (0, 0)
        if not going:
            return
        if waiting and loop.time() > begun + _PORTAL_SECONDS:
            raise UnavailableError(f"the portal did not begin {waiting} logins within {_PORTAL_SECONDS:g} s")
        if loop.time() > begun + patience_seconds:
            raise UnavailableError(f"logins still go on after {patience_seconds:g} s")
        await asyncio.sleep(_POLL_SECONDS)


@flow(name="opsconductor target health", persist_result=False)
async def watch_targets(
    tcp_timeout_seconds: Seconds = 5, login_patience_seconds: int = 900, history_days: Days = 90
) -> dict[str, int]:
    """Look at every target whose health check is due; targets without a check are left alone.

    Args:
        tcp_timeout_seconds: After how many seconds without a connection a target counts as unreachable.
        login_patience_seconds: How many seconds all logins together may take.
        history_days: After how many days what checks found is deleted; each target's status stays.
    """
    try:
        async with await _connect() as connection:
            alone = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,))).fetchone()
            if alone is None or not alone[0]:
                return {"skipped": 1}
            await connection.execute(_FORGET)
            await connection.execute(_OLD, (history_days,))
            async with connection.cursor(row_factory=class_row(_Due)) as cursor:
                due = await (await cursor.execute(_DUE)).fetchall()
            return await _round(due, tcp_timeout_seconds, login_patience_seconds)
    except psycopg.OperationalError as error:
        raise UnavailableError(f"the database does not answer: {error}") from error


async def _round(due: Sequence[_Due], tcp_timeout_seconds: float, login_patience_seconds: float) -> dict[str, int]:
    tcp = [target for target in due if target.mode == "tcp"]
    login = [target for target in due if target.mode == "login"]
    found: dict[str, int] = {"looked_at": len(due)}
    if due:
        found |= await _look_at_services(due, tcp_timeout_seconds)
    if tcp:
        found |= await connect(tcp, len(tcp), tcp_timeout_seconds)
    if login:
        found["logins"] = await log_in(login, len(login), login_patience_seconds)
    return found


async def _look_at_services(due: Sequence[_Due], timeout_seconds: float) -> dict[str, int]:
    async with await _connect() as connection:
        services = await find_services(connection, [target.id for target in due])
        if not services:
            return {}
        await note_services(connection, await look_at_services(services, len(services), timeout_seconds))
    return {"services": len(services)}
