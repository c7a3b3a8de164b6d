"""Users: who may do what to whom."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from portal.app import create_app
from portal.settings import Settings
from tests.doubles.gateway import RememberingGateway
from tests.fixtures.portal import serving, sign_in

from .world import add, add_role, add_user

USERS = "/api/v1/users"
GOOD = "Tuesday-harbour-42-lemon"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def log_in(client: httpx.AsyncClient, username: str, password: str) -> httpx.Response:
    body = {"username": username, "password": password}
    return await client.post("/api/v1/auth/login", json=body, headers={"Authorization": ""})


async def events(api: httpx.AsyncClient, event: str) -> list[dict[str, Any]]:
    return (await api.get("/api/v1/audit", params={"event": event})).json()["items"]


@pytest.fixture
async def own(api: httpx.AsyncClient) -> dict[str, Any]:
    """The admin."""
    return (await api.get("/api/v1/auth/me")).json()["user"]


async def test_a_new_user_gets_a_password_for_once_and_can_do_nothing_else_with_it(api: httpx.AsyncClient):
    body = {"username": "anna", "email": "anna@corp.local", "first_name": "Anna", "title": "Ops", "role": "operator"}
    made = await add(api, "/users", body)
    password = made["one_time_password"]
    assert (made["role"], made["active"], made["must_change_password"]) == ("operator", True, True)
    assert password not in (await api.get(f"{USERS}/{made['id']}")).text
    assert password not in (await api.get("/api/v1/audit")).text
    signed_in = (await log_in(api, "Anna", password)).json()
    assert signed_in["must_change_password"] is True
    theirs = bearer(signed_in["access_token"])
    for method, path in (("GET", "/targets"), ("GET", "/auth/me"), ("GET", "/profile"), ("POST", "/auth/browser-link")):
        refused = await api.request(method, f"/api/v1{path}", headers=theirs)
        assert (refused.status_code, refused.json()["type"]) == (
            403,
            "urn:opsconductor:problem:password-change-required",
        )
    change = {"current_password": password, "new_password": GOOD}
    assert (await api.post("/api/v1/auth/password", json=change, headers=theirs)).status_code == 204
    assert (await api.get("/api/v1/targets", headers=theirs)).status_code == 200
    assert (await log_in(api, "anna", GOOD)).json()["must_change_password"] is False
    assert (await events(api, "user.created"))[0]["facts"]["after"]["email"] == "anna@corp.local"


async def test_a_password_can_be_given_but_not_one_that_is_guessed_first(api: httpx.AsyncClient):
    bad = {
        "too short": "Xk9#mQ2",
        "too long": "é" * 40,
        "the name": "xXbertholdXx-42-lemon",
        "common": "qwertyuiop12",
        "repeated": "passwordpassword",
        "a sequence": "abcdefghijklmnop",
        "one's own address": "b.schmidt@corp.local",
    }
    for why, password in bad.items():
        body = {"username": "berthold", "email": "b.schmidt@corp.local", "password": password}
        refused = await api.post(USERS, json=body)
        assert refused.status_code == 422, why
        assert refused.json()["problems"][0]["path"] == "password"
        assert password not in refused.text
    made = await add(api, "/users", {"username": "berthold", "password": GOOD, "must_change_password": False})
    assert made["one_time_password"] is None
    assert (await log_in(api, "berthold", GOOD)).json()["must_change_password"] is False


async def test_bad_input_is_refused_field_by_field(api: httpx.AsyncClient):
    bad: list[tuple[str, Any]] = [
        ("username", "a b"), ("username", "-x"), ("username", "x" * 101), ("username", "a\x00"), ("username", ""),
        ("username", "\ud800"), ("username", 7), ("username", None), ("email", "no"), ("email", "a@b c"),
        ("email", "a@b\r\nBcc: x@y"), ("email", "@b"), ("email", "a" * 255 + "@b"), ("first_name", "a\nb"),
        ("last_name", "\u202eevil"), ("title", "x" * 101), ("telephone", "call me"), ("telephone", "+" * 20),
        ("role", "nobody-has-this"), ("role", ""), ("role", ["admin"]), ("active", "maybe"), ("password_hash", "x"),
    ]  # fmt: skip
    for field, value in bad:
        body = {"username": "carl", field: value}
        refused = await api.post(USERS, content=_json(body), headers={"Content-Type": "application/json"})
        assert refused.status_code == 422, (field, value)
        assert field in [problem["path"] for problem in refused.json()["problems"]], (field, refused.text)
    assert (await api.get(USERS)).json()["items"][1:] == [], "nothing half done"


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


async def test_a_list_is_searched_filtered_sorted_and_paged(api: httpx.AsyncClient):
    for name, role, last in (("dora", "viewer", "Zuse"), ("emil", "operator", "Abel"), ("fritz", "viewer", "Noether")):
        await add(api, "/users", {"username": name, "role": role, "last_name": last, "title": "100%_sure"})
    emil = (await api.get(USERS, params={"q": "abel"})).json()["items"][0]
    await api.patch(f"{USERS}/{emil['id']}", json={"active": False})

    async def names(**query: Any) -> list[str]:
        answer = await api.get(USERS, params=query)
        assert answer.status_code == 200, answer.text
        return [user["username"] for user in answer.json()["items"]]

    assert await names() == ["admin", "dora", "emil", "fritz"]
    assert await names(sort="-last_name") == ["dora", "fritz", "emil", "admin"]
    assert await names(role="Viewer", sort="-username") == ["fritz", "dora"]
    assert await names(active=False) == ["emil"]
    assert await names(q="%_s") == ["dora", "emil", "fritz"]
    assert await names(q="a%b") == []
    assert await names(q="nobody") == []
    for sort in ("last_login_at", "-created_at", "email"):
        pages: list[str] = []
        cursor = None
        while True:
            page = (await api.get(USERS, params={"sort": sort, "size": 1, "cursor": cursor or ""})).json()
            pages += [user["username"] for user in page["items"]]
            cursor = page["next_page"]
            if not cursor:
                break
        assert sorted(pages) == ["admin", "dora", "emil", "fritz"], sort
    assert (await api.get(USERS, params={"sort": "password_hash"})).status_code == 422


async def test_changes_bind_with_the_next_request(api: httpx.AsyncClient, portal_app: FastAPI):
    theirs = bearer(await add_user(portal_app, "gerda", "operator"))
    gerda = (await api.get("/api/v1/auth/me", headers=theirs)).json()["user"]
    target = {"name": "a", "address": "a.test"}
    assert (await api.post("/api/v1/targets", json=target, headers=theirs)).status_code == 201
    changed = await api.patch(f"{USERS}/{gerda['id']}", json={"role": "viewer", "title": "Guest"})
    assert changed.json()["role"] == "viewer"
    assert (await api.post("/api/v1/targets", json=target, headers=theirs)).status_code == 403
    assert (await api.patch(f"{USERS}/{gerda['id']}", json={"active": False})).json()["active"] is False
    assert (await api.get("/api/v1/targets", headers=theirs)).status_code == 401
    assert (await api.patch(f"{USERS}/{gerda['id']}", json={"active": True})).json()["active"] is True
    assert (await api.get("/api/v1/targets", headers=theirs)).status_code == 401, "the sign-in has ended for good"
    updated = (await events(api, "user.updated"))[0]["facts"]
    assert updated["before"] == {"role": "operator", "title": ""}
    assert updated["after"] == {"role": "viewer", "title": "Guest"}
    assert [len(await events(api, event)) for event in ("user.disabled", "user.enabled")] == [1, 1]


async def test_a_deleted_user_is_gone_and_what_they_did_stays(api: httpx.AsyncClient, portal_app: FastAPI):
    theirs = bearer(await add_user(portal_app, "hans", "operator"))
    hans = (await api.get("/api/v1/auth/me", headers=theirs)).json()["user"]
    await api.post("/api/v1/targets", json={"name": "a", "address": "a.test"}, headers=theirs)
    assert (await api.delete(f"{USERS}/{hans['id']}")).status_code == 204
    assert (await api.get("/api/v1/targets", headers=theirs)).status_code == 401
    assert (await api.get(f"{USERS}/{hans['id']}")).status_code == 404
    assert (await api.delete(f"{USERS}/{hans['id']}")).status_code == 404
    assert (await events(api, "target.created"))[0]["actor_name"] == "hans"
    assert (await events(api, "user.deleted"))[0]["facts"]["before"]["username"] == "hans"


async def test_names_are_taken_in_any_case_of_letters(api: httpx.AsyncClient):
    ida = await add(api, "/users", {"username": "Ida"})
    assert (await api.post(USERS, json={"username": "iDA"})).status_code == 409
    assert (await api.patch(f"{USERS}/{ida['id']}", json={"username": "ADMIN"})).status_code == 409
    assert (await api.patch(f"{USERS}/{ida['id']}", json={"username": "ida"})).json()["username"] == "ida"
    assert (await api.patch(f"{USERS}/{ida['id']}", json={"email": None})).status_code == 422


async def test_the_last_admin_cannot_be_taken_away(api: httpx.AsyncClient, own: dict[str, Any], portal_app: FastAPI):
    path = f"{USERS}/{own['id']}"

    async def attempts() -> list[int]:
        answers = [
            await api.patch(path, json={"active": False}),
            await api.patch(path, json={"role": "viewer"}),
            await api.delete(path),
        ]
        return [answer.status_code for answer in answers]

    assert await attempts() == [409, 409, 409]
    second = await add(api, "/users", {"username": "jana", "role": "admin"})
    await api.patch(f"{USERS}/{second['id']}", json={"active": False})
    assert await attempts() == [409, 409, 409], "an admin who cannot sign in is none"
    await api.patch(f"{USERS}/{second['id']}", json={"active": True})
    assert (await api.patch(path, json={"role": "viewer"})).status_code == 200


async def test_of_two_admins_who_take_each_other_away_at_once_one_stays(
    api: httpx.AsyncClient, own: dict[str, Any], portal_app: FastAPI, portal_settings: Settings
):
    other_portal = await asyncio.to_thread(create_app, portal_settings, lambda _: RememberingGateway())
    async with serving(other_portal) as elsewhere:
        for number in range(5):
            elsewhere.headers.update(bearer(await add_user(portal_app, f"kurt{number}", "admin")))
            kurt = (await elsewhere.get("/api/v1/auth/me")).json()["user"]
            answers = await asyncio.gather(
                api.patch(f"{USERS}/{kurt['id']}", json={"role": "viewer"}),
                elsewhere.patch(f"{USERS}/{own['id']}", json={"active": False}),
            )
            # The loser is refused: as the last admin's killer, or because they are no admin any more.
            assert sorted(answer.status_code for answer in answers)[0] == 200
            assert sorted(answer.status_code for answer in answers)[1] in (401, 403, 409)
            if (await api.get("/api/v1/auth/me")).status_code == 401:
                await elsewhere.patch(f"{USERS}/{own['id']}", json={"active": True})
                api.headers.update(bearer(await sign_in(portal_app)))
                await api.patch(f"{USERS}/{kurt['id']}", json={"role": "viewer"})


async def test_nobody_reaches_through_others_what_they_may_not_do(
    api: httpx.AsyncClient, own: dict[str, Any], portal_app: FastAPI, portal_database: str
):
    add_role(portal_database, "personnel", ["users:manage", "jobs:view", "targets:view", "credentials:view"])
    theirs = bearer(await add_user(portal_app, "lotte", "personnel"))
    me = (await api.get("/api/v1/auth/me", headers=theirs)).json()["user"]
    for role in ("admin", "operator"):
        assert (await api.post(USERS, json={"username": "m", "role": role}, headers=theirs)).status_code == 403
        raised = await api.patch(f"{USERS}/{me['id']}", json={"role": role}, headers=theirs)
        assert raised.status_code == 403, "not oneself either"
    viewer = (await api.post(USERS, json={"username": "max", "role": "viewer"}, headers=theirs)).json()
    assert viewer["role"] == "viewer"
    admin = f"{USERS}/{own['id']}"
    refused = [
        await api.patch(admin, json={"title": "x"}, headers=theirs),
        await api.patch(admin, json={"active": False}, headers=theirs),
        await api.post(f"{admin}/reset-password", json={}, headers=theirs),
        await api.delete(f"{admin}/sessions", headers=theirs),
        await api.delete(admin, headers=theirs),
    ]
    assert [answer.status_code for answer in refused] == [403] * 5
    assert "approvals:decide" in refused[0].json()["detail"], "it says which right is lacking"
    _grant(portal_database, viewer["id"], "operator")
    reset = await api.post(f"{USERS}/{viewer['id']}/reset-password", json={}, headers=theirs)
    assert reset.status_code == 403, "what they are granted in one place counts too"
    assert len(await events(api, "permission.denied")) == 10


def _grant(dsn: str, user_id: str, role: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "INSERT INTO role_grants (id, user_id, role_id, kind, place, created_at, created_by) "
            "SELECT gen_random_uuid(), %s, id, 'job_folder', 'web', now(), '' FROM roles WHERE name = %s",
            (user_id, role),
        )


async def test_a_reset_signs_out_and_forces_a_change(api: httpx.AsyncClient, portal_app: FastAPI):
    theirs = bearer(await add_user(portal_app, "nora", "viewer"))
    nora = (await api.get("/api/v1/auth/me", headers=theirs)).json()["user"]
    reset = await api.post(f"{USERS}/{nora['id']}/reset-password", json={})
    password = reset.json()["one_time_password"]
    assert (await api.get("/api/v1/auth/me", headers=theirs)).status_code == 401
    assert (await log_in(api, "nora", password)).json()["must_change_password"] is True
    given = await api.post(f"{USERS}/{nora['id']}/reset-password", json={"password": GOOD})
    assert given.json() == {"one_time_password": None}
    assert (await log_in(api, "nora", password)).status_code == 401
    assert (await log_in(api, "nora", GOOD)).json()["must_change_password"] is True
    weak = await api.post(f"{USERS}/{nora['id']}/reset-password", json={"password": "noranoranora"})
    assert weak.status_code == 422
    record = await events(api, "user.password_reset")
    assert len(record) == 2
    assert password not in str(record)


async def test_a_change_can_be_forced(api: httpx.AsyncClient, portal_app: FastAPI):
    theirs = bearer(await add_user(portal_app, "otto", "viewer"))
    otto = (await api.get("/api/v1/auth/me", headers=theirs)).json()["user"]
    await api.patch(f"{USERS}/{otto['id']}", json={"must_change_password": True})
    assert (await api.get("/api/v1/auth/me", headers=theirs)).status_code == 403


async def test_users_are_for_those_who_manage_them(api: httpx.AsyncClient, portal_app: FastAPI, own: dict[str, Any]):
    theirs = bearer(await add_user(portal_app, "paula", "operator"))
    for method, path in (
        ("GET", USERS),
        ("POST", USERS),
        ("GET", f"{USERS}/{own['id']}"),
        ("DELETE", f"{USERS}/{own['id']}"),
    ):
        assert (await api.request(method, path, json={"username": "x"}, headers=theirs)).status_code == 403
    for path in (f"{USERS}/{uuid4()}", f"{USERS}/{uuid4()}/sessions"):
        assert (await api.get(path)).status_code == 404
    assert (await api.get(f"{USERS}/nonsense")).status_code == 422
