"""A run as spans: one for the run, and one for each step on each chunk of targets, like Prefect's tasks.

They tell names, counts and outcomes. Parameters, output and reasons stay in the record.
"""

from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from flows.ledger.record import RunRecord
from flows.plan import PlannedStep
from opsconductor.sdk.outcome import Outcome, RunOutcome

from .chunks import ChunkReport, TaskRunner
from .wind_up import Conclusion

_GOOD = (RunOutcome.SUCCEEDED, RunOutcome.NO_TARGETS)
_MILLISECOND = timedelta(milliseconds=1)


async def traced(
    tracer: Tracer, run: RunRecord, work: Callable[[TaskRunner], Awaitable[Conclusion]], run_task: TaskRunner
) -> Conclusion:
    """Do a run under a span that goes on with the trace it was started in.

    Args:
        tracer: Makes the spans.
        run: The run.
        work: Does it.
        run_task: Shows each step on each chunk as one task.
    """
    with _span(tracer, f"run {run.job_name}", _parent(run), SpanKind.CONSUMER) as span:
        span.set_attributes(
            {
                "opsconductor.run.id": str(run.id),
                "opsconductor.run.epoch": run.epoch,
                "opsconductor.run.check_only": run.check_only,
                "opsconductor.run.target_count": len(run.targets),
                "opsconductor.run.queued_milliseconds": (run.started_at - run.created_at) // _MILLISECOND,
                "opsconductor.job.id": str(run.job_id),
                "opsconductor.job.name": run.job_name,
                "opsconductor.job.version": run.job_version,
            }
        )
        conclusion = await work(_TracedTasks(tracer, set_span_in_context(span), run_task))
        span.set_attribute("opsconductor.run.outcome", conclusion.outcome)
        _count(span, conclusion.targets)
        if conclusion.outcome not in _GOOD:
            span.set_status(StatusCode.ERROR, conclusion.outcome)
        return conclusion


class _TracedTasks:
    """Runs each task under a span."""

    def __init__(self, tracer: Tracer, parent: Context, run_task: TaskRunner) -> None:
        self._tracer = tracer
        self._parent = parent
        self._run_task = run_task

    async def __call__(self, step: PlannedStep, label: str, body: Callable[[], Awaitable[ChunkReport]]) -> ChunkReport:
        with _span(self._tracer, f"step {step.id}", self._parent, SpanKind.INTERNAL) as span:
            span.set_attributes(
                {
                    "opsconductor.step.id": step.id,
                    "opsconductor.step.uses": step.uses,
                    "opsconductor.step.chunk": label,
                }
            )
            report = await self._run_task(step, label, body)
            _count(span, report.outcomes)
            if not report.ok:
                span.set_status(StatusCode.ERROR)
            return report


@contextmanager
def _span(tracer: Tracer, name: str, parent: Context, kind: SpanKind) -> Generator[Span]:
    """A span; of an error only its kind is told, for its message may hold what a host printed."""
    with tracer.start_as_current_span(
        name, context=parent, kind=kind, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield span
        except BaseException as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(StatusCode.ERROR)
            raise


def _count(span: Span, targets: Mapping[Outcome, int]) -> None:
    for outcome, count in targets.items():
        span.set_attribute(f"opsconductor.targets.{outcome.label}", count)


def _parent(run: RunRecord) -> Context:
    return TraceContextTextMapPropagator().extract({"traceparent": run.traceparent or ""}, context=Context())
