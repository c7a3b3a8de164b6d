"""Figures of the whole installation, read from the record at each scrape. Every portal tells the same ones."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, LiteralString

import structlog
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from opsconductor.sdk.outcome import RunOutcome

from .counting import BOUNDS

_PATIENCE_SECONDS = 3.0
_log = structlog.stdlib.get_logger("portal.health")

_OPEN: Final[LiteralString] = """
SELECT count(*) FILTER (WHERE status = 'queued'), count(*) FILTER (WHERE status = 'running'),
  coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE status = 'queued')), 0),
  greatest(coalesce(extract(epoch FROM now() - min(lease_until) FILTER (WHERE status = 'running')), 0), 0)
FROM job_runs WHERE status <> 'ended'
"""
# What Prefect has not been told yet (portal/upkeep): deployments of jobs as they are now, and runs that go on.
_OUTBOX: Final[LiteralString] = """
SELECT 'deployments', count(*), coalesce(extract(epoch FROM now() - min(coalesce(j.deleted_at, v.created_at))), 0)
FROM jobs j LEFT JOIN job_versions v ON v.job_id = j.id AND v.version = j.version
WHERE (j.deleted_at IS NULL AND j.deployed_version IS DISTINCT FROM j.version)
  OR (j.deleted_at IS NOT NULL AND j.deployment_id IS NOT NULL)
UNION ALL
SELECT 'flow_runs', count(*), coalesce(extract(epoch FROM now() - min(r.created_at)), 0)
FROM job_runs r JOIN jobs j ON j.id = r.job_id WHERE r.status <> 'ended' AND r.prefect_flow_run_id IS NULL
"""
_WORKERS: Final[LiteralString] = """
SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh), coalesce(sum(going) FILTER (WHERE fresh), 0),
  coalesce(sum(capacity) FILTER (WHERE fresh), 0), extract(epoch FROM max(seen_at))
FROM (SELECT *, seen_at > now() - interval '1 minute' AS fresh FROM workers) AS w
"""
_ENDS: Final[LiteralString] = "SELECT outcome, count FROM run_ends"
_DURATIONS: Final[LiteralString] = "SELECT action, bucket, count, seconds FROM action_durations ORDER BY action, bucket"
_CREDENTIALS: Final[LiteralString] = """
SELECT count(*) FILTER (WHERE valid_until <= now()),
  count(*) FILTER (WHERE valid_until > now() AND valid_until <= now() + interval '14 days'),
  count(*) FILTER (WHERE next_rotation_date <= (now() AT TIME ZONE 'UTC')::date) FROM credentials
