import asyncio
from uuid import UUID

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from flows.ledger.session import RunLedger
from portal.jobs.models import Job
from portal.settings import Settings
from portal.upkeep.deployments import move_deployments
from tests.doubles.gateway import RememberingGateway

from .world import add, add_credential, add_job, add_target


@pytest.fixture
def portal_settings(portal_settings: Settings) -> Settings:
    """A portal whose runs go to somebody else's workers."""
    return portal_settings.model_copy(update={"work_pool": "processes"})


async def test_a_claimed_run_gets_its_credentials_once_an_epoch(
    api: httpx.AsyncClient, portal_app: FastAPI, portal_database: str
):
    await add_credential(api, "root", password="correct horse")
    await add_target(api, "web01", credential="root")
    await add_job(api)
    run = await add(api, "/runs", {"job": "look"})
    with psycopg.connect(portal_database) as connection:
        (token,) = connection.execute("SELECT token FROM job_run_tokens").fetchone() or ("",)
    path = f"/internal/runs/{run['id']}/credentials"

    async def ask(token: str = token, epoch: int = 1) -> httpx.Response:
        return await api.get(path, params={"epoch": epoch}, headers={"Authorization": f"Bearer {token}"})

    assert (await ask()).status_code == 404, "nobody has claimed it"
    ledger = await RunLedger.claim(portal_database, UUID(run["id"]), 1, owner="test")
    assert (await ask("guess")).status_code == 404
    assert (await ask(epoch=2)).status_code == 404
    given = await ask()
    assert given.json()["credentials"]["root"]["hidden"]["password"] == "correct horse"
    assert given.headers["cache-control"] == "no-store"
    assert (await ask()).status_code == 404, "once"
    await ledger.close()
    assert "correct horse" not in (await api.get("/api/v1/audit")).text


async def test_our_own_worker_is_not_told_of_a_run_for_others(
    api: httpx.AsyncClient, portal_app: FastAPI, portal_database: str, gateway: RememberingGateway
):
    await add_target(api, "web01")
    await add_job(api)
    async with await psycopg.AsyncConnection.connect(portal_database, autocommit=True) as connection:
        await connection.execute("LISTEN opsconductor_runs")
        await connection.execute("LISTEN opsconductor_upkeep")
        run = await add(api, "/runs", {"job": "look"})
        async for notice in connection.notifies(timeout=20, stop_after=1):
            assert notice.channel == "opsconductor_upkeep"
        query = "SELECT lease_until > now() + interval '9 minutes' FROM job_runs"
        assert await (await connection.execute(query)).fetchall() == [(True,)], "Prefect's workers poll: it waits"
    async with asyncio.timeout(20):
        while (UUID(run["id"]), 1) not in gateway.flow_runs:
            await asyncio.sleep(0.02)
    assert gateway.flow_runs[UUID(run["id"]), 1].scheduled


async def test_deployments_in_another_pool_are_moved(
    api: httpx.AsyncClient, portal_app: FastAPI, gateway: RememberingGateway
):
    await add_job(api)
    async with asyncio.timeout(20):
        while not gateway.deployments:
            await asyncio.sleep(0.02)
        (key,) = gateway.deployments
        while not await _deployed(portal_app, key):
            await asyncio.sleep(0.02)
        gateway.deployments[key] = (gateway.deployments[key][0], 0)
        gateway.misplaced = [key]
        await move_deployments(portal_app.state.sessions, gateway)
        while gateway.deployments[key][1] != 1:
            await asyncio.sleep(0.02)


async def _deployed(app: FastAPI, key: UUID) -> bool:
    async with app.state.sessions() as session:
        return bool(await session.scalar(select(Job.deployed_version).where(col(Job.deployment_id) == key)))
