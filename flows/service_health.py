"""Whether the services of targets take connections: a part of each round of health checks."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, LiteralString
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE
from psycopg import AsyncConnection

from .port import Answer, try_port

_AT_ONCE: Final = 200
_WITHOUT_CONNECTIONS: Final = ("snmp", "dhcp", "ntp", "radius")
"""Over UDP, where silence means nothing: their status stays unknown."""
_SERVICES: Final[LiteralString] = """
SELECT s.id, t.address, s.port FROM target_services s JOIN targets t ON t.id = s.target_id
WHERE s.enabled AND s.target_id = ANY(%s) AND s.type <> ALL(%s) ORDER BY s.id
"""
_NOTE: Final[LiteralString] = "UPDATE target_services SET status = %(status)s, checked_at = now() WHERE id = %(id)s"


async def find_services(connection: AsyncConnection[Any], target_ids: Sequence[UUID]) -> list[tuple[UUID, str, int]]:
    """Key, address and port of what these targets offer and can be connected to."""
    found = await connection.execute(_SERVICES, (list(target_ids), list(_WITHOUT_CONNECTIONS)))
    return await found.fetchall()


@task(cache_policy=NO_CACHE, task_run_name="connections to {count} services")
async def look_at_services(
    services: Sequence[tuple[UUID, str, int]], count: int, timeout_seconds: float
) -> list[dict[str, Any]]:
    """Connect to each service's port.

    Args:
        services: Key, address and port.
        count: How many they are, for the name.
        timeout_seconds: How long to wait for an answer.
    """
    room = asyncio.Semaphore(_AT_ONCE)

    async def look(key: UUID, address: str, port: int) -> dict[str, Any]:
        async with room:
            return {"id": key, "status": _status(await try_port(address, port, timeout_seconds))}

    return await asyncio.gather(*(look(*service) for service in services))


async def note_services(connection: AsyncConnection[Any], found: Sequence[dict[str, Any]]) -> None:
    """Keep what was found; a service that is gone meanwhile is left out."""
    async with connection.cursor() as cursor:
        await cursor.executemany(_NOTE, found)


def _status(answer: Answer) -> str:
    if answer.timed_out:
        return "timeout"
    return "failed" if answer.latency_ms is None else "connected"
