import json
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from portal.authz.permissions import BUILT_IN_ROLES, Permission
from portal.settings import GroupRole, Settings, SsoSettings

from .people import add_user, signed_in
from .world import add


async def test_the_catalogue_describes_every_permission_and_where_it_can_be_granted(api: httpx.AsyncClient):
    found = {item["name"]: item for item in (await api.get("/api/v1/permissions")).json()}
    assert set(found) == {str(permission) for permission in Permission}
    assert all(item["description"] for item in found.values())
    assert found["jobs:run"]["places"] == ["job_folder"]
    assert found["audit:view"]["places"] == []


async def test_a_role_is_made_found_changed_and_removed_on_record(api: httpx.AsyncClient):
    made = await add(api, "/roles", {"name": "Night shift", "permissions": ["jobs:view", "jobs:run", "jobs:view"]})
    assert (made["permissions"], made["users"], made["built_in"]) == (["jobs:run", "jobs:view"], 0, False)
    path = f"/api/v1/roles/{made['id']}"
    changed = await api.patch(path, json={"permissions": ["jobs:view"], "description": "Looks"})
    assert changed.json()["permissions"] == ["jobs:view"]
    assert (await api.get(path)).json()["description"] == "Looks"
    assert (await api.delete(path)).status_code == 204
    assert (await api.get(path)).status_code == 404
    said = (await api.get("/api/v1/audit", params={"subject_id": made["id"]})).json()["items"]
    assert [entry["event"] for entry in said] == ["role.deleted", "role.updated", "role.created"]
    assert said[1]["facts"]["before"]["permissions"] == ["jobs:run", "jobs:view"]


async def test_a_role_that_settings_name_keeps_its_name(
    api: httpx.AsyncClient, portal_app: FastAPI, portal_settings: Settings
):
    """A second factor is asked of roles by their names: under another one this role would do without."""
    made = await add(api, "/roles", {"name": "Night", "permissions": ["jobs:view"]})
    path = f"/api/v1/roles/{made['id']}"
    portal_app.state.settings = portal_settings.model_copy(update={"second_factor_roles": frozenset({"night"})})
    refused = await api.patch(path, json={"name": "Day"})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:opsconductor:problem:role-named")
    assert "second_factor_roles" in refused.json()["detail"]
    assert (await api.patch(path, json={"name": "NIGHT", "permissions": []})).json()["name"] == "NIGHT"
    sso = SsoSettings(
        issuer="https://id.test", client_id="x", client_secret_file=Path("none"),
        roles=(GroupRole(group="ops", role="night"),),
    )  # fmt: skip
    portal_app.state.settings = portal_settings.model_copy(update={"sso": sso})
    assert "(sso)" in (await api.patch(path, json={"name": "Day"})).json()["detail"]
    portal_app.state.settings = portal_settings
    assert (await api.patch(path, json={"name": "Day"})).json()["name"] == "Day"


async def test_lists_are_searched_sorted_and_paged(api: httpx.AsyncClient):
    for name in ("beta", "alpha", "gamma"):
        await add(api, "/roles", {"name": name, "permissions": []})
    page = (await api.get("/api/v1/roles", params={"size": 2, "sort": "-name"})).json()
    assert [role["name"] for role in page["items"]] == ["viewer", "operator"]
    more = (await api.get("/api/v1/roles", params={"size": 2, "sort": "-name", "cursor": page["next_page"]})).json()
    assert [role["name"] for role in more["items"]] == ["gamma", "beta"]
    assert [role["name"] for role in (await api.get("/api/v1/roles", params={"q": "LPH"})).json()["items"]] == ["alpha"]


@pytest.mark.parametrize("name", BUILT_IN_ROLES)
async def test_built_in_roles_show_what_they_hold_and_stay(api: httpx.AsyncClient, name: str):
    role = (await api.get("/api/v1/roles", params={"q": name})).json()["items"][0]
    assert (role["built_in"], set(role["permissions"])) == (True, set(map(str, BUILT_IN_ROLES[name])))
    path = f"/api/v1/roles/{role['id']}"
    for answer in (await api.patch(path, json={"permissions": []}), await api.delete(path)):
        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:opsconductor:problem:built-in-role"


