"""Maintenance as ordinary Prefect flows. The portal deploys those that are missing, `prefect deploy --all` all of them.

They run in the worker, as its OS user; a deployment chooses their parameters and schedule, not their code.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, LiteralString
from uuid import UUID, uuid4

import psycopg
from prefect import Flow, flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from psycopg import AsyncConnection
from pydantic import Field

from opsconductor.errors import UnavailableError

from .deployments import TAG, job_tag
from .flow_run_retention import Past, delete_flow_runs
from .maintenance_plan import MAINTENANCE_TAG, TEST_JOB_ID
from .retention import Keep, delete_events, delete_outputs, delete_runs, runs_beyond, runs_due
from .target_health import watch_targets

Days = Annotated[int | None, Field(ge=1, le=36500, description="Age in days; absent: whatever their age.")]
Runs = Annotated[int | None, Field(ge=1, le=1_000_000, description="Newest runs of each job; absent: all.")]
Megabytes = Annotated[
    int | None, Field(ge=1, le=2**40, description="Room for all output as it is stored; absent: any.")
]

_JOBS: Final = (TAG,)
_CHECKS: Final = (MAINTENANCE_TAG, job_tag(TEST_JOB_ID))
_FLOW_RUN_SECONDS: Final = 600.0
"""How long flow runs of each kind may take to go; what is left goes the next time."""

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


@task(cache_policy=NO_CACHE, task_run_name="output")
async def keep_output(report: UUID, keep: Keep, megabytes: int | None) -> int:
    """Delete what runs printed that is not to be kept.

    Args:
        report: Where it is noted.
        keep: By age and count.
        megabytes: By size; the newest runs come first.
    """
    async with await _connect() as connection:
        deleted = await delete_outputs(connection, report, await runs_due(connection, keep))
        if megabytes is not None:
            deleted += await delete_outputs(connection, report, await runs_beyond(connection, megabytes))
    return deleted


@task(cache_policy=NO_CACHE, task_run_name="events")
async def keep_events(report: UUID, keep: Keep) -> int:
    """Delete the events of runs that are not to be kept.

    Args:
        report: Where it is noted.
        keep: By age and count.
    """
    async with await _connect() as connection:
        return await delete_events(connection, report, await runs_due(connection, keep))


@task(cache_policy=NO_CACHE, task_run_name="runs")
async def keep_runs(report: UUID, keep: Keep) -> int:
    """Delete runs that are not to be kept, with all that belongs to them.

    Args:
        report: Where it is noted.
        keep: By age and count.
    """
    async with await _connect() as connection:
        return await delete_runs(connection, report, await runs_due(connection, keep))


@task(cache_policy=NO_CACHE, task_run_name="flow runs: {kind}")
async def keep_flow_runs(report: UUID, kind: str, tags: Sequence[str], days: int | None) -> int:
    """Delete flow runs from Prefect that are not to be kept.

    Args:
        report: Where it is noted.
        kind: What they are, for the name.
        tags: They have one of these.
        days: How many days ago they ended at least; absent: none are deleted.
    """
    if days is None:
        return 0
    past = Past(tags, datetime.now(UTC) - timedelta(days=days))
    async with await _connect() as connection, get_client() as client:
        deleted = await delete_flow_runs(connection, client, report, past, seconds=_FLOW_RUN_SECONDS)
    get_run_logger().info("deleted %d flow runs of %s", deleted, kind)
    return deleted


@flow(name="opsconductor retention", persist_result=False)
async def retention(
    output_days: Days = 30,
    output_runs_per_job: Runs = None,
    output_megabytes: Megabytes = None,
    event_days: Days = 90,
    event_runs_per_job: Runs = None,
    run_days: Days = None,
    runs_per_job: Runs = None,
    flow_run_days: Days = 30,
    check_flow_run_days: Days = 1,
) -> dict[str, int]:
    """Delete output, events and runs of the past, and flow runs. Runs that go on, and pinned ones, keep everything.

    Args:
        output_days: After how many days what steps printed is deleted.
        output_runs_per_job: Of how many runs of a job output is kept.
        output_megabytes: How much output is kept in all.
        event_days: After how many days events are deleted.
        event_runs_per_job: Of how many runs of a job events are kept.
        run_days: After how many days a run itself is deleted; never unless this is set.
        runs_per_job: How many runs of a job are kept; all unless this is set.
        flow_run_days: After how many days the flow run of a run goes out of Prefect; the run stays in our record.
        check_flow_run_days: After how many days those of health checks, connection tests and maintenance go.
    """
    report = uuid4()
    return {
        "runs": await keep_runs(report, Keep(run_days, runs_per_job)),
        "outputs": await keep_output(report, Keep(output_days, output_runs_per_job), output_megabytes),
        "events": await keep_events(report, Keep(event_days, event_runs_per_job)),
        "check_flow_runs": await keep_flow_runs(report, "checks", _CHECKS, check_flow_run_days),
        "flow_runs": await keep_flow_runs(report, "jobs", _JOBS, flow_run_days),
    }


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
    "flows/target_health.py:watch_targets": watch_targets,
}
"""Entrypoint → flow: what the worker runs itself when its pool asks for it."""
