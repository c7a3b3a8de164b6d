from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from portal.groups.models import TargetGroup

from .people import add_user, signed_in
from .world import JOB, add, add_credential, add_target

WEB_JOB = JOB.replace("name: look", "name: web-look")


@pytest.fixture
async def web(api: httpx.AsyncClient, portal_app: FastAPI) -> dict[str, Any]:
    """Things of the web team, and some of others."""
    async with portal_app.state.sessions() as session, session.begin():
        session.add_all([TargetGroup(name=name) for name in ("web", "db")])
    return {
        "target": await add_target(api, "web01"),
        "other": await add_target(api, "db01", groups=["db"]),
        "job": await add(api, "/jobs", {"yaml": WEB_JOB, "folder": "web/eu"}),
        "credential": await add_credential(api, "web-login"),
        "anna": await add_user(portal_app, "anna", []),
    }


async def names(client: httpx.AsyncClient, path: str) -> list[str]:
    answer = await client.get(f"/api/v1{path}")
    return [item["name"] for item in answer.json()["items"]] if answer.status_code == 200 else []


async def test_a_grant_gives_a_role_in_one_place_and_is_gone_when_revoked(
    api: httpx.AsyncClient, portal_app: FastAPI, web: dict[str, Any]
):
    anna = await signed_in(api, portal_app, "anna")
    assert await names(anna, "/targets") == []
    asked = {"user": "Anna", "role": "Operator", "kind": "target_group", "place": "WEB"}
    made = await add(api, "/grants", asked)
    assert (made["username"], made["role"], made["place_name"]) == ("anna", "operator", "web")
    assert await names(anna, "/targets") == ["web01"]
    assert await names(anna, "/jobs") == [], "a grant in a group says nothing of jobs"
    assert (await anna.get("/api/v1/settings")).status_code in (403, 404)
    me = (await anna.get("/api/v1/auth/me")).json()
    assert me["permissions"] == []
    assert [(grant["role"], grant["kind"], grant["place"]) for grant in me["grants"]] == [
        ("operator", "target_group", "web")
    ]
    assert "targets:connect" in me["grants"][0]["permissions"]
    assert "jobs:run" not in me["grants"][0]["permissions"]
    assert (await api.delete(f"/api/v1/grants/{made['id']}")).status_code == 204
    assert (await api.delete(f"/api/v1/grants/{made['id']}")).status_code == 404
    assert await names(anna, "/targets") == []
    said = (await api.get("/api/v1/audit", params={"subject_id": made["id"]})).json()["items"]
    assert [entry["event"] for entry in said] == ["grant.deleted", "grant.created"]
    assert said[0]["facts"] == {
        "user": "anna", "role": "operator", "kind": "target_group", "place": made["place"], "place_name": "web",
    }  # fmt: skip


async def test_a_folder_includes_what_is_below_it(api: httpx.AsyncClient, portal_app: FastAPI, web: dict[str, Any]):
    anna = await signed_in(api, portal_app, "anna")
    made = await add(api, "/grants", {"user": "anna", "role": "viewer", "kind": "job_folder", "place": "/web/"})
    assert made["place"] == "web"
    assert await names(anna, "/jobs") == ["web-look"]
    assert (await api.patch(f"/api/v1/jobs/{web['job']['id']}", json={"folder": "website"})).status_code == 200
    assert await names(anna, "/jobs") == [], "a name that begins alike is another folder"


async def test_a_credential_is_granted_by_name_or_key(api: httpx.AsyncClient, portal_app: FastAPI, web: dict[str, Any]):
    anna = await signed_in(api, portal_app, "anna")
    for place in ("WEB-LOGIN", web["credential"]["id"]):
        made = await add(api, "/grants", {"user": web["anna"], "role": "viewer", "kind": "credential", "place": place})
        assert await names(anna, "/credentials") == ["web-login"]
        await api.delete(f"/api/v1/grants/{made['id']}")


async def test_what_is_named_must_exist_and_give_something(api: httpx.AsyncClient, web: dict[str, Any]):
    nothing = {"user": "bob", "role": "boss", "kind": "job_folder", "place": "no/such"}
    refused = await api.post("/api/v1/grants", json=nothing)
    assert refused.status_code == 422
    assert [problem["path"] for problem in refused.json()["problems"]] == ["user", "role", "place"]
    for kind in ("target_group", "credential", "job_folder"):
        asked = {"user": "anna", "role": "viewer", "kind": kind, "place": str(uuid4())}
        assert (await api.post("/api/v1/grants", json=asked)).status_code == 422
    await add(api, "/roles", {"name": "auditor", "permissions": ["audit:view"]})
    idle = {"user": "anna", "role": "auditor", "kind": "target_group", "place": "web"}
    refused = await api.post("/api/v1/grants", json=idle)
    assert (refused.status_code, refused.json()["problems"][0]["path"]) == (422, "role")
    assert "targets:view" in refused.json()["problems"][0]["hint"]