async def test_a_name_is_taken_in_any_case_of_letters(api: httpx.AsyncClient):
    made = await add(api, "/roles", {"name": "shift", "permissions": []})
    for name in ("Shift", "ADMIN"):
        assert (await api.post("/api/v1/roles", json={"name": name, "permissions": []})).status_code == 409
    other = await add(api, "/roles", {"name": "other", "permissions": []})
    assert (await api.patch(f"/api/v1/roles/{other['id']}", json={"name": "SHIFT"})).status_code == 409
    assert (await api.patch(f"/api/v1/roles/{made['id']}", json={"name": "SHIFT"})).status_code == 200


async def test_a_role_that_somebody_has_is_not_removed(api: httpx.AsyncClient, portal_app: FastAPI):
    await add_user(portal_app, "anna", ["jobs:view"])
    role = (await api.get("/api/v1/roles", params={"q": "role-of-anna"})).json()["items"][0]
    assert role["users"] == 1
    refused = await api.delete(f"/api/v1/roles/{role['id']}")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:opsconductor:problem:role-in-use")


async def test_nobody_gives_what_they_do_not_hold(api: httpx.AsyncClient, portal_app: FastAPI):
    await add_user(portal_app, "anna", ["roles:manage", "jobs:view"])
    anna = await signed_in(api, portal_app, "anna")
    refused = await anna.post("/api/v1/roles", json={"name": "more", "permissions": ["jobs:view", "audit:view"]})
    assert refused.status_code == 403
    assert "audit:view" in refused.json()["detail"]
    made = await add(anna, "/roles", {"name": "less", "permissions": ["jobs:view"]})
    path = f"/api/v1/roles/{made['id']}"
    assert (await anna.patch(path, json={"permissions": ["jobs:view", "jobs:run"]})).status_code == 403
    await api.patch(path, json={"permissions": ["jobs:view", "jobs:run"]})
    kept = await anna.patch(path, json={"permissions": ["jobs:run"]})
    assert kept.json()["permissions"] == ["jobs:run"], "what it held before is not given anew"
    said = (await api.get("/api/v1/audit", params={"event": "permission.denied"})).json()["items"]
    assert said[0]["actor_name"] == "anna"


async def test_a_change_of_a_role_binds_on_the_next_request(api: httpx.AsyncClient, portal_app: FastAPI):
    await add_user(portal_app, "anna", ["jobs:view"])
    anna = await signed_in(api, portal_app, "anna")
    role = (await api.get("/api/v1/roles", params={"q": "role-of-anna"})).json()["items"][0]
    assert (await anna.get("/api/v1/jobs")).status_code == 200
    await api.patch(f"/api/v1/roles/{role['id']}", json={"permissions": ["targets:view"]})
    assert (await anna.get("/api/v1/jobs")).status_code == 403
    assert (await anna.get("/api/v1/targets")).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "permissions": ["jobs:fly"]},
        {"name": "x", "permissions": "jobs:view"},
        {"name": "x\x00", "permissions": []},
        {"name": "x\ud800", "permissions": []},
        {"name": " x", "permissions": []},
        {"name": "x" * 101, "permissions": []},
        {"name": "x", "permissions": [], "built_in": True},
        {"name": "x", "permissions": [], "description": "a\u202eb"},
        {"permissions": []},
    ],
)
async def test_bad_roles_are_refused(api: httpx.AsyncClient, body: dict[str, object]):
    refused = await api.post("/api/v1/roles", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["problems"]


async def test_null_is_no_change(api: httpx.AsyncClient):
    made = await add(api, "/roles", {"name": "shift", "permissions": []})
    for field in ("name", "permissions", "description"):
        refused = await api.patch(f"/api/v1/roles/{made['id']}", json={field: None})
        assert (refused.status_code, refused.json()["problems"][0]["path"]) == (422, field)
