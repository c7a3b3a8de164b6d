"""Traces are told only where a collector is named, never hold up the end, and show no token."""

import logging
import os
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from flows import tracing
from flows.tracing import NO_TRACING, TracingVariables, current_traceparent, open_tracing
from tests.doubles.collector import collecting

TOKEN = "collector-canary-0815"
SILENT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}


@pytest.fixture
def deaf() -> Iterator[str]:
    """Somebody who takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"OTEL_SERVICE_NAME": "mine"},
        {**SILENT, "OTEL_SDK_DISABLED": "true"},
        {**SILENT, "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_without_a_collector_there_is_nothing(values: dict[str, str]) -> None:
    variables = TracingVariables(values)
    assert open_tracing("here", variables) is NO_TRACING
    assert NO_TRACING.tracer is None
    assert variables.to_message() == {}
    assert current_traceparent() is None


def test_without_the_sdk_the_log_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace.export", None)
    tracing.warm_up()
    assert open_tracing("here", TracingVariables(SILENT)) is NO_TRACING
    assert "opsconductor[tracing]" in caplog.text


async def test_spans_arrive_and_the_variables_leave_the_process() -> None:
    with collecting() as collector:
        values = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_EXPORTER_OTLP_HEADERS": f"x-token={TOKEN}"}
        mine = open_tracing("here", TracingVariables(values))
        assert mine.tracer is not None
        assert not [name for name in os.environ if name.startswith("OTEL_")]
        with mine.tracer.start_as_current_span("one"):
            carried = current_traceparent()
        await mine.close()
        (span,) = collector.spans
        assert (span.service, span.name, collector.tokens) == ("here", "one", {TOKEN})
        assert (carried or "").startswith(f"00-{span.trace}-{span.id}-")


async def test_a_collector_that_never_answers_is_not_waited_for(deaf: str, caplog: pytest.LogCaptureFixture) -> None:
    mine = replace(open_tracing("here", TracingVariables({"OTEL_EXPORTER_OTLP_ENDPOINT": deaf})), flush_seconds=0.2)
    assert mine.tracer is not None
    mine.tracer.start_span("one").end()
    begun = time.monotonic()
    await mine.close()
    assert time.monotonic() - begun < 5
    assert "did not reach the collector" in caplog.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"OTEL_EXPORTER_OTLP_HEADERS": f"Bearer {TOKEN}"},
        {"OTEL_EXPORTER_OTLP_HEADERS": f"x-token={TOKEN}", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "9999"},
    ],
)
async def test_what_the_variables_say_is_never_logged(wrong: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    variables = TracingVariables({**SILENT, **wrong})
    await open_tracing("here", variables).close()
    assert caplog.records
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(variables)
