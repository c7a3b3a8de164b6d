"""Figures of this process: requests by route, who listens, its pool of connections, and what it verified."""

import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal.kit.pool import WatchedPool

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"})


class Metrics:
    """The figures and where they are kept.

    Args:
        pool: The process's connections to our database.
    """

    def __init__(self, pool: WatchedPool) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.registry.register(_PoolFigures(pool))
        self.requests = Counter(
            "opsconductor_http_requests_total", "Requests.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "opsconductor_http_request_seconds", "Time to answer.", ["method", "route"], registry=self.registry
        )
        self.watchers = Gauge("opsconductor_websockets", "Open WebSockets.", ["route"], registry=self.registry)
        self._chain: tuple[Gauge, Gauge] | None = None

    def note_chain(self, *, intact: bool) -> None:
        """The audit log's chain was verified now. Before the first time there is no figure of it."""
        if self._chain is None:
            text = "opsconductor_audit_chain"
            self._chain = (
                Gauge(f"{text}_intact", "Whether the last verification found it whole.", registry=self.registry),
                Gauge(f"{text}_verified_timestamp_seconds", "When that was, as Unix time.", registry=self.registry),
            )
        found, at = self._chain
        found.set(intact)
        at.set_to_current_time()


class _PoolFigures:
    """Looks at a pool when it is asked."""

    def __init__(self, pool: WatchedPool) -> None:
        self._pool = pool

    def collect(self) -> Iterator[Metric]:
        pool, prefix = self._pool, "opsconductor_database_pool"
        yield GaugeMetricFamily(f"{prefix}_size", "Connections that stay open.", value=pool.size())
        yield GaugeMetricFamily(f"{prefix}_checked_out", "Connections in use.", value=pool.checkedout())
        overflow = max(0, pool.overflow())
        yield GaugeMetricFamily(f"{prefix}_overflow", "Connections open beyond that number.", value=overflow)
        yield GaugeMetricFamily(f"{prefix}_waiting", "Who waits for a connection.", value=pool.waiting)


class RequestMetrics:
    """Counts each request and each open WebSocket under its route, never under its path."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._count_request(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._count_watcher(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _count_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = "500"
        started = time.perf_counter()

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            self._metrics.requests.labels(_method(scope), _route(scope), status).inc()
            self._metrics.seconds.labels(_method(scope), _route(scope)).observe(time.perf_counter() - started)

    async def _count_watcher(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepted = False

        async def send_and_note(message: Message) -> None:
            nonlocal accepted
            if message["type"] == "websocket.accept":
                accepted = True
                self._metrics.watchers.labels(_route(scope)).inc()
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            if accepted:
                self._metrics.watchers.labels(_route(scope)).dec()


def _method(scope: Scope) -> str:
    """The method, or one name for all that are none: a stranger can make up as many as they like."""
    return scope["method"] if scope["method"] in _METHODS else "other"


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "unknown")
