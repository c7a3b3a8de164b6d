"""A job as a Prefect flow. Prefect dispatches and displays; the engine decides and the record remembers."""

import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Annotated, Any, cast
from uuid import UUID

from prefect import Flow, Task
from prefect.artifacts import acreate_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed
from pydantic import WithJsonSchema

from flows.engine import ChunkReport, Conclusion
from flows.plan import Plan, PlannedParameter, PlannedStep
from flows.result_page import result_page
from flows.stock_session import open_stock_session
from opsconductor.errors import FencedError, OpsError, RunNotClaimableError
from opsconductor.sdk.outcome import RunOutcome

from .engine.session import Session, take

MESSAGE_CHARACTERS = 2000
_BANNED_IN_NAMES = str.maketrans(dict.fromkeys("/%&<>", "-"))
_TYPES: Mapping[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "array": list[Any],
    "object": dict[str, Any],
    "secret": str,
}
_log = logging.getLogger(__name__)


def to_flow(plan: Plan, job_id: UUID) -> Flow[..., Any]:
    """The flow that Prefect sees for a job.

    It takes the job's parameters, for display, and `run_id`: the run in our record that says what is done.

    Args:
        plan: The job's published plan.
        job_id: The job.
    """

    async def run_job(**parameters: Any) -> State[Any]:
        return await _run(parameters.get("run_id"))

    run_job.__name__ = run_job.__qualname__ = f"j_{job_id.hex}"
    run_job.__doc__ = _docstring(plan)
    run_job.__signature__ = _signature(plan)  # type: ignore[attr-defined]
    return Flow(
        run_job,
        name=plan.name.translate(_BANNED_IN_NAMES),
        description=plan.description or None,
        retries=0,
        validate_parameters=False,
        persist_result=False,
        cache_result_in_memory=False,
        log_prints=False,
    )


def _signature(plan: Plan) -> inspect.Signature:
    own = inspect.Parameter("run_id", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=str | None)
    return inspect.Signature([*(_parameter(each) for each in plan.parameters), own])


def _parameter(parameter: PlannedParameter) -> inspect.Parameter:
    kind, schema = _TYPES[parameter.type], dict(parameter.json_schema)
    secret = parameter.type == "secret"
    if secret:
        schema = {"type": "string", "format": "opsconductor-credential"}
    required = parameter.required and not secret
    return inspect.Parameter(
        parameter.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if required else None if secret else parameter.default,
        annotation=Annotated[kind, WithJsonSchema(schema)],
    )


def _docstring(plan: Plan) -> str:
    lines = [plan.description or plan.name, "", "Args:"]
    for parameter in plan.parameters:
        text = " ".join(parameter.description.split())
        lines.append(f"    {parameter.name}: {text or 'Parameter of the job.'}")
    return "\n".join([*lines, "    run_id: The run in OpsConductor's record; given by OpsConductor."])


async def _run(run_id: str | None) -> State[Any]:
    if not run_id:
        return Failed(
            name="NotStarted",
            message="this flow run names no run of OpsConductor (`run_id`): start the job in OpsConductor, not here",
        )
    try:
        session = await _session(UUID(run_id))
    except (RunNotClaimableError, ValueError) as error:
        return Cancelled(name="NotClaimed", message=str(error))
    except OpsError as error:
        return Failed(name="NotStarted", message=str(error))
    try:
        conclusion = await session.conclude(PrefectTasks())
    except FencedError as error:
        return Cancelled(name="TakenOver", message=str(error))
    finally:
        await session.close()
    await _publish(session, conclusion)
    return final_state(conclusion)


async def _session(run_id: UUID) -> Session:
    prepared = take(run_id)
    return await (open_stock_session(run_id) if prepared is None else prepared)


async def _publish(session: Session, conclusion: Conclusion) -> None:
    """The result as a page in Prefect; the outcome is recorded already, so that nothing hangs on it."""
    try:
        page = result_page(session.ledger.run, conclusion)
        await acreate_markdown_artifact(page, key="result", description=f"Run {session.ledger.run.id}")
    except Exception as error:
        _log.warning("the result page of run %s is not shown: %s", session.ledger.run.id, error)


def final_state(conclusion: Conclusion) -> State[Any]:
    """Prefect's state for how a run ended."""
    message = conclusion.summary[:MESSAGE_CHARACTERS]
    match conclusion.outcome:
        case RunOutcome.SUCCEEDED | RunOutcome.NO_TARGETS:
            return Completed(message=message)
        case RunOutcome.CANCELLED:
            return Cancelled(message=message)
        case RunOutcome.PARTIAL:
            return Failed(name="Partial", message=message)
        case RunOutcome.UNKNOWN:
            return Failed(name="Unknown", message=message)
        case RunOutcome.FAILED:
            return Failed(message=message)


Body = Callable[[], Awaitable[ChunkReport]]
_body: ContextVar[tuple[Body, list[ChunkReport]]] = ContextVar("body")


class PrefectTasks:
    """Shows each step on each chunk as one Prefect task."""

    def __init__(self) -> None:
        self._tasks: dict[int, Task[..., Any]] = {}

    async def __call__(self, step: PlannedStep, label: str, body: Body) -> ChunkReport:
        """Run the body inside a task run."""
        reports: list[ChunkReport] = []
        _body.set((body, reports))  # this call has a context of its own
        await self._task(step)(label)
        return reports[0]

    def _task(self, step: PlannedStep) -> Task[..., Any]:
        def run_name(parameters: dict[str, Any]) -> str:
            return f"{step.id}: {parameters['label']}"

        task = self._tasks.get(step.ord)
        if task is None:
            task = self._tasks[step.ord] = Task(
                _carry,
                name=step.id,
                task_run_name=cast("Any", run_name),  # its type names the other form only
                description=step.uses,
                cache_policy=NO_CACHE,
                persist_result=False,
                cache_result_in_memory=False,
                retries=0,
                log_prints=False,
            )
        return task


async def _carry(label: str) -> State[Any]:
    body, reports = _body.get()
    report = await body()
    reports.append(report)
    counts = ", ".join(f"{count} {outcome.label}" for outcome, count in sorted(report.outcomes.items()))
    if report.ok:
        return Completed(message=counts)
    failed = "; ".join(f"{name}: {reason}" for name, reason in report.failed)
    return Failed(message=f"{counts}: {failed}"[:MESSAGE_CHARACTERS])
