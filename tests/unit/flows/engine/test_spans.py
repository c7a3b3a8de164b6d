"""Spans of a run: as many as there are tasks, linked to the request, with counts and no words of a host."""

from contextlib import suppress
from dataclasses import replace

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from flows.engine import TaskRunner, conclude, direct
from flows.engine.spans import traced
from flows.engine.wind_up import Conclusion
from opsconductor.errors import FencedError

from .stage import Actions, Author, Run

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


async def spans_of(run: Run) -> dict[str, list[ReadableSpan]]:
    """Do a run that a request started; gives its spans by name."""
    kept = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    run.record.run = replace(run.record.run, traceparent=f"00-{TRACE}-{PARENT}-01")

    async def work(run_task: TaskRunner) -> Conclusion:
        return await conclude(run.record, run.connector, run.credentials, Actions(), run_task)

    with suppress(FencedError):
        await traced(provider.get_tracer("test"), run.record.run, work, direct)
    found: dict[str, list[ReadableSpan]] = {}
    for span in kept.get_finished_spans():
        found.setdefault(span.name, []).append(span)
    return found


async def test_a_large_run_has_few_spans_that_count_targets() -> None:
    a = Author()
    run = Run(a, [a.step("one"), a.step("two", "one")], 1200).fail("one@h3", "one@h1150")
    spans = await spans_of(run)
    assert {name: len(found) for name, found in spans.items()} == {"run test": 1, "step one": 4, "step two": 4}
    (whole,) = spans["run test"]
    assert whole.parent is not None
    assert (f"{whole.parent.trace_id:032x}", f"{whole.parent.span_id:016x}") == (TRACE, PARENT)
    assert {span.parent.span_id for each in ("step one", "step two") for span in spans[each] if span.parent} == {
        whole.context.span_id
    }
    first = next(span for span in spans["step one"] if span.attributes["opsconductor.step.chunk"].startswith("h0 "))
    assert first.status.status_code is StatusCode.ERROR
    assert first.attributes["opsconductor.targets.changed"] == 299
    assert first.attributes["opsconductor.targets.failed"] == 1
    assert whole.attributes["opsconductor.run.outcome"] == "partial"
    assert "it broke" not in "".join(span.to_json() for found in spans.values() for span in found)


async def test_a_run_that_is_taken_over_ends_its_spans_with_the_kind_of_error_only() -> None:
    a = Author()
    run = Run(a, [a.step("one")], 1)
    run.record.fenced.set()
    (whole,) = (await spans_of(run))["run test"]
    assert whole.status.status_code is StatusCode.ERROR
    assert whole.attributes["error.type"] == "FencedError"
    assert not whole.events
