"""One trace from a request to the portal, through the worker, into the flow process and its steps."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from psycopg_pool import AsyncConnectionPool

from blocks.keyring import Keyring
from flows.tracing import TracingVariables, open_tracing
from flows.worker.broker import Broker
from flows.worker.dispatcher import Dispatcher
from flows.worker.handover import PrefectAddress
from flows.worker.opening import Opener
from portal.admin import prepare
from portal.app import create_app
from portal.settings import Settings
from tests.doubles.collector import Collector, Told, collecting
from tests.doubles.gateway import RememberingGateway
from tests.fixtures.portal import serving, sign_in
from tests.integration.portal.worker import Blocks
from tests.integration.portal.world import add, add_credential, add_job

from .conftest import ForkServerProcess, Port

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore")]  # Prefect's own warnings are not ours

TOKEN = "collector-canary-4711"
JOB = """\
apiVersion: opsconductor/v1
kind: Job
name: look
parameters:
  word: {type: string}
targets: {select: "group:web"}
steps:
  - {id: greet, uses: linux/command.repeat@1, with: {line: 'echo ${{ params.word }}'}}
  - {id: fail, uses: linux/command.repeat@1, with: {line: "test $(basename $PWD) != web01"}}
"""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


@pytest.fixture
def variables(collector: Collector) -> TracingVariables:
    return TracingVariables(
        {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_EXPORTER_OTLP_HEADERS": f"x-token={TOKEN}",
            "OTEL_BSP_SCHEDULE_DELAY": "50",
        }
    )


@pytest.fixture
async def traced(
    record: str,
    pool: AsyncConnectionPool[Any],
    forkserver: ForkServerProcess,
    variables: TracingVariables,
    tmp_path: Path,
) -> AsyncIterator[httpx.AsyncClient]:
    """A portal and a worker that are traced, over one record; the portal's admin is signed in."""
    gateway = RememberingGateway()
    Keyring.create(tmp_path / "keyring.json")
    await asyncio.to_thread(prepare, record)
    settings = Settings(home=tmp_path, database_url=record, portal_url="http://portal.test", pool_size=4)
    tracing = open_tracing("opsconductor-portal", variables)
    app = await asyncio.to_thread(create_app, settings, lambda _: gateway, tracing)
    broker = Broker(pool, Blocks(gateway), Opener(settings.keyring_file))
    nowhere = PrefectAddress("http://127.0.0.1:9/api", None)
    dispatcher = Dispatcher(pool, record, forkserver.socket, broker, nowhere, capacity=4, tracing=variables)
    async with dispatcher, serving(app) as client:
        client.headers["Authorization"] = f"Bearer {await sign_in(app)}"
        yield client


async def test_one_trace_goes_from_the_request_to_the_steps(
    traced: httpx.AsyncClient, collector: Collector, forkserver: ForkServerProcess, port: Port, folder: Path
) -> None:
    login = await add_credential(traced)
    for name, address in (("web01", "127.0.0.1"), ("web02", "localhost")):
        facts = {"address": address, "port": port.number, "groups": ["web"], "credential": login["name"]}
        await add(traced, "/targets", {"name": name, **facts})
    job = await add_job(traced, JOB)
    body = {"job_id": job["id"], "parameters": {"word": "parameter-canary"}}
    answer = await traced.post("/api/v1/runs?note=query-canary", json=body)
    assert answer.status_code == 201, answer.text

    wanted = {"run look", "POST /api/v1/runs"}
    spans = await asyncio.to_thread(collector.until, lambda told: wanted <= {span.name for span in told})
    (request,) = [span for span in spans if span.facts.get("opsconductor.request.id") == answer.headers["x-request-id"]]
    (run,) = [span for span in spans if span.name == "run look"]
    steps = {(s.facts["opsconductor.step.id"], s.facts["opsconductor.step.chunk"]): s for s in children(spans, run)}
    assert (request.service, request.name, request.parent) == ("opsconductor-portal", "POST /api/v1/runs", "")
    assert (run.service, run.trace, run.parent) == ("opsconductor-flow", request.trace, request.id)
    assert run.facts["opsconductor.run.id"] == answer.json()["id"]
    assert (run.facts["opsconductor.run.outcome"], run.failed) == ("partial", True)
    assert (run.facts["opsconductor.targets.changed"], run.facts["opsconductor.targets.failed"]) == (1, 1)
    assert {key: (step.failed, step.trace) for key, step in steps.items()} == {
        ("greet", "web01"): (False, request.trace),
        ("greet", "web02"): (False, request.trace),
        ("fail", "web01"): (True, request.trace),
        ("fail", "web02"): (False, request.trace),
    }
    assert steps["fail", "web01"].facts["opsconductor.targets.failed"] == 1
    assert request.facts["url.query"] == "note=…"
    for canary in (b"parameter-canary", b"query-canary", b"correct horse"):
        assert canary not in collector.bodies
    assert collector.tokens == {TOKEN}
    assert TOKEN not in forkserver.log.read_text()


def children(spans: list[Told], parent: Told) -> list[Told]:
    return [span for span in spans if span.parent == parent.id]
