"""Traces, told to an OpenTelemetry collector over OTLP/HTTP.

Only processes that the standard `OTEL_*` variables name a collector to tell anything, and only where the SDK is
installed (`opsconductor[tracing]`); elsewhere nothing is made and nothing is called. There is no global provider:
what Prefect and other libraries would trace by themselves stays out of it.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final

from opentelemetry.trace import Tracer, TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

PREFIX: Final = "OTEL_"

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_SDK: Final = (
    "opentelemetry.sdk.trace.export",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "requests",  # the exporter imports it when it is made
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TracingVariables:
    """The `OTEL_*` variables that a process was given, or was handed over. A header among them may be a token.

    Attributes:
        values: Name → value.
    """

    values: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    @classmethod
    def of_process(cls) -> "TracingVariables":
        """Those of this process."""
        return cls({name: value for name, value in os.environ.items() if name.startswith(PREFIX)})

    @property
    def wanted(self) -> bool:
        """Whether they name a collector, and do not switch traces off."""
        disabled = self.values.get("OTEL_SDK_DISABLED", "").lower() == "true"
        silent = self.values.get("OTEL_TRACES_EXPORTER", "") == "none"
        return any(self.values.get(name) for name in _ENDPOINTS) and not disabled and not silent

    def to_message(self) -> dict[str, str]:
        """As they travel, to one process over its own socket."""
        return dict(self.values) if self.wanted else {}


UNTRACED: Final = TracingVariables()


@dataclass(frozen=True, slots=True)
class Tracing:
    """Where the spans of this process go.

    Attributes:
        provider: Makes tracers; None: nothing is traced.
        flush_seconds: How long the end of the process waits for the collector to take the last spans.
    """

    provider: TracerProvider | None = None
    flush_seconds: float = 5.0
    _end: Callable[[], None] | None = None

    @property
    def tracer(self) -> Tracer | None:
        """Makes spans; None: nothing is traced."""
        return None if self.provider is None else self.provider.get_tracer("opsconductor")

    async def close(self) -> None:
        """Send what waits; not for longer than `flush_seconds`."""
        if self._end is None:
            return
        sending = threading.Thread(target=self._end, name="traces", daemon=True)
        sending.start()
        await asyncio.to_thread(sending.join, self.flush_seconds)
        if sending.is_alive():
            _log.warning("the last spans of this process did not reach the collector in time")


NO_TRACING: Final = Tracing()


def open_tracing(service: str, variables: TracingVariables) -> Tracing:
    """Begin to tell a collector, if the variables name one. Traces that cannot be made never stop the work.

    Args:
        service: What this process is called there, unless the variables say so.
        variables: Where to and how.
    """
    if not variables.wanted:
        return NO_TRACING
    try:
        with _environment(service, variables):
            return _open()
    except ImportError:
        _log.warning("a collector for traces is named, but `opsconductor[tracing]` is not installed: no traces")
    except Exception as error:  # whatever the SDK makes of the variables; its message could quote one
        _log.warning("the OTEL_ variables are refused, so there are no traces: %s", type(error).__name__)
    return NO_TRACING


def _open() -> Tracing:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider as SDKProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = SDKProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider, _end=provider.shutdown)


@contextmanager
def _environment(service: str, variables: TracingVariables) -> Generator[None]:
    """The variables, for as long as the SDK reads them: what runs later in this process finds none of ours."""
    values = dict(variables.values)
    if "service.name" not in values.get("OTEL_RESOURCE_ATTRIBUTES", ""):
        values.setdefault("OTEL_SERVICE_NAME", service)
    before = {name: os.environ.get(name) for name in values}
    parser = logging.getLogger("opentelemetry.util.re")
    parser.addFilter(_without_values)
    os.environ.update(values)
    try:
        yield
    finally:
        parser.removeFilter(_without_values)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _without_values(record: logging.LogRecord) -> bool:
    """The SDK quotes headers that it cannot read."""
    record.args = ("(not shown)",)
    return True


def warm_up() -> None:
    """Import what tracing needs, where it is installed."""
    for module in _SDK:
        try:
            import_module(module)
        except ImportError:
            return


def current_traceparent() -> str | None:
    """The span that this code runs in, as W3C Trace Context writes it; None when there is none."""
    carrier: dict[str, Any] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent")
