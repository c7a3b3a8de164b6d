from uuid import uuid4

import httpx
import psycopg

from .world import add, add_credential, add_job, add_target


async def test_a_run_freezes_its_targets_and_credentials(api: httpx.AsyncClient, portal_database: str):
    await add_credential(api)
    await add_target(api, "web01", credential="root", port=2222, tags=["prod"])
    await add_target(api, "db01", groups=["db"])
    await add_job(api)
    run = await add(api, "/runs", {"job": "look", "parameters": {"unit": "sshd.service"}})
    assert (run["status"], run["target_count"], run["epoch"]) == ("queued", 1, 1)
    await api.patch(f"/api/v1/targets/{(await _first_target(api))['id']}", json={"address": "elsewhere.test"})
    frozen = (await api.get(f"/api/v1/runs/{run['id']}/targets")).json()["items"]
    assert [(row["name"], row["address"], row["port"], row["credential"]) for row in frozen] == [
        ("web01", "web01.test", 2222, "root")
    ]
    with psycopg.connect(portal_database) as connection:
        (credentials,) = connection.execute("SELECT credentials FROM job_runs").fetchone() or ({},)
    assert credentials["root"]["version"] == 1


async def _first_target(api: httpx.AsyncClient) -> dict[str, str]:
    return next(row for row in (await api.get("/api/v1/targets")).json()["items"] if row["name"] == "web01")


async def test_the_same_idempotency_key_finds_the_same_run(api: httpx.AsyncClient):
    await add_target(api, "web01")
    await add_job(api)
    key = {"Idempotency-Key": str(uuid4())}
    first = await api.post("/api/v1/runs", json={"job": "look"}, headers=key)
    again = await api.post("/api/v1/runs", json={"job": "look"}, headers=key)
    other = await api.post("/api/v1/runs", json={"job": "look", "check_only": True}, headers=key)
    assert first.status_code == 201
    assert again.json()["id"] == first.json()["id"]
    assert other.status_code == 409
    assert other.json()["type"] == "urn:opsconductor:problem:idempotency-key-reused"
    assert len((await api.get("/api/v1/runs")).json()["items"]) == 1
