"""Input that was made to do harm, by every way in; `docs/reference/bad-inputs.md` lists the tests of each kind."""

import json
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from fastapi import FastAPI

from tests.doubles.gateway import RememberingGateway

from .people import add_user, signed_in
from .world import JOB, add, add_job, add_target

CODE = ["x; id", "$(id)", "`id`", "x && whoami", "x\nid", "x|id", "a.b$IFS", "--upload-pack=id", "..\\x"]


async def runs_of(api: httpx.AsyncClient) -> list[Any]:
    return (await api.get("/api/v1/runs")).json()["items"]


async def test_code_in_a_parameter_is_refused_before_anything_starts(
    api: httpx.AsyncClient, gateway: RememberingGateway
):
    await add_target(api, "web01")
    job = await add_job(api)
    bundle = {"format": "opsconductor-bundle/v1", "jobs": [{"yaml": JOB.replace("look", "other")}]}
    for value in CODE:
        started = await api.post("/api/v1/runs", json={"job": "look", "parameters": {"unit": value}})
        assert (started.status_code, started.json()["problems"][0]["path"]) == (422, "parameters.unit"), value
        written = JOB.replace("default: nginx.service", f"default: {json.dumps(value)}")
        assert (await api.patch(f"/api/v1/jobs/{job['id']}", json={"yaml": written})).status_code == 422, value
        body = {"bundle": bundle, "mapping": {"parameters": {"unit": value}}}
        assert (await api.post("/api/v1/job-bundles/import", json=body)).status_code == 422, value
    assert await runs_of(api) == []
    assert gateway.flow_runs == {}


async def test_an_integer_is_an_integer(api: httpx.AsyncClient):
    await add_target(api, "web01")
    unit = "unit: {type: string, default: nginx.service, pattern: '^[a-z.]+$'}"
    await add_job(api, JOB.replace(unit, "n: {type: integer}"))
    for value in ("3; id", "3", 3.5, True, [3], {"$gt": 0}, None):
        started = await api.post("/api/v1/runs", json={"job": "look", "parameters": {"n": value}})
        assert (started.status_code, started.json()["problems"][0]["path"]) == (422, "parameters.n"), value
    assert await runs_of(api) == []


async def test_integers_of_bodies_are_json_integers(api: httpx.AsyncClient):
    for value in ("22", "", 22.0, True, [22]):
        refused = await api.post("/api/v1/targets", json={"name": "web01", "address": "192.0.2.1", "port": value})
        assert (refused.status_code, refused.json()["problems"][0]["path"]) == (422, "port"), value
    assert (await api.get("/api/v1/targets")).json()["items"] == []
    made = await api.post("/api/v1/targets", json={"name": "web01", "address": "192.0.2.1", "port": 2222})
    assert (made.status_code, made.json()["port"]) == (201, 2222)
    assert (await api.get("/api/v1/targets?limit=1")).status_code == 200, "a query has only text"


async def test_yes_and_no_are_true_and_false(api: httpx.AsyncClient):
    job = await add_job(api)
    for value in (0.0, 0, "off", "no", []):
        changed = await api.patch(f"/api/v1/jobs/{job['id']}", json={"active": value})
        assert (changed.status_code, changed.json()["problems"][0]["path"]) == (422, "active"), value
    assert (await api.get(f"/api/v1/jobs/{job['id']}")).json()["active"] is True


async def test_numbers_and_times_that_no_column_holds_are_refused(api: httpx.AsyncClient):
    job = await add_job(api)
    previewed = await api.post("/api/v1/runs/preview", json={"job_id": job["id"], "version": 2**31})
    assert (previewed.status_code, previewed.json()["problems"][0]["path"]) == (422, "version")
    for query in ("finished_before=17", "created_after=1e9"):
        assert (await api.get(f"/api/v1/runs?{query}")).status_code == 422, query


async def test_nul_is_refused_not_stumbled_over(api: httpx.AsyncClient):
    await add_job(api)
    filters = ("targets?q", "jobs?folder", "runs?target", "audit?q", "users?q", "credentials?q")
    asked = [await api.get(f"/api/v1/{name}=a%00") for name in filters]
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("auth/login", {"username": "a\0", "password": "b"}),
        ("runs", {"job": "a\0"}),
        ("runs", {"job": "look", "parameters": {"unit": "a\0"}}),
        ("targets/preview", {"select": "name:a\0"}),
        ("groups", {"name": "a", "description": "\0"}),
    ]
    sent = [await api.post(f"/api/v1/{path}", json=body) for path, body in bodies]
    for answer in (*asked, *sent):
        assert answer.status_code == 422, answer.text
    checked = await api.post("/api/v1/jobs/validate", json={"yaml": JOB + "# \0"})
    assert checked.json()["problems"][0]["message"]


async def test_nul_in_a_path_is_refused_and_on_the_audit_log(api: httpx.AsyncClient, portal_app: FastAPI):
    await add_user(portal_app, "anna", ["targets:view"])
    path = f"/api/v1/runs/{uuid4()}/steps"
    async with await signed_in(api, portal_app, "anna") as anna:
        assert (await anna.get(f"{path}/a%00b/groups")).status_code == 403
    (denied,) = (await api.get("/api/v1/audit?event=permission.denied")).json()["items"]
    assert denied["facts"]["request"] == f"GET {path}/a\ufffdb/groups"
    assert (await api.get("/api/v1/audit/chain")).json()["intact"]


async def test_while_the_database_is_away_nothing_starts_unrecorded(
    api: httpx.AsyncClient, gateway: RememberingGateway, portal_database: str
):
    await add_target(api, "web01")
    await add_job(api)
    name = psycopg.conninfo.conninfo_to_dict(portal_database)["dbname"]
    other = psycopg.conninfo.make_conninfo(portal_database, dbname="postgres", user="postgres")
    with psycopg.connect(other, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')  # pyright: ignore
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        refused = await api.post("/api/v1/runs", json={"job": "look"})
        connection.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')  # pyright: ignore
    assert (refused.status_code, refused.json()["retryable"]) == (503, True)
    assert gateway.flow_runs == {}
    assert await runs_of(api) == []


async def test_a_target_that_goes_stays_in_its_run(api: httpx.AsyncClient):
    target = await add_target(api, "web01")
    await add_job(api)
    run = await add(api, "/runs", {"job": "look"})
    assert (await api.delete(f"/api/v1/targets/{target['id']}")).status_code == 204
    kept = (await api.get(f"/api/v1/runs/{run['id']}/targets")).json()["items"]
    assert [(row["name"], row["address"]) for row in kept] == [("web01", "web01.test")]
