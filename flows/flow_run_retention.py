"""How long Prefect keeps our flow runs that ended.

A flow run stays while it has no last state, and while its run goes on or is pinned in our record. With a flow run go
its task runs and states; Prefect deletes its logs a moment later, and leaves its artifacts, so those go before it.
Killed anywhere, the next time goes on.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import TERMINAL_STATES, FlowRun
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from psycopg import AsyncConnection

from .retention import HOLD, note

MOST_AT_ONCE: Final = 50
"""The most that Prefect deletes at once."""
_BULK_DELETE: Final[Any] = "/flow_runs/bulk_delete"
"""Part of Prefect's API; its client only lacks it among the routes it names."""

_KNOWN: Final[LiteralString] = "SELECT id FROM job_runs WHERE id = ANY(%s)"
_UNLINK: Final[LiteralString] = """
UPDATE job_runs SET prefect_flow_run_id = NULL WHERE id = ANY(%s) AND prefect_flow_run_id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Past:
    """Flow runs of the past.

    Attributes:
        tags: They have one of these.
        ended_before: And ended before this.
    """

    tags: Sequence[str]
    ended_before: datetime

    def filter(self, flow_runs: Collection[UUID] | None = None) -> FlowRunFilter:
        """They, or those among them that are named, as Prefect looks for them."""
        wanted = FlowRunFilter(
            tags=FlowRunFilterTags(any_=list(self.tags)),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(TERMINAL_STATES))),
            end_time=FlowRunFilterEndTime.model_validate({"before_": self.ended_before}),
        )
        if flow_runs is not None:
            wanted.id = FlowRunFilterId(any_=list(flow_runs))
        return wanted


async def delete_flow_runs(
    connection: AsyncConnection[Any],
    client: PrefectClient,
    report: UUID,
    past: Past,
    *,
    seconds: float,
    at_once: int = MOST_AT_ONCE,
) -> int:
    """Delete flow runs of the past whose runs do not go on and are not pinned; how many went.

    Args:
        connection: To our record.
        client: An open client of Prefect.
        report: Where it is noted.
        past: What is to go.
        seconds: After how long no further ones are begun with; the next time goes on with what is left.
        at_once: How many are deleted together.
    """
    until = time.monotonic() + seconds
    deleted = kept = 0
    while some := await _read(client, past, at_once, kept):
        gone = await _delete_some(connection, client, report, past, some)
        deleted += gone
        kept += len(some) - gone
        if time.monotonic() >= until:
            break
    return deleted


async def _read(client: PrefectClient, past: Past, limit: int, offset: int) -> list[FlowRun]:
    return await client.read_flow_runs(
        flow_run_filter=past.filter(), sort=FlowRunSort.ID_DESC, limit=limit, offset=offset
    )


async def _delete_some(
    connection: AsyncConnection[Any], client: PrefectClient, report: UUID, past: Past, some: Sequence[FlowRun]
) -> int:
    run_of = {flow_run.id: _run_of(flow_run) for flow_run in some}
    runs = [run for run in run_of.values() if run is not None]
    async with connection.transaction():
        # Held, so that nobody resumes or pins one of them meanwhile; one that somebody holds waits for the next time.
        held = await _ids(connection, HOLD, runs)
        staying = await _ids(connection, _KNOWN, runs) - held
        going = [flow_run for flow_run, run in run_of.items() if run not in staying]
        if not going:
            return 0
        await _delete_artifacts(client, going)
        body = {"flow_runs": past.filter(going).model_dump(mode="json", exclude_unset=True), "limit": len(going)}
        response = await client.request("POST", _BULK_DELETE, json=body)
        gone = [UUID(flow_run) for flow_run in response.raise_for_status().json()["deleted"]]
        await connection.execute(_UNLINK, (runs, gone))
        await note(connection, report, flow_runs=len(gone))
    return len(gone)


async def _delete_artifacts(client: PrefectClient, flow_runs: Sequence[UUID]) -> None:
    """Delete what runs left to read; nothing else in Prefect leads to it once its flow run is gone."""
    theirs = FlowRunFilter(id=FlowRunFilterId(any_=list(flow_runs)))
    while found := await client.read_artifacts(flow_run_filter=theirs):
        for artifact in found:
            try:
                await client.delete_artifact(artifact.id)
            except ObjectNotFound:
                continue


async def _ids(connection: AsyncConnection[Any], statement: LiteralString, runs: list[UUID]) -> set[UUID]:
    return {row[0] for row in await (await connection.execute(statement, (runs,))).fetchall()}


def _run_of(flow_run: FlowRun) -> UUID | None:
    """The run in our record; maintenance has none."""
    try:
        return UUID(str(flow_run.parameters.get("run_id")))
    except ValueError:
        return None