"""
_AUDIT: Final[LiteralString] = "SELECT seq, extract(epoch FROM at) FROM audit_log ORDER BY seq DESC LIMIT 1"

Reading = Callable[[AsyncConnection], Awaitable[Sequence[Metric]]]


async def read_figures(engine: AsyncEngine) -> list[Metric]:
    """Every figure that can be read now; `opsconductor_figures_up` says which could not.

    The scrape never fails, and takes three seconds at most.
    """
    up = GaugeMetricFamily("opsconductor_figures_up", "Whether these figures could be read.", labels=["figures"])
    found: list[Metric] = [up]
    deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
    for name, reading in _READINGS.items():
        try:
            async with asyncio.timeout_at(deadline), engine.connect() as connection:
                found += await reading(connection)
            up.add_metric([name], 1)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("figures.unread", figures=name, error=type(error).__name__)
            up.add_metric([name], 0)
    return found


async def _rows(connection: AsyncConnection, query: LiteralString) -> Sequence[Any]:
    return (await connection.execute(text(query))).all()


async def _runs(connection: AsyncConnection) -> Sequence[Metric]:
    ((queued, running, waiting, overdue),) = await _rows(connection, _OPEN)
    runs = GaugeMetricFamily("opsconductor_runs", "Runs that have not ended.", labels=["status"])
    runs.add_metric(["queued"], queued)
    runs.add_metric(["running"], running)
    return [
        runs,
        _gauge("opsconductor_oldest_queued_seconds", "Age of the oldest run that waits.", waiting),
        _gauge("opsconductor_lease_overdue_seconds", "How long the most overdue lease is over.", overdue),
    ]


async def _ends(connection: AsyncConnection) -> Sequence[Metric]:
    known = dict(map(tuple, await _rows(connection, _ENDS)))
    ends = CounterMetricFamily("opsconductor_runs_ended", "Ends of runs.", labels=["outcome"])
    for outcome in RunOutcome:
        ends.add_metric([outcome], known.get(outcome, 0))
    return [ends]


async def _durations(connection: AsyncConnection) -> Sequence[Metric]:
    family = HistogramMetricFamily(
        "opsconductor_step_seconds", "From sending a step's command to its recorded end.", labels=["action"]
    )
    buckets: dict[str, dict[int, int]] = {}
    seconds: dict[str, float] = {}
    for action, bucket, count, took in await _rows(connection, _DURATIONS):
        buckets.setdefault(action, {})[bucket] = count
        seconds[action] = seconds.get(action, 0.0) + took
    for action, counts in buckets.items():
        family.add_metric([action], _cumulative(counts), seconds[action])
    return [family]


def _cumulative(counts: dict[int, int]) -> list[tuple[str, float]]:
    """The buckets as Prometheus has them: each counts what is in those below it too."""
    total, found = 0, list[tuple[str, float]]()
    for place, bound in enumerate([*map(str, BOUNDS), "+Inf"]):
        total += counts.get(place, 0)
        found.append((bound, total))
    return found


async def _outbox(connection: AsyncConnection) -> Sequence[Metric]:
    waiting = GaugeMetricFamily("opsconductor_outbox_entries", "What Prefect has not been told yet.", labels=["kind"])
    oldest = GaugeMetricFamily("opsconductor_outbox_oldest_seconds", "Age of the oldest of these.", labels=["kind"])
    for kind, count, age in await _rows(connection, _OUTBOX):
        waiting.add_metric([kind], count)
        oldest.add_metric([kind], float(age))
    return [waiting, oldest]


async def _workers(connection: AsyncConnection) -> Sequence[Metric]:
    ((seen, lost, going, capacity, latest),) = await _rows(connection, _WORKERS)
    workers = GaugeMetricFamily(
        "opsconductor_workers", "Workers seen within a minute, and those lost within a day.", labels=["state"]
    )
    workers.add_metric(["seen"], seen)
    workers.add_metric(["lost"], lost)
    found = [
        workers,
        _gauge("opsconductor_worker_runs", "Runs that the workers seen have going.", going),
        _gauge("opsconductor_worker_capacity", "Runs that they may have going.", capacity),
    ]
    if latest is not None:
        text_ = "When a worker was seen last, as Unix time."
        found.append(_gauge("opsconductor_worker_last_seen_timestamp_seconds", text_, latest))
    return found


async def _credentials(connection: AsyncConnection) -> Sequence[Metric]:
    (counts,) = await _rows(connection, _CREDENTIALS)
    meaning = "Credentials that need care: expired, expiring within 14 days, or due for a new secret."
    family = GaugeMetricFamily("opsconductor_credentials", meaning, labels=["state"])
    for state, count in zip(("expired", "expiring", "rotation_due"), counts, strict=True):
        family.add_metric([state], count)
    return [family]


async def _audit(connection: AsyncConnection) -> Sequence[Metric]:
    rows = await _rows(connection, _AUDIT)
    seq, at = rows[0] if rows else (0, 0)
    return [
        CounterMetricFamily("opsconductor_audit_entries", "Entries of the audit log.", value=seq),
        _gauge("opsconductor_audit_last_entry_timestamp_seconds", "When the last one was made, as Unix time.", at),
    ]


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=float(value))


_READINGS: Final[dict[str, Reading]] = {
    "runs": _runs,
    "ends": _ends,
    "steps": _durations,
    "outbox": _outbox,
    "workers": _workers,
    "credentials": _credentials,
    "audit": _audit,
}
