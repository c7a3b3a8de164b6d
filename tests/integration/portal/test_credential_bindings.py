"""What targets sign in with: their own credential, their nearest group's, or the job's; and who uses a credential."""

from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from .world import JOB, add, add_credential, add_job, add_target, take_role


def make_group(dsn: str, name: str, parent: str | None = None) -> str:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "INSERT INTO target_groups (id, name, description, created_at, updated_at)"
            " VALUES (gen_random_uuid(), %s, '', now(), now()) RETURNING id",
            (name,),
        ).fetchone()
        assert row
        if parent:
            connection.execute("INSERT INTO target_group_parents VALUES (%s, %s)", (row[0], parent))
    return str(row[0])


async def put(api: httpx.AsyncClient, credential: dict[str, Any], place: str, key: Any) -> httpx.Response:
    return await api.put(f"/api/v1/credentials/{credential['id']}/bindings/{place}/{key}")


async def explained(api: httpx.AsyncClient, target: dict[str, Any], query: str = "") -> dict[str, Any]:
    return (await api.get(f"/api/v1/targets/{target['id']}/credential{query}")).json()


async def frozen(api: httpx.AsyncClient, portal_database: str) -> dict[str, str | None]:
    run = (await api.post("/api/v1/runs", json={"job": "look"})).json()
    with psycopg.connect(portal_database) as connection:
        rows = connection.execute("SELECT name, credential FROM job_run_targets WHERE run_id = %s", (run["id"],))
        return dict(rows.fetchall())


async def test_the_nearest_wins_and_a_run_does_as_it_is_shown(api: httpx.AsyncClient, portal_database: str):
    own, near, far, last = [await add_credential(api, name) for name in ("own", "near", "far", "last")]
    top = make_group(portal_database, "all")
    web = make_group(portal_database, "web", top)
    job = await add_job(api, JOB.replace("group:web", "tag:it"))
    both = await add_target(api, "both", groups=["web", "all"], tags=["it"])
    above = await add_target(api, "above", groups=["all"], tags=["it"])
    alone = await add_target(api, "alone", groups=[], tags=["it"])
    mine = await add_target(api, "mine", groups=["web", "all"], tags=["it"])
    nothing = await explained(api, both)
    assert (nothing["credential"], nothing["order"]) == (None, [])
    for credential, place, key in ((far, "group", top), (near, "group", web), (last, "job", job["id"])):
        assert (await put(api, credential, place, key)).status_code == 200
    assert (await put(api, own, "target", mine["id"])).status_code == 200
    shown = await explained(api, both, f"?job_id={job['id']}")
    assert [(row["credential"], row["source"], row["place"]) for row in shown["order"]] == [
        ("near", "group", "web"),
        ("far", "group", "all"),
        ("last", "job", ""),
    ]
    assert "web is its nearest group" in shown["why"]
    expected = {"both": "near", "above": "far", "alone": "last", "mine": "own"}
    for target in (both, above, alone, mine):
        shown = await explained(api, target, f"?job_id={job['id']}")
        assert shown["credential"]["credential"] == expected[target["name"]]
    assert await frozen(api, portal_database) == expected


async def test_a_rerun_signs_in_as_the_bindings_say_now(api: httpx.AsyncClient, portal_database: str):
    first, second = await add_credential(api, "first"), await add_credential(api, "second")
    web = make_group(portal_database, "web")
    await add_target(api, "web01")
    await add_job(api)
    await put(api, first, "group", web)
    run = (await api.post("/api/v1/runs", json={"job": "look"})).json()
    replaced = (await put(api, second, "group", web)).json()
    assert (replaced["replaced"], replaced["name"]) == ("first", "web")
    with psycopg.connect(portal_database) as connection:
        connection.execute("UPDATE job_runs SET status = 'ended', outcome = 'failed'")
    again = (await api.post(f"/api/v1/runs/{run['id']}/rerun", json={"targets": "all"})).json()
    with psycopg.connect(portal_database) as connection:
        row = connection.execute("SELECT credential FROM job_run_targets WHERE run_id = %s", (again["id"],)).fetchone()
    assert row == ("second",)


