"""The typed client against the real portal: over a socket and without one."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import httpx2
import psycopg
import pytest
from fastapi import FastAPI

from flows.ledger.session import RunLedger
from opsconductor.client import AsyncClient, Client, PortalProblemError
from opsconductor.errors import ConflictError, NotAuthenticatedError
from opsconductor.sdk.outcome import Outcome, RunOutcome

from .command_line import CommandLine
from .world import add_job, add_target

GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "script-the-portal.md"


@pytest.fixture
def token(api: httpx.AsyncClient) -> str:
    return api.headers["Authorization"].removeprefix("Bearer ")


@pytest.fixture
async def portal(portal_app: FastAPI, token: str) -> AsyncIterator[AsyncClient]:
    async with AsyncClient("http://portal.test", token, transport=httpx2.ASGITransport(portal_app)) as client:
        yield client


@pytest.fixture
async def worker(portal_database: str) -> AsyncIterator[None]:
    """Ends every run that waits, well."""
    task = asyncio.create_task(_work(portal_database))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _work(dsn: str) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        while True:
            waiting = await connection.execute("SELECT id FROM job_runs WHERE status = 'queued'")
            for (run_id,) in await waiting.fetchall():
                ledger = await RunLedger.claim(dsn, run_id, 1, owner="test")
                await ledger.target_ended(0, Outcome.OK)
                await ledger.end(RunOutcome.SUCCEEDED, "fine")
                await ledger.close()
            await asyncio.sleep(0.05)


async def test_a_list_fetches_the_pages_that_are_read(
    portal: AsyncClient, portal_app: FastAPI, api: httpx.AsyncClient, token: str, served: str
):
    for number in range(5):
        await add_target(api, f"web{number}")

    async def asked() -> float:
        text = (await api.get("/metrics")).text
        (count,) = re.findall(r'http_requests_total{method="GET",route="/targets",status="200"} (\S+)', text) or ["0"]
        return float(count)

    assert [target.name async for target in portal.targets.list(sort="name", size=2)] == [f"web{n}" for n in range(5)]
    assert await asked() == 3

    def look() -> list[str]:
        with Client(f"http://{served}", token) as client:
            targets = client.targets.list(sort="-name", size=2)
            return [next(targets).name, next(targets).name]

    assert await asyncio.to_thread(look) == ["web4", "web3"]
    assert await asked() == 4


async def test_what_is_made_can_be_read_changed_and_removed(portal: AsyncClient, token: str, served: str):
    def work() -> tuple[Any, ...]:
        with Client(f"http://{served}", token) as client:
            secret = {"kind": "ssh_password", "username": "ops", "password": "correct horse"}
            login = client.credentials.create(name="root", secret=secret)  # type: ignore[arg-type]
            made = client.targets.create(name="web01", address="10.0.0.1", credential="root", variables={"site": "x"})
            changed = client.targets.update(made.id, address="10.0.0.2", description="moved")
            with pytest.raises(ConflictError) as taken:
                client.targets.create(name="web01", address="10.0.0.3")
            client.targets.delete(made.id)
            with pytest.raises(PortalProblemError) as gone:
                client.targets.get(made.id)
            entries = [entry.event for entry in client.audit.list(subject_id=str(made.id))]
            return login, changed, taken.value, gone.value, entries

    login, changed, taken, gone, entries = await asyncio.to_thread(work)
    assert isinstance(login.id, UUID)
    assert (changed.address, changed.credential, changed.variables) == ("10.0.0.2", "root", {"site": "x"})
    assert changed.updated_at.tzinfo is not None
    assert (taken.http_status, bool(taken.request_id)) == (409, True)
    assert (gone.http_status, gone.type.startswith("urn:opsconductor:problem:")) == (404, True)
    assert entries == ["target.deleted", "target.updated", "target.created"]
    assert (await portal.audit.verify()).intact


async def test_a_run_is_watched_to_its_end(
    portal: AsyncClient, api: httpx.AsyncClient, worker: None, token: str, served: str
):
    await add_target(api, "web01")
    await add_job(api)
    run = await portal.runs.start(job="look")
    assert [event.kind async for event in portal.runs.watch(run.id)] == ["run.claimed", "targets", "run.ended"]
    assert (await portal.runs.get(run.id)).outcome == "succeeded"

    def watch() -> list[str]:
        with Client(f"http://{served}", token) as client:
            return [event.kind for event in client.runs.watch(client.runs.start(job="look").id, after=1)]

    assert await asyncio.to_thread(watch) == ["targets", "run.ended"]


async def test_a_stranger_is_refused(portal_app: FastAPI, api: httpx.AsyncClient):
    async with AsyncClient("http://portal.test", "nobody", transport=httpx2.ASGITransport(portal_app)) as stranger:
        with pytest.raises(NotAuthenticatedError):
            await anext(aiter(stranger.runs.list()))


async def test_the_guide_is_true(
    api: httpx.AsyncClient,
    worker: None,
    token: str,
    served: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    await add_job(api)
    text = GUIDE.read_text()
    (command,) = re.findall(r"^    opsconductor (token create .*)$", text, re.M)
    arguments = [word.strip("'") for word in command.split()]
    monkeypatch.chdir(tmp_path)
    arguments[-1] = str(tmp_path / arguments[-1])
    await CommandLine(f"http://{served}", tmp_path).signed_in(token).run(*arguments)
    source = "\n".join(re.findall(r"```python\n(.*?)```", text, re.S))
    await asyncio.to_thread(exec, compile(source, GUIDE.name, "exec"), {})
    printed = capsys.readouterr().out
    assert "['web01', 'web02', 'web03']" in printed
    assert "succeeded fine" in printed
    assert re.search(r"^port ", printed, re.M)
    assert re.search(r"^403 urn:opsconductor:problem:\S+ ", printed, re.M)
    assert "['look', 'look']" in printed
