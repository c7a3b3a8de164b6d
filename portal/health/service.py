"""Looking after the portal's health."""

import asyncio
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import State

from blocks.keyring import Keyring
from opsconductor.errors import OpsError
from portal.gateway import Gateway
from portal.kit.database import Sessions

from .schemas import Health

_PATIENCE_SECONDS = 3.0
_RUNS = "SELECT status, coalesce(outcome, ''), count(*) FROM job_runs GROUP BY 1, 2"
_AGES = """
SELECT coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE status = 'queued')), 0),
       coalesce(extract(epoch FROM now() - min(lease_until) FILTER (WHERE status = 'running')), 0)
FROM job_runs WHERE status <> 'ended'
"""


async def check(sessions: Sessions, gateway: Gateway) -> Health:
    """Which parts answer."""
    database, prefect = await asyncio.gather(_database_answers(sessions), _prefect_answers(gateway))
    parts = {"database": "ok" if database else "away", "prefect": "ok" if prefect else "away"}
    if not database:
        return Health(status="failed", parts=parts)
    return Health(status="ok" if prefect else "degraded", parts=parts)


async def check_all(sessions: Sessions, gateway: Gateway, state: State) -> Health:
    """As `check`, with what this process itself needs: its keyring, and its ear at the database."""
    health = await check(sessions, gateway)
    own = {
        "keyring": "ok" if await asyncio.to_thread(_keyring_opens, state.settings.keyring_file) else "sealed",
        "notices": "ok" if state.listener.listening.is_set() else "away",
    }
    degraded = health.status == "ok" and set(own.values()) != {"ok"}
    return Health(status="degraded" if degraded else health.status, parts=health.parts | own)


def _keyring_opens(file: Path) -> bool:
    try:
        Keyring.load(file)
    except OpsError:
        return False
    return True


async def _database_answers(sessions: Sessions) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS), sessions() as session:
            await session.connection()
            await (await session.connection()).execute(text("SELECT 1 FROM users LIMIT 1"))
    except (SQLAlchemyError, TimeoutError, OSError):
        return False
    return True


async def _prefect_answers(gateway: Gateway) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await gateway.healthy()
    except TimeoutError:
        return False


async def render_metrics(sessions: Sessions, registry: CollectorRegistry) -> bytes:
    """The process's own figures, and those of the runs."""
    runs = GaugeMetricFamily("opsconductor_runs", "Runs by status and outcome.", labels=["status", "outcome"])
    queued = GaugeMetricFamily("opsconductor_oldest_queued_seconds", "Age of the oldest run that waits.")
    lease = GaugeMetricFamily("opsconductor_lease_overdue_seconds", "How long the most overdue lease is over.")
    async with sessions() as session:
        connection = await session.connection()
        for status, outcome, count in await connection.execute(text(_RUNS)):
            runs.add_metric([status, outcome], count)
        waiting, overdue = (await connection.execute(text(_AGES))).one()
    queued.add_metric([], float(waiting))
    lease.add_metric([], max(0.0, float(overdue)))
    fresh = CollectorRegistry()
    fresh.register(_Collected([runs, queued, lease]))
    return generate_latest(registry) + generate_latest(fresh)


class _Collected:
    """Figures that were looked up already, as a Prometheus collector."""

    def __init__(self, families: list[GaugeMetricFamily]) -> None:
        self._families = families

    def collect(self) -> list[GaugeMetricFamily]:
        return self._families