async def test_a_credential_says_what_uses_it_and_stays_while_it_is_used(api: httpx.AsyncClient, portal_database: str):
    made = await add_credential(api)
    path = f"/api/v1/credentials/{made['id']}"
    web = make_group(portal_database, "web")
    target = await add_target(api, "web01", credential="root")
    other = await add_target(api, "web02", services=[{"type": "ssh", "credential": "root"}])
    job = await add_job(api)
    await put(api, made, "group", web)
    await put(api, made, "job", job["id"])
    uses = (await api.get(f"{path}/uses")).json()
    assert {way: [item["name"] for item in use["items"]] for way, use in uses.items()} == {
        "targets": ["web01"],
        "services": ["web02"],
        "groups": ["web"],
        "jobs": ["look"],
        "parameters": [],
    }
    refused = await api.delete(path)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:opsconductor:problem:credential-in-use")
    for words in ("targets: web01", "services: web02", "groups: web", "jobs: look"):
        assert words in refused.json()["detail"]
    for place, key in (("target", target["id"]), ("group", web), ("job", job["id"])):
        assert (await api.delete(f"{path}/bindings/{place}/{key}")).status_code == 204
        assert (await api.delete(f"{path}/bindings/{place}/{key}")).status_code == 409
    assert (await api.delete(path)).status_code == 409
    await api.delete(f"/api/v1/targets/{other['id']}")
    assert (await api.delete(path)).status_code == 204
    events = [row["event"] for row in (await api.get("/api/v1/audit?size=100")).json()["items"]]
    assert (events.count("credential.bound"), events.count("credential.unbound")) == (2, 3)


async def test_a_group_that_goes_takes_its_binding_along(api: httpx.AsyncClient, portal_database: str):
    made = await add_credential(api)
    await put(api, made, "group", make_group(portal_database, "web"))
    with psycopg.connect(portal_database) as connection:
        connection.execute("DELETE FROM target_groups")
    assert (await api.delete(f"/api/v1/credentials/{made['id']}")).status_code == 204


@pytest.mark.parametrize("place", ["target", "group", "job"])
async def test_what_is_not_there_is_bound_to_nothing(api: httpx.AsyncClient, place: str):
    made = await add_credential(api)
    assert (await put(api, made, place, uuid4())).status_code == 404
    assert (await put(api, {"id": uuid4()}, place, uuid4())).status_code == 404


async def test_only_logins_are_bound(api: httpx.AsyncClient):
    token = await add(api, "/credentials", {"name": "t", "secret": {"kind": "secret_text", "text": "x"}})
    target = await add_target(api, "web01")
    assert (await put(api, token, "target", target["id"])).status_code == 422
    assert (await put(api, token, "telepathy", target["id"])).status_code == 422


async def test_a_target_outside_is_not_bound(api: httpx.AsyncClient):
    made = await add_credential(api)
    target = await add_target(api, "web01")
    await api.patch(f"/api/v1/credentials/{made['id']}", json={"allowed_targets": "tag:db"})
    refused = await put(api, made, "target", target["id"])
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:opsconductor:problem:credential-not-allowed")


VIEW = ["credentials:view", "targets:view", "jobs:view"]


@pytest.mark.parametrize(
    ("place", "permission"), [("target", "targets:edit"), ("group", "groups:manage"), ("job", "jobs:edit")]
)
async def test_binding_takes_both_the_credential_and_the_place(
    api: httpx.AsyncClient, portal_database: str, place: str, permission: str
):
    made = await add_credential(api)
    keys = {
        "group": make_group(portal_database, "web"),
        "target": (await add_target(api, "web01"))["id"],
        "job": (await add_job(api))["id"],
    }
    roles = {
        "uses": [*VIEW, "credentials:use"],
        "edits": [*VIEW, permission],
        "both": [*VIEW, "credentials:use", permission],
    }
    answers: dict[str, int] = {}
    for role, permissions in roles.items():
        with psycopg.connect(portal_database) as connection:
            take_role(connection, role, permissions)
        answers[role] = (await put(api, made, place, keys[place])).status_code
    assert answers == {"uses": 403, "edits": 403, "both": 200}


async def test_whoever_may_not_use_a_credential_gives_it_to_no_target(api: httpx.AsyncClient, portal_database: str):
    await add_credential(api)
    target = await add_target(api, "web01")
    with psycopg.connect(portal_database) as connection:
        take_role(connection, "editor", [*VIEW, "targets:edit", "targets:create"])
    changed = await api.patch(f"/api/v1/targets/{target['id']}", json={"credential": "root"})
    body = {"name": "web02", "address": "web02.test", "credential": "root"}
    assert (changed.status_code, (await api.post("/api/v1/targets", json=body)).status_code) == (403, 403)


async def test_who_may_not_use_a_credential_sets_it_on_no_target(api: httpx.AsyncClient, portal_database: str):
    await add_credential(api)
    made = await add_target(api, "web01")
    may = ["targets:view", "targets:create", "targets:edit", "groups:manage", "credentials:view"]
    with psycopg.connect(portal_database) as connection:
        take_role(connection, "sets-no-credential", may)
    added = await api.post("/api/v1/targets", json={"name": "web02", "address": "web02.test", "credential": "root"})
    changed = await api.patch(f"/api/v1/targets/{made['id']}", json={"credential": "root"})
    for refused in (added, changed):
        assert (refused.status_code, "credentials:use" in refused.text) == (403, True)
    with psycopg.connect(portal_database) as connection:
        rows = connection.execute("SELECT name, credential_id FROM targets").fetchall()
    assert rows == [("web01", None)]
