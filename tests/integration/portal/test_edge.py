"""What the portal refuses before anybody looks at it, on a real socket where that matters."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from portal.app import create_app
from portal.settings import Settings
from tests.doubles.gateway import RememberingGateway
from tests.fixtures.portal import serving, sign_in

ROOT = Path(__file__).parents[3]


@pytest.fixture
def portal_settings(portal_settings: Settings) -> Settings:
    """An edge that can be reached by a test."""
    limits = {"requests_per_minute_per_address": 20, "requests_per_minute_per_user": 8, "body_seconds": 0.2}
    return portal_settings.model_copy(update=limits)


@asynccontextmanager
async def process(database: str, home: Path, port: int, **variables: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m portal` on a port."""
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT), "OPSCONDUCTOR_HOME": str(home),
        "OPSCONDUCTOR_DATABASE_URL": database, "OPSCONDUCTOR_PORT": str(port), **variables,
    }  # fmt: skip
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "portal", env=environment, stderr=subprocess.PIPE, cwd="/"
    )
    try:
        async with asyncio.timeout(60), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            while True:
                try:
                    await client.get("/health/live")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
        yield running
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


async def test_one_address_is_held_back_and_health_is_not(anonymous: httpx.AsyncClient):
    answers = [(await anonymous.get("/api/v1/auth/me")) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [401] * 20 + [429]
    refusal = answers[-1]
    assert refusal.json()["type"] == "urn:opsconductor:problem:request-rate"
    assert 1 <= int(refusal.headers["retry-after"]) <= 60
    assert refusal.headers["x-content-type-options"] == "nosniff"
    assert (await anonymous.get("/health/live")).status_code == 200


async def test_who_holds_a_network_is_one_address_also_for_websockets(portal_app: FastAPI, served: str):
    path = "/api/v1/auth/me"
    statuses: list[int] = []
    for number in range(21):
        transport = httpx.ASGITransport(app=portal_app, client=(f"2001:db8::{number:x}", 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://portal.test") as client:
            statuses.append((await client.get(path)).status_code)
    assert statuses == [401] * 20 + [429]
    statuses.clear()
    for _ in range(21):
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://{served}/api/v1/runs/{uuid4()}/live", proxy=None)
        statuses.append(refused.value.response.status_code)
    assert statuses == [401] * 20 + [429]


async def test_one_user_is_held_back_wherever_they_come_from(portal_app: FastAPI):
    async with serving(portal_app) as client:
        token = {"Authorization": f"Bearer {await sign_in(portal_app)}"}
        statuses = [(await client.get("/api/v1/targets", headers=token)).status_code for _ in range(9)]
    assert statuses == [200] * 8 + [429]


async def test_a_body_that_does_not_arrive_is_given_up(api: httpx.AsyncClient):
    async def slow() -> AsyncIterator[bytes]:
        yield b'{"name": '
        await asyncio.Event().wait()

    async with asyncio.timeout(10):
        answer = await api.post("/api/v1/targets", content=slow())
    assert (answer.status_code, answer.json()["type"]) == (408, "urn:opsconductor:problem:request-timeout")


@pytest.mark.parametrize("depth", [100, 900, 100_000])
async def test_a_body_that_is_nested_for_ever_is_refused(api: httpx.AsyncClient, depth: int):
    body = b'{"name": "deep", "address": "a.test", "variables": {"x": ' + b"[" * depth + b"]" * depth + b"}}"
    answer = await api.post("/api/v1/targets", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (201, 400, 422), answer.text
    assert depth < 1000 or answer.status_code != 201


async def test_pages_of_other_sites_get_no_permission(api: httpx.AsyncClient):
    asked = {"Origin": "https://evil.test", "Access-Control-Request-Method": "POST"}
    preflight = await api.options("/api/v1/targets", headers=asked)
    plain = await api.get("/api/v1/targets", headers={"Origin": "https://evil.test"})
    for answer in (preflight, plain):
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert preflight.status_code == 405


async def test_an_error_that_nobody_foresaw_is_an_answer_like_others(portal_app: FastAPI, anonymous: httpx.AsyncClient):
    async def stumble() -> None:
        raise RuntimeError("hunter2")

    portal_app.add_api_route("/stumble", stumble)
    with capture_logs() as log:
        answer = await anonymous.get("/stumble")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:opsconductor:problem:internal")
    assert "hunter2" not in answer.text
    assert answer.headers["x-request-id"] == answer.json()["request_id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert [line["status"] for line in log if line["event"] == "request"] == [500]


async def test_health_names_every_part(anonymous: httpx.AsyncClient, portal_settings: Settings):
    whole = (await anonymous.get("/health")).json()
    assert whole["parts"].keys() == {"database", "prefect", "keyring", "notices"}
    portal_settings.keyring_file.chmod(0o644)
    sealed = await anonymous.get("/health")
    assert (sealed.status_code, sealed.json()["status"]) == (200, "degraded")
    assert sealed.json()["parts"]["keyring"] == "sealed"


@pytest.mark.real
async def test_giant_headers_are_refused_and_the_portal_lives(
    portal_database: str, tmp_path: Path, unused_tcp_port: int
):
    async with process(portal_database, tmp_path, unused_tcp_port):
        reader, writer = await asyncio.open_connection("127.0.0.1", unused_tcp_port)
        writer.write(b"GET /api/v1/auth/me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ")
        try:
            for _ in range(80):
                writer.write(b"x" * 65_536)
                await writer.drain()
        except ConnectionError:
            pass  # it hung up in the middle, as it should
        async with asyncio.timeout(20):
            try:
                answer = await reader.read()
            except ConnectionError:
                answer = b""
        writer.close()
        assert not answer or answer.startswith(b"HTTP/1.1 400")
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{unused_tcp_port}") as client:
            assert (await client.get("/health/live")).status_code == 200


@pytest.mark.real
@pytest.mark.parametrize(("trusted", "seen"), [("127.0.0.1", "203.0.113.7"), ("192.0.2.1", "127.0.0.1")])
async def test_a_forwarded_address_counts_only_from_a_trusted_proxy(
    portal_database: str, tmp_path: Path, unused_tcp_port: int, trusted: str, seen: str
):
    variables = {"OPSCONDUCTOR_FORWARDED_ALLOW_IPS": trusted}
    async with process(portal_database, tmp_path, unused_tcp_port, **variables) as running:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{unused_tcp_port}") as client:
            forwarded = {"X-Forwarded-For": "203.0.113.7"}
            assert (await client.get("/api/v1/auth/me?token=secret", headers=forwarded)).status_code == 401
        running.terminate()
        _, log = await asyncio.wait_for(running.communicate(), 30)
    lines = [json.loads(line) for line in log.decode().splitlines()]
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["source"], line["status"], line["method"]) == (seen, 401, "GET")
    assert re.fullmatch(r"[0-9a-f-]{32,36}", line["request_id"])
    assert "secret" not in log.decode()


def test_an_app_without_limits_cannot_be_made(portal_settings: Settings):
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        Settings(**(portal_settings.model_dump() | {"requests_per_minute_per_user": 0}))
    assert create_app(portal_settings, lambda _: RememberingGateway()).state.rates
