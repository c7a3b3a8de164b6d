"""A run as its engine reads it: what was asked for, and what an earlier engine already did."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from flows.plan import Plan
from opsconductor.errors import RunNotClaimableError
from opsconductor.sdk.outcome import Outcome
from opsconductor.sdk.transport import Target

from .pair import PairKey, PairState


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Everything a run was started with.

    Attributes:
        id: The run.
        job_id: Its job.
        job_version: Version of the job that runs.
        job_name: Name of the job.
        plan: What to do.
        parameters: Values of the parameters that are no secrets.
        secret_parameters: Parameter name → credential reference.
        credentials: Credential reference → which stored credential it is frozen to.
        targets: Where to do it, by `ord`.
        check_only: Whether nothing may be changed.
        epoch: Which engine of this run reads it.
        requested_by: Who started it.
        created_at: When it was asked for.
        started_at: When its first engine claimed it.
        traceparent: The trace it was started in, as W3C Trace Context writes it.
    """

    id: UUID
    job_id: UUID
    job_version: int
    job_name: str
    plan: Plan
    parameters: Mapping[str, Any]
    secret_parameters: Mapping[str, str]
    credentials: Mapping[str, Any]
    targets: tuple[Target, ...]
    check_only: bool
    epoch: int
    requested_by: str
    created_at: datetime
    started_at: datetime
    traceparent: str | None = None


_RUN: Final = """
SELECT r.id, r.job_id, r.job_version, r.job_name, p.plan, r.parameters, r.secret_parameters, r.credentials,
  r.check_only, r.epoch, r.requested_by, r.created_at, r.started_at, r.traceparent
FROM job_runs r LEFT JOIN published_jobs p ON p.job_id = r.job_id AND p.version = r.job_version
WHERE r.id = %s
"""

_TARGETS: Final = """
SELECT ord, target_id, name, address, port, platform, variables, tags, host_keys, encoding, credential
FROM job_run_targets WHERE run_id = %s ORDER BY ord
"""

_LATEST: Final = """
SELECT DISTINCT ON (target_ord, step_ord)
  target_ord, step_ord, attempt, state, outcome, outputs, epoch, exit_code, summary
FROM job_run_steps WHERE run_id = %s ORDER BY target_ord, step_ord, attempt DESC
"""

_DECISIONS: Final = """
SELECT target_ord, step_ord, attempt, decision FROM job_run_decisions WHERE run_id = %s
"""


async def read_run(connection: AsyncConnection[Any], run_id: UUID) -> RunRecord:
    """The run, its plan and its frozen targets.

    Raises:
        RunNotClaimableError: The published job it names is not there.
    """
    cursor = connection.cursor(row_factory=dict_row)
    run = await (await cursor.execute(_RUN, (run_id,))).fetchone()
    if run is None or run["plan"] is None:
        raise RunNotClaimableError(f"run {run_id}: the published job version it names is missing")
    plan = Plan.model_validate(run.pop("plan"))
    rows = await (await cursor.execute(_TARGETS, (run_id,))).fetchall()
    return RunRecord(plan=plan, targets=tuple(_target(row) for row in rows), **run)


def _target(row: dict[str, Any]) -> Target:
    return Target(
        ord=row["ord"],
        id=row["target_id"],
        name=row["name"],
        address=row["address"],
        port=row["port"],
        platform=row["platform"],
        variables=row["variables"],
        tags=tuple(row["tags"]),
        host_keys=tuple(row["host_keys"]),
        encoding=row["encoding"],
        credential=row["credential"],
    )


async def read_pairs(connection: AsyncConnection[Any], run_id: UUID) -> dict[tuple[int, int], PairState]:
    """The latest attempt of every (target, step) that was ever sent or decided."""
    states: dict[tuple[int, int], PairState] = {}
    cursor = await connection.execute(_LATEST, (run_id,))
    async for target_ord, step_ord, attempt, state, outcome, outputs, epoch, exit_code, summary in cursor:
        ended = None if outcome is None else Outcome(outcome)
        states[target_ord, step_ord] = PairState(attempt, state, ended, outputs, epoch, exit_code, summary)
    return states


async def read_decisions(connection: AsyncConnection[Any], run_id: UUID) -> dict[PairKey, str]:
    """What people decided about attempts of unknown outcome: `ran`, `not_ran` or `skip`."""
    rows = await (await connection.execute(_DECISIONS, (run_id,))).fetchall()
    return {PairKey(target_ord, step_ord, attempt): decision for target_ord, step_ord, attempt, decision in rows}
