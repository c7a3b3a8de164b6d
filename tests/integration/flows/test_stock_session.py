"""Credentials for a process that our worker did not start."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from flows.engine.testing import run_record
from flows.plan import Plan
from flows.stock_session import PORTAL_VARIABLE, PortalCredentials
from flows.worker.handover import Handover
from opsconductor.sdk.credential import Secret, SSHLogin

pytestmark = pytest.mark.real


@pytest.fixture
async def portal(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[bytes]]:
    """A portal that answers one token; what it was asked."""
    asked: list[bytes] = []
    handover = Handover({"web": SSHLogin("ops", password=Secret("pw"))}, {"db": "sealed"})
    body = json.dumps(handover.to_message())

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head)
        good = b"Authorization: Bearer tk-1" in head
        status, text = ("200 OK", body) if good else ("404 Not Found", "{}")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\nConnection: close\r\n\r\n{text}".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv(PORTAL_VARIABLE, f"http://127.0.0.1:{port}/")
    async with server:
        yield asked


@pytest.fixture
def tokens(query: Any) -> Any:
    def give(run_id: Any, token: str) -> None:
        query(
            "INSERT INTO job_runs (id, job_id, job_version, job_name, parameters, credentials, secret_parameters, "
            "check_only, trigger, requested_by, correlation_id, target_count, status, summary, epoch) "
            "VALUES (%s, %s, 1, 'test', '{}', '{}', '{}', false, 'manual', 'ada', '', 0, 'running', '', 3)",
            run_id,
            uuid4(),
        )
        query(
            "INSERT INTO job_run_tokens (run_id, token, expires_at, used_epoch) "
            "VALUES (%s, %s, now() + interval '1 day', -1)",
            run_id,
            token,
        )

    return give


def run() -> Any:
    return run_record(Plan(name="test", nodes=()), (), credentials={"web": {}, "db": {}}, id=uuid4(), epoch=3)


async def test_a_run_s_token_opens_its_credentials(record: str, portal: list[bytes], tokens: Any) -> None:
    mine = run()
    tokens(mine.id, "tk-1")
    opened = await PortalCredentials(record).open(mine)
    assert opened.credentials == {"web": SSHLogin("ops", password=Secret("pw"))}
    assert opened.refused == {"db": "sealed"}
    assert portal[0].startswith(f"GET /internal/runs/{mine.id}/credentials?epoch=3 ".encode())


async def test_a_refused_token_refuses_every_credential(record: str, portal: list[bytes], tokens: Any) -> None:
    mine = run()
    tokens(mine.id, "stolen")
    opened = await PortalCredentials(record).open(mine)
    assert opened.credentials == {}
    assert opened.refused == dict.fromkeys(("web", "db"), "the portal hands nothing over: 404")


async def test_a_portal_that_is_away_refuses_every_credential(
    record: str, tokens: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = run()
    tokens(mine.id, "tk-1")
    monkeypatch.setenv(PORTAL_VARIABLE, "http://127.0.0.1:1")
    opened = await PortalCredentials(record, patience_seconds=0).open(mine)
    assert opened.refused["web"].startswith("the portal does not answer")


async def test_a_run_without_credentials_asks_nobody(record: str) -> None:
    nothing = run_record(Plan(name="test", nodes=()), ())
    assert (await PortalCredentials(record).open(nothing)).credentials == {}
