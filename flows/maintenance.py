"""Maintenance as ordinary Prefect flows: `prefect deploy --all` in the project's root deploys them.

They run in the worker, as its OS user; a deployment chooses their parameters and schedule, not their code.
"""

import os
from typing import Annotated, Any, Final, LiteralString

import psycopg
from prefect import Flow, flow, task
from prefect.cache_policies import NO_CACHE
from psycopg import AsyncConnection
from pydantic import Field

from opsconductor.errors import UnavailableError

_BATCH: Final = 5000
Days = Annotated[int, Field(ge=1, le=36500, description="Age in days.")]

# Only what belongs to ended runs; in batches, so that no lock is held for long.
_OLD_OUTPUT: Final[LiteralString] = """
DELETE FROM job_run_outputs WHERE ctid = ANY(ARRAY(
  SELECT o.ctid FROM job_run_outputs o JOIN job_runs r ON r.id = o.run_id
  WHERE r.status = 'ended' AND r.finished_at < now() - make_interval(days => %s) LIMIT %s))
"""
_OLD_EVENTS: Final[LiteralString] = """
DELETE FROM job_run_events WHERE ctid = ANY(ARRAY(
  SELECT e.ctid FROM job_run_events e JOIN job_runs r ON r.id = e.run_id
  WHERE r.status = 'ended' AND r.finished_at < now() - make_interval(days => %s) LIMIT %s))
"""
_HEALTH: Final[LiteralString] = """
SELECT count(*) FILTER (WHERE status = 'queued' AND created_at < now() - interval '5 minutes'),
  count(*) FILTER (WHERE status = 'running' AND lease_until < now() - interval '5 minutes')
FROM job_runs WHERE status <> 'ended'
"""


class UnhealthyError(UnavailableError):
    """Runs wait or stand still."""


async def _connect() -> AsyncConnection[Any]:
    dsn = os.environ.get("OPSCONDUCTOR_DATABASE_URL")
    if not dsn:
        raise UnavailableError("OPSCONDUCTOR_DATABASE_URL is not set: maintenance has no record to work on")
    return await AsyncConnection.connect(dsn, autocommit=True)


async def _delete(statement: LiteralString, days: int) -> int:
    deleted = 0
    async with await _connect() as connection:
        while True:
            cursor = await connection.execute(statement, (days, _BATCH))
            deleted += cursor.rowcount
            if cursor.rowcount < _BATCH:
                return deleted


@task(cache_policy=NO_CACHE, task_run_name="output of steps older than {days} days")
async def delete_output(days: int) -> int:
    """Delete what old runs printed.

    Args:
        days: Since the run ended.
    """
    return await _delete(_OLD_OUTPUT, days)


@task(cache_policy=NO_CACHE, task_run_name="events older than {days} days")
async def delete_events(days: int) -> int:
    """Delete the events of old runs.

    Args:
        days: Since the run ended.
    """
    return await _delete(_OLD_EVENTS, days)


@flow(name="opsconductor retention", persist_result=False)
async def retention(output_days: Days = 30, event_days: Days = 90) -> dict[str, int]:
    """Delete output and events of runs that ended long ago. The runs and their outcomes stay.

    Args:
        output_days: After how many days what steps printed is deleted.
        event_days: After how many days events are deleted.
    """
    return {"outputs": await delete_output(output_days), "events": await delete_events(event_days)}


@flow(name="opsconductor health", persist_result=False)
async def health() -> dict[str, int]:
    """Look for runs that wait or stand still for five minutes; fail when there are any."""
    try:
        async with await _connect() as connection:
            row = await (await connection.execute(_HEALTH)).fetchone()
    except psycopg.OperationalError as error:
        raise UnavailableError(f"the database does not answer: {error}") from error
    waiting, standing = row or (0, 0)
    if waiting or standing:
        raise UnhealthyError(f"{waiting} runs wait and {standing} stand still since five minutes")
    return {"waiting": waiting, "standing": standing}


FLOWS: Final[dict[str, Flow[..., Any]]] = {
    "flows/maintenance.py:retention": retention,
    "flows/maintenance.py:health": health,
}
"""Entrypoint → flow: what the worker runs itself when its pool asks for it."""
