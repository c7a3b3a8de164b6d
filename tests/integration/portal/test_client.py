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
from opsconductor.client.models import MatrixChanges, MatrixRead
from opsconductor.errors import ConflictError, NotAuthenticatedError
from opsconductor.sdk.outcome import Outcome, RunOutcome

from .command_line import CommandLine
from .test_outputs import add_output, played, printed
from .world import add_credential, add_job, add_target

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
    """Ends every run that waits, well; one of a missing unit fails."""
    task = asyncio.create_task(_work(portal_database))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _work(dsn: str) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        while True:
            waiting = await connection.execute(
                "SELECT id, parameters->>'unit' FROM job_runs WHERE status = 'queued' ORDER BY id"
            )
            for run_id, unit in await waiting.fetchall():
                await _end(await RunLedger.claim(dsn, run_id, 1, owner="test"), fails=unit == "missing.service")
            await asyncio.sleep(0.05)


async def _end(ledger: RunLedger, *, fails: bool) -> None:
    if fails:
        await add_output(ledger, 0, 0, printed(Outcome.FAILED, "", "Unit could not be found.\n", 4))
    await ledger.target_ended(0, Outcome.FAILED if fails else Outcome.OK)
    await ledger.end(RunOutcome.FAILED if fails else RunOutcome.SUCCEEDED, "bad" if fails else "fine")
    await ledger.close()


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


async def test_a_secret_is_revealed_to_who_says_why(portal: AsyncClient, api: httpx.AsyncClient):
    made = await add_credential(api)
    shown = await portal.credentials.reveal(made["id"], reason="the break-glass drill")
    assert shown.fields["password"].get_secret_value() == "correct horse"
    assert "correct horse" not in repr(shown)
    [access] = [access async for access in portal.credentials.accesses(made["id"])]
    assert access.reason == "the break-glass drill"


async def test_many_targets_come_from_a_file_and_go_together(portal: AsyncClient, token: str, served: str):
    hosts = "[web]\nweb01 ansible_host=10.0.0.1\nweb02 ansible_host=10.0.0.2\n"
    done = await portal.inventory.import_(content=hosts, format="ansible-ini")
    assert (done.created, done.groups_created) == (2, ["web"])
    changed = await portal.targets.update_many(select="group:web", changes={"zone": "north"})
    assert [(item.name, item.result) for item in changed.items] == [("web01", "changed"), ("web02", "changed")]

    def saved() -> bytes:
        with Client(f"http://{served}", token) as client:
            return b"".join(client.inventory.export(format="csv"))

    text = await asyncio.to_thread(saved)
    assert b"".join([piece async for piece in portal.inventory.export(format="csv")]) == text
    assert text.count(b"north") == 2
    gone = await portal.targets.delete_many(targets=["web01", "web02", "web03"])
    assert (gone.changed, gone.missing) == (2, 1)


async def test_output_is_read_searched_and_saved(portal: AsyncClient, api: httpx.AsyncClient, portal_database: str):
    run = (await played(api, portal_database)).rpartition("/")[2]
    [failed] = [target async for target in portal.runs.targets(run) if target.name == "web03"]
    [attempt] = [each for each in await portal.runs.attempts(run, failed.ord) if each.outcome == "failed"]
    where = (run, failed.ord, attempt.step_ord, attempt.attempt)
    assert (await portal.runs.output(*where)).stderr == "no space left on device\nload!\n"
    assert (await portal.runs.output(*where, from_=-1)).stderr == "load!\n"
    assert [hit.target for hit in (await portal.runs.search_output(run, q="no space")).items] == ["web03"]
    saved = b"".join([piece async for piece in portal.runs.download_output(run, target="web03")])
    assert b"no space left on device" in saved


async def test_a_matrix_and_what_changed_in_it(portal: AsyncClient, api: httpx.AsyncClient, portal_database: str):
    run = (await played(api, portal_database)).rpartition("/")[2]
    matrix = await portal.runs.matrix(run, from_=3)
    assert isinstance(matrix, MatrixRead)
    assert matrix.targets == ["web03"]
    changes = await portal.runs.matrix(run, after=0)
    assert isinstance(changes, MatrixChanges)
    assert (changes.from_, changes.to > 0) == (0, True)


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
    said = capsys.readouterr().out
    assert "['web01', 'web02', 'web03']" in said
    assert "succeeded fine" in said
    assert re.search(r"^port ", said, re.M)
    assert re.search(r"^403 urn:opsconductor:problem:\S+ ", said, re.M)
    assert "2 ['db']" in said
    assert (tmp_path / "db.csv").read_text().count("db0") == 2
    assert "web01 probe 4 Unit could not be found." in said
    assert "web01 1 Unit could not be found." in said
    assert "Unit could not be found." in (tmp_path / "output.txt").read_text()
    assert "['look', 'look', 'look']" in said
