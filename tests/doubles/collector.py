"""An OpenTelemetry collector on loopback that keeps what it is told: OTLP over HTTP, as protobuf."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Told:
    """One span, as it arrived."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    failed: bool
    facts: dict[str, str | int | bool]


@dataclass
class Collector:
    """What arrived: spans, the headers and bytes that they came with."""

    url: str = ""
    spans: list[Told] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    bodies: bytes = b""
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, token: str | None, body: bytes) -> None:
        request = ExportTraceServiceRequest.FromString(body)
        with self.changed:
            self.tokens.add(token)
            self.bodies += body
            for resource in request.resource_spans:
                service = next(a.value.string_value for a in resource.resource.attributes if a.key == "service.name")
                self.spans += [_told(service, span) for scope in resource.scope_spans for span in scope.spans]
            self.changed.notify_all()

    def until(self, fact: Callable[[list[Told]], bool], seconds: float = 30) -> list[Told]:
        """The spans, once they are what the test waits for."""
        with self.changed:
            assert self.changed.wait_for(lambda: fact(self.spans), seconds), [span.name for span in self.spans]
            return list(self.spans)


def _told(service: str, span: object) -> Told:
    facts = {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes}
    return Told(
        service, span.name, span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(), span.status.code == 2,
        facts,
    )  # fmt: skip


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that listens."""
    collector = Collector()

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.headers["x-token"], self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return None

    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        collector.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()
