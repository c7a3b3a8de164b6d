"""Flow runs that nobody runs any more get their last state in Prefect, as our record has it."""

from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Crashed
from psycopg_pool import AsyncConnectionPool

from flows.deployments import TAG, settle_flow_run
from flows.engine import Conclusion
from flows.prefect_flow import final_state
from opsconductor.sdk.outcome import RunOutcome

_LIMIT: Final = 200
_OPEN: Final = [StateType.SCHEDULED, StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]

# The flow process tells Prefect itself, a moment after it has told the record.
_RUNS: Final[LiteralString] = """
SELECT id, epoch, outcome, summary, status = 'ended' AND finished_at < now() - interval '30 seconds'
FROM job_runs WHERE id = ANY(%s)
"""


class _Run(NamedTuple):
    id: UUID
    epoch: int
    outcome: str | None
    summary: str
    over: bool


async def settle(client: PrefectClient, pool: AsyncConnectionPool[Any]) -> int:
    """Close flow runs whose run has ended, or went on in another process.

    Returns:
        How many were closed.
    """
    found = await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            tags=FlowRunFilterTags(all_=[TAG]),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_OPEN)),
        ),
        limit=_LIMIT,
    )
    named = {flow_run.id: key for flow_run in found if (key := _key(flow_run)) is not None}
    if not named:
        return 0
    async with pool.connection() as connection:
        rows = await (await connection.execute(_RUNS, (list({run for run, _ in named.values()}),))).fetchall()
    runs = {run.id: run for run in map(_Run._make, rows)}
    closed = 0
    for flow_run_id, (run_id, epoch) in named.items():
        state = _last_state(runs.get(run_id), epoch)
        if state is not None:
            await settle_flow_run(client, flow_run_id, state)
            closed += 1
    return closed


def _key(flow_run: FlowRun) -> tuple[UUID, int] | None:
    run, _, epoch = (flow_run.idempotency_key or "").rpartition(":")
    try:
        return UUID(run), int(epoch)
    except ValueError:
        return None


def _last_state(run: _Run | None, epoch: int) -> State[Any] | None:
    if run is None:
        return Crashed(message="the run is not in OpsConductor's record any more")
    if run.epoch > epoch:
        return Crashed(name="TakenOver", message=f"the process was lost; the run went on in epoch {run.epoch}")
    if run.over:
        return final_state(Conclusion(RunOutcome(run.outcome or RunOutcome.UNKNOWN), run.summary))
    return None
