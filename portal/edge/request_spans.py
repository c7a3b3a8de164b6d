"""A span for every request, when traces go anywhere: FastAPI makes it, and this says what may be in it."""

from urllib.parse import parse_qsl

from asgi_correlation_id import correlation_id
from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import get_current_span
from starlette.types import ASGIApp, Receive, Scope, Send

from flows.tracing import Tracing

_QUIET = ("/health", "/metrics")


def telemetry(tracing: Tracing) -> TelemetryConfig:
    """What FastAPI traces: requests, and nothing inside them. A WebSocket is no request: it stays open for hours."""
    return {
        "tracing": tracing.provider is not None,
        "tracer_provider": tracing.provider,
        "operation_spans": False,
        "metrics": False,
        "logs": False,
        "auto_configure": False,
        "exclude": lambda scope: scope["type"] != "http" or scope["path"].startswith(_QUIET),
    }


class RequestSpans:
    """Tells the request's id, and of its query the names only: values can be links that sign somebody in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        span = get_current_span()
        if scope["type"] == "http" and span.is_recording():
            span.set_attribute("opsconductor.request.id", correlation_id.get() or "")
            if scope["query_string"]:
                names = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
                span.set_attribute("url.query", "&".join(f"{name}=…" for name, _ in names))
        await self._app(scope, receive, send)
