"""Looking after the portal's health."""

import asyncio
from pathlib import Path

from prometheus_client import CollectorRegistry, Metric, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.datastructures import State

from blocks.keyring import Keyring
from opsconductor.errors import OpsError
from portal.gateway import Gateway
from portal.kit.database import Sessions

from .figures import read_figures
from .schemas import Health

_PATIENCE_SECONDS = 3.0


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


async def render_metrics(engine: AsyncEngine, registry: CollectorRegistry) -> bytes:
    """The process's own figures, and those of the installation."""
    figures = CollectorRegistry()
    figures.register(_Collected(await read_figures(engine)))
    return generate_latest(registry) + generate_latest(figures)


class _Collected:
    """Figures that were looked up already, as a Prometheus collector."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        return self._families
