from uuid import UUID

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from flows.ledger.session import RunLedger
from portal.settings import Settings

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
    assert given.json()["credentials"]["root"]["password"] == "correct horse"
    assert given.headers["cache-control"] == "no-store"
    assert (await ask()).status_code == 404, "once"
    await ledger.close()
    assert "correct horse" not in (await api.get("/api/v1/audit")).text