async def test_the_same_grant_twice_is_refused(api: httpx.AsyncClient, web: dict[str, Any]):
    asked = {"user": "anna", "role": "viewer", "kind": "target_group", "place": "web"}
    made = await add(api, "/grants", asked)
    again = await api.post("/api/v1/grants", json={**asked, "place": made["place"]})
    assert (again.status_code, again.json()["type"]) == (409, "urn:opsconductor:problem:grant-exists")


async def test_nobody_gives_in_a_place_what_they_do_not_hold_there(
    api: httpx.AsyncClient, portal_app: FastAPI, web: dict[str, Any]
):
    await add_user(portal_app, "lead", ["roles:manage", "jobs:view"])
    lead = await signed_in(api, portal_app, "lead")
    asked = {"user": "anna", "role": "operator", "kind": "target_group", "place": "web"}
    refused = await lead.post("/api/v1/grants", json=asked)
    assert refused.status_code == 403
    assert "groups:manage" in refused.json()["detail"]
    await add(api, "/grants", {**asked, "user": "lead"})
    assert (await lead.post("/api/v1/grants", json=asked)).status_code == 201, "there they hold it now"
    assert (await lead.post("/api/v1/grants", json={**asked, "place": "db"})).status_code == 403
    folder = {"user": "anna", "kind": "job_folder", "place": "web"}
    assert (await lead.post("/api/v1/grants", json={**folder, "role": "viewer"})).status_code == 201
    assert (await lead.post("/api/v1/grants", json={**folder, "role": "operator"})).status_code == 403
    hidden = {"user": "anna", "role": "viewer", "kind": "credential", "place": "web-login"}
    assert (await lead.post("/api/v1/grants", json=hidden)).status_code == 422, "what they do not see is not there"


async def test_lists_answer_who_may_do_what_where(api: httpx.AsyncClient, portal_app: FastAPI, web: dict[str, Any]):
    await add_user(portal_app, "bob", [])
    group = await add(api, "/grants", {"user": "anna", "role": "viewer", "kind": "target_group", "place": "web"})
    await add(api, "/grants", {"user": "anna", "role": "operator", "kind": "job_folder", "place": "web"})
    await add(api, "/grants", {"user": "bob", "role": "operator", "kind": "target_group", "place": "web"})

    async def who(**wanted: str) -> list[tuple[str, str]]:
        found = (await api.get("/api/v1/grants", params={**wanted, "sort": "created_at"})).json()["items"]
        return [(item["username"], item["role"]) for item in found]

    assert await who(user="ANNA") == [("anna", "viewer"), ("anna", "operator")]
    assert await who(user=web["anna"], kind="job_folder") == [("anna", "operator")]
    assert await who(kind="target_group", place=group["place"]) == [("anna", "viewer"), ("bob", "operator")]
    assert await who(role="operator") == [("anna", "operator"), ("bob", "operator")]
    assert await who(user="nobody") == []
    role = (await api.get("/api/v1/roles", params={"q": "operator"})).json()["items"][0]
    assert role["grants"] == 2


async def test_a_group_that_is_gone_gives_nothing_even_if_its_key_becomes_a_name(
    api: httpx.AsyncClient, portal_app: FastAPI, portal_database: str, web: dict[str, Any]
):
    made = await add(api, "/grants", {"user": "anna", "role": "viewer", "kind": "target_group", "place": "web"})
    anna = await signed_in(api, portal_app, "anna")
    with psycopg.connect(portal_database) as connection:
        connection.execute("DELETE FROM target_groups WHERE name = 'web'")
        connection.execute("UPDATE targets SET groups = jsonb_build_array(%s::text)", (made["place"],))
    assert await names(anna, "/targets") == []
    listed = (await api.get("/api/v1/grants")).json()["items"]
    assert [item["place_name"] for item in listed] == [None]


@pytest.mark.parametrize(
    "change",
    [{"kind": "everywhere"}, {"user": ""}, {"role": "a\x00b"}, {"place": "x" * 201}, {"place": None}, {"expires": 1}],
)
async def test_bad_grants_are_refused(api: httpx.AsyncClient, web: dict[str, Any], change: dict[str, Any]):
    asked = {"user": "anna", "role": "viewer", "kind": "target_group", "place": "web"}
    assert (await api.post("/api/v1/grants", json={**asked, **change})).status_code == 422
    assert (await api.get("/api/v1/grants")).json()["items"] == []


async def test_a_credential_that_goes_takes_the_roles_in_it_along(
    api: httpx.AsyncClient, portal_app: FastAPI, web: dict[str, Any]
):
    """A grant that is left over would keep its role from being removed."""
    role = await add(api, "/roles", {"name": "keeper", "permissions": ["credentials:view"]})
    await add(api, "/grants", {"user": "anna", "role": "keeper", "kind": "credential", "place": "web-login"})
    assert (await api.delete(f"/api/v1/credentials/{web['credential']['id']}")).status_code == 204
    assert (await api.get("/api/v1/grants")).json()["items"] == []
    [entry] = (await api.get("/api/v1/audit", params={"event": "credential.deleted"})).json()["items"]
    assert entry["facts"]["grants_revoked"] == [web["anna"]]
    assert (await api.delete(f"/api/v1/roles/{role['id']}")).status_code == 204
