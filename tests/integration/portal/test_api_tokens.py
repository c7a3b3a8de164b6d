"""API tokens: what they may do, and what they may not."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg.types.json import Jsonb
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from portal.api_tokens.authentication import authenticate_token
from portal.identity.authentication import ask_again
from portal.kit.ids import now
from portal.upkeep.sessions import forget_sessions

from .world import add, add_target, add_user, take_role

TOKENS = "/api/v1/tokens"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def make(api: httpx.AsyncClient, *scopes: str, name: str = "robot", **more: Any) -> dict[str, Any]:
    return await add(api, "/tokens", {"name": name, "scopes": list(scopes), **more})


async def test_a_token_is_shown_once_and_stored_as_a_hash(api: httpx.AsyncClient, portal_database: str):
    made = await make(api, "targets:view")
    token = made["token"]
    assert token.startswith("opsc_")
    assert made["hint"] == token[:9]
    lifetime = (await api.get(f"{TOKENS}/{made['id']}")).json()
    assert "token" not in lifetime
    assert lifetime["owner"] == "admin"
    with psycopg.connect(portal_database) as connection:
        rows = connection.execute(
            "SELECT t::text FROM api_tokens t UNION ALL SELECT a::text FROM audit_log a"
        ).fetchall()
    assert token not in str(rows)
    entry = (await api.get("/api/v1/audit", params={"event": "api_token.created"})).json()["items"][0]
    assert entry["facts"]["scopes"] == ["targets:view"]


async def test_a_token_may_do_what_its_scopes_say_and_nothing_else(api: httpx.AsyncClient):
    made = await make(api, "targets:view", "targets:create")
    robot = bearer(made["token"])
    added = await api.post("/api/v1/targets", json={"name": "a", "address": "a.test"}, headers=robot)
    assert added.status_code == 201
    assert (await api.get("/api/v1/targets", headers=robot)).json()["items"][0]["name"] == "a"
    assert (await api.delete(f"/api/v1/targets/{added.json()['id']}", headers=robot)).status_code == 403
    assert (await api.get("/api/v1/jobs", headers=robot)).status_code == 403
    me = (await api.get("/api/v1/auth/me", headers=robot)).json()
    assert me["permissions"] == ["targets:create", "targets:view"]
    entry = (await api.get("/api/v1/audit", params={"event": "target.created"})).json()["items"][0]
    assert entry["facts"]["api_token"] == made["id"]


async def test_a_token_never_may_more_than_its_owner_now(api: httpx.AsyncClient, portal_database: str):
    robot = bearer((await make(api, "targets:view", "targets:create"))["token"])
    with psycopg.connect(portal_database) as connection:
        take_role(connection, "viewer")
    body = {"name": "a", "address": "a.test"}
    assert (await api.post("/api/v1/targets", json=body, headers=robot)).status_code == 403
    assert (await api.get("/api/v1/targets", headers=robot)).status_code == 200


async def test_a_token_holds_in_the_places_of_its_owner(api: httpx.AsyncClient, portal_database: str):
    await add_target(api, "web1")
    await add_target(api, "db1", groups=["db"])
    robot = bearer((await make(api, "targets:view", "jobs:view"))["token"])
    with psycopg.connect(portal_database) as connection:
        take_role(connection, "nobody", [])
        connection.execute(
            "INSERT INTO roles (id, name, description, permissions, built_in, created_at, updated_at) "
            "VALUES (gen_random_uuid(), 'web', '', %s, false, now(), now())",
            (Jsonb(["targets:view", "targets:edit"]),),
        )
        connection.execute(
            "INSERT INTO target_groups (id, name, description, created_at, updated_at) "
            "VALUES (gen_random_uuid(), 'web', '', now(), now()) ON CONFLICT DO NOTHING"
        )
        connection.execute(
            "INSERT INTO role_grants (id, user_id, role_id, kind, place, created_at, created_by) SELECT "
            "gen_random_uuid(), u.id, r.id, 'target_group', g.id::text, now(), '' "
            "FROM users u, roles r, target_groups g WHERE r.name = 'web' AND g.name = 'web'"
        )
    seen = (await api.get("/api/v1/targets", headers=robot)).json()["items"]
    assert [target["name"] for target in seen] == ["web1"]
    edit = await api.patch(f"/api/v1/targets/{seen[0]['id']}", json={"description": "x"}, headers=robot)
    assert edit.status_code == 403, "the owner may, the token may not"
    assert (await api.get("/api/v1/jobs", headers=robot)).status_code == 403, "the token may, the owner may not"


async def test_a_token_makes_no_tokens_and_changes_no_passwords(api: httpx.AsyncClient):
    made = await make(api, "users:manage", "targets:view")
    robot = bearer(made["token"])
    password = {"current_password": "x", "new_password": "a much better one"}
    calls = [
        api.post(TOKENS, json={"name": "more", "scopes": ["targets:view"]}, headers=robot),
        api.delete(f"{TOKENS}/{made['id']}", headers=robot),
        api.post("/api/v1/auth/password", json=password, headers=robot),
        api.post("/api/v1/auth/browser-link", headers=robot),
        api.post("/api/v1/auth/logout", headers=robot),
    ]
    for call in calls:
        refused = await call
        assert refused.status_code == 403, refused.request.url
        assert refused.json()["type"] == "urn:opsconductor:problem:api-token-not-allowed"
    denied = (await api.get("/api/v1/audit", params={"event": "request.denied"})).json()["items"]
    assert len(denied) == len(calls)
    assert denied[0]["facts"]["api_token"] == made["id"]


async def test_revoked_expired_unknown_and_ownerless_tokens_are_nobody(api: httpx.AsyncClient, portal_database: str):
    revoked, expired, disabled = [
        await make(api, "targets:view", name=name) for name in ("revoked", "expired", "disabled")
    ]
    assert (await api.delete(f"{TOKENS}/{revoked['id']}")).status_code == 204
    assert (await api.delete(f"{TOKENS}/{revoked['id']}")).status_code == 404
    with psycopg.connect(portal_database) as connection:
        connection.execute("UPDATE api_tokens SET expires_at = now() WHERE name = 'expired'")
    for token in (revoked["token"], expired["token"], "opsc_", "opsc_" + "x" * 60_000, disabled["token"] + "x"):
        assert (await api.get("/api/v1/targets", headers=bearer(token))).status_code == 401
    assert (await api.get("/api/v1/targets", headers=bearer(disabled["token"]))).status_code == 200
    with psycopg.connect(portal_database) as connection:
        connection.execute("UPDATE users SET active = false")
    assert (await api.get("/api/v1/targets", headers=bearer(disabled["token"]))).status_code == 401


async def test_the_last_use_is_noted_once_a_minute_also_when_it_was_refused(
    api: httpx.AsyncClient, portal_database: str
):
    made = await make(api, "targets:view")
    assert made["last_used_at"] is None
    assert (await api.get("/api/v1/jobs", headers=bearer(made["token"]))).status_code == 403
    used = (await api.get(f"{TOKENS}/{made['id']}")).json()
    assert (used["last_used_at"] is not None, used["last_used_source"]) == (True, "127.0.0.1")
    await api.get("/api/v1/targets", headers=bearer(made["token"]))
    assert (await api.get(f"{TOKENS}/{made['id']}")).json()["last_used_at"] == used["last_used_at"]
    with psycopg.connect(portal_database) as connection:
        connection.execute("UPDATE api_tokens SET last_used_at = last_used_at - interval '61 seconds'")
    await api.get("/api/v1/targets", headers=bearer(made["token"]))
    assert (await api.get(f"{TOKENS}/{made['id']}")).json()["last_used_at"] > used["last_used_at"]


async def test_people_see_their_own_tokens_and_admins_all(api: httpx.AsyncClient, portal_app: FastAPI):
    own = await make(api, "targets:view", name="of the admin")
    other = bearer(await add_user(portal_app, "olga", "operator"))
    body = {"name": "of olga", "scopes": ["jobs:run"]}
    hers = (await api.post(TOKENS, json=body, headers=other)).json()
    assert [item["name"] for item in (await api.get(TOKENS, headers=other)).json()["items"]] == ["of olga"]
    assert (await api.get(f"{TOKENS}/{own['id']}", headers=other)).status_code == 404
    assert (await api.delete(f"{TOKENS}/{own['id']}", headers=other)).status_code == 404
    everybody = (await api.get(TOKENS, params={"sort": "-created_at"})).json()["items"]
    assert [(item["name"], item["owner"]) for item in everybody] == [("of olga", "olga"), ("of the admin", "admin")]
    assert [item["owner"] for item in (await api.get(TOKENS, params={"user": "OLGA"})).json()["items"]] == ["olga"]
    assert [item["owner"] for item in (await api.get(TOKENS, params={"q": "ADMIN"})).json()["items"]] == ["admin"]
    assert (await api.delete(f"{TOKENS}/{hers['id']}")).status_code == 204
    entry = (await api.get("/api/v1/audit", params={"event": "api_token.revoked"})).json()["items"][0]
    assert entry["facts"] == {"name": "of olga", "owner": "olga"}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes[0]"),
        ({"expires_in_days": 366}, "expires_in_days"),
        ({"expires_in_days": 0}, "expires_in_days"),
        ({"expires_in_days": 10**30}, "expires_in_days"),
        ({"name": ""}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"owner": "somebody"}, "owner"),
    ],
)
async def test_odd_tokens_are_refused(api: httpx.AsyncClient, change: dict[str, Any], path: str):
    refused = await api.post(TOKENS, json={"name": "robot", "scopes": ["targets:view"], **change})
    assert refused.status_code == 422
    assert [problem["path"] for problem in refused.json()["problems"]] == [path]
    assert (await api.get(TOKENS)).json()["items"] == []


async def test_nobody_makes_a_token_that_may_more_than_they(api: httpx.AsyncClient, portal_app: FastAPI):
    viewer = bearer(await add_user(portal_app, "vera", "viewer"))
    body = {"name": "robot", "scopes": ["targets:view", "users:manage"]}
    refused = await api.post(TOKENS, json=body, headers=viewer)
    assert refused.status_code == 422
    assert refused.json()["problems"][0]["path"] == "scopes[1]"


async def test_a_name_is_taken_once_by_each_owner(api: httpx.AsyncClient, portal_app: FastAPI):
    await make(api, "targets:view", name="Robot")
    again = await api.post(TOKENS, json={"name": "robot", "scopes": ["targets:view"]})
    assert again.status_code == 409
    other = bearer(await add_user(portal_app, "vera", "viewer"))
    theirs = await api.post(TOKENS, json={"name": "robot", "scopes": ["targets:view"]}, headers=other)
    assert theirs.status_code == 201


async def test_a_token_opens_a_websocket_where_its_scopes_allow(api: httpx.AsyncClient, served: str):
    sees = (await make(api, "jobs:view", name="sees"))["token"]
    blind = (await make(api, "targets:view", name="blind"))["token"]
    address = f"ws://{served}/api/v1/runs/{uuid4()}/events"
    for token, status in ((sees, 404), (blind, 403), ("opsc_nothing", 401)):
        with pytest.raises(InvalidStatus) as refused:
            async with connect(address, additional_headers=bearer(token), proxy=None):
                pass
        assert refused.value.response.status_code == status


async def test_a_connection_that_stays_asks_again_whether_the_token_holds(
    api: httpx.AsyncClient, portal_app: FastAPI, portal_database: str
):

    made = await make(api, "jobs:view")
    actor = await authenticate_token(portal_app.state.sessions, made["token"], "")
    assert await ask_again(portal_app.state.sessions, actor)
    with psycopg.connect(portal_database, autocommit=True) as connection:
        connection.execute("LISTEN opsconductor_identity")
        await api.delete(f"{TOKENS}/{made['id']}")
        notices = [notice.payload for notice in connection.notifies(timeout=10, stop_after=1)]
    assert notices == [str(actor.user_id)], "who holds the token's actor is told at once"
    assert not await ask_again(portal_app.state.sessions, actor)


async def test_tokens_that_ended_long_ago_are_forgotten(
    api: httpx.AsyncClient, portal_app: FastAPI, portal_database: str
):
    await make(api, "targets:view", name="old")
    await make(api, "targets:view", name="recent")
    with psycopg.connect(portal_database) as connection:
        connection.execute("UPDATE api_tokens SET expires_at = %s WHERE name = 'old'", (now() - timedelta(days=31),))
        connection.execute("UPDATE api_tokens SET expires_at = %s WHERE name = 'recent'", (now(),))
    await forget_sessions(portal_app.state.sessions)
    assert [item["name"] for item in (await api.get(TOKENS)).json()["items"]] == ["recent"]
