"""Sign-ins: seen, ended, renewed and run out."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from portal.app import create_app
from portal.settings import Settings
from portal.upkeep.sessions import write_session_use
from tests.doubles.gateway import RememberingGateway
from tests.fixtures.portal import Prepared, serving, sign_in

from .world import add_user

SESSIONS = "/api/v1/auth/sessions"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def open_session(client: httpx.AsyncClient, password: str, **headers: str) -> dict[str, Any]:
    body = {"username": "admin", "password": password}
    answer = await client.post("/api/v1/auth/login", json=body, headers={"Authorization": "", **headers})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def renew(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/api/v1/auth/refresh", json={"refresh_token": token})


async def statuses(*answers: Any) -> list[int]:
    return sorted(answer.status_code for answer in await asyncio.gather(*answers))


@pytest.fixture
async def two_portals(anonymous: httpx.AsyncClient, portal_settings: Settings):
    """Two processes' worth of portal over one database."""
    other = await asyncio.to_thread(create_app, portal_settings, lambda _: RememberingGateway())
    async with serving(other) as elsewhere:
        yield anonymous, elsewhere


async def test_one_sees_where_one_is_signed_in(api: httpx.AsyncClient, prepared: Prepared):
    await open_session(api, prepared.password, **{"User-Agent": "lynx/2.9 \x1b[31m" + "x" * 500})
    await api.post("/api/v1/auth/browser-link")
    listed = (await api.get(SESSIONS)).json()["items"]
    assert [session["kind"] for session in listed] == ["browser", "api", "api"]
    assert [session["current"] for session in listed] == [False, False, True]
    assert listed[1]["user_agent"].startswith("lynx/2.9  [31mxxx"), "no control characters"
    assert len(listed[1]["user_agent"]) <= 200
    assert listed[1]["source"] == "127.0.0.1"
    assert listed[1]["created_at"] <= listed[1]["last_used_at"] < listed[1]["expires_at"]
    first = (await api.get(SESSIONS, params={"size": 2})).json()
    rest = (await api.get(SESSIONS, params={"size": 2, "cursor": first["next_page"]})).json()
    assert first["items"] + rest["items"] == listed


async def test_a_lost_laptop_is_signed_out(api: httpx.AsyncClient, prepared: Prepared):
    lost = await open_session(api, prepared.password)
    key = next(item["id"] for item in (await api.get(SESSIONS)).json()["items"] if not item["current"])
    assert (await api.delete(f"{SESSIONS}/{key}")).status_code == 204
    assert (await api.get("/api/v1/targets", headers=bearer(lost["access_token"]))).status_code == 401
    assert (await renew(api, lost["refresh_token"])).status_code == 401
    for gone in (key, uuid4()):
        assert (await api.delete(f"{SESSIONS}/{gone}")).status_code == 404
    entry = (await api.get("/api/v1/audit", params={"event": "session.revoked"})).json()["items"]
    assert [item["subject_id"] for item in entry] == [key]


async def test_nobody_ends_sign_ins_of_others_as_their_own(api: httpx.AsyncClient, portal_app: FastAPI):
    theirs = bearer(await add_user(portal_app, "rosa", "operator"))
    own = (await api.get(SESSIONS)).json()["items"][0]["id"]
    assert (await api.delete(f"{SESSIONS}/{own}", headers=theirs)).status_code == 404
    assert len((await api.get(SESSIONS, headers=theirs)).json()["items"]) == 1
    assert (await api.delete(SESSIONS, params={"keep_current": False}, headers=theirs)).json() == {"ended": 1}
    assert (await api.get(SESSIONS)).status_code == 200


async def test_all_others_are_ended_or_all(api: httpx.AsyncClient, portal_app: FastAPI):
    others = [await sign_in(portal_app) for _ in range(3)]
    assert (await api.delete(SESSIONS)).json() == {"ended": 3}
    for token in others:
        assert (await api.get(SESSIONS, headers=bearer(token))).status_code == 401
    assert len((await api.get(SESSIONS)).json()["items"]) == 1
    assert (await api.delete(SESSIONS, params={"keep_current": False})).json() == {"ended": 1}
    assert (await api.get(SESSIONS)).status_code == 401


async def test_admins_end_sign_ins_of_others(api: httpx.AsyncClient, portal_app: FastAPI):
    theirs = [bearer(await add_user(portal_app, "sepp", "viewer")), bearer(await sign_in(portal_app, "sepp"))]
    sepp = (await api.get("/api/v1/auth/me", headers=theirs[0])).json()["user"]["id"]
    path = f"/api/v1/users/{sepp}/sessions"
    listed = (await api.get(path)).json()["items"]
    assert [session["current"] for session in listed] == [False, False]
    assert (await api.delete(f"{path}/{listed[0]['id']}")).status_code == 204
    assert await statuses(*(api.get(SESSIONS, headers=headers) for headers in theirs)) == [200, 401]
    own = (await api.get(SESSIONS)).json()["items"][0]["id"]
    assert (await api.delete(f"{path}/{own}")).status_code == 404, "it is not theirs"
    assert (await api.delete(path)).json() == {"ended": 1}
    assert await statuses(*(api.get(SESSIONS, headers=headers) for headers in theirs)) == [401, 401]


async def test_use_is_noted_and_a_sign_in_that_is_not_used_ends(
    api: httpx.AsyncClient, portal_app: FastAPI, portal_database: str, prepared: Prepared
):
    tokens = await open_session(api, prepared.password)
    with psycopg.connect(portal_database) as connection:
        connection.execute(
            "UPDATE sessions SET last_used_at = now() - interval '1 day', idle_at = now() + interval '1 h'"
        )
    await api.get("/api/v1/targets")
    await write_session_use(portal_app.state.sessions, portal_app.state.session_use)
    used, unused = [(item["current"], item["last_used_at"]) for item in (await api.get(SESSIONS)).json()["items"]][::-1]
    assert (used[0], unused[0]) == (True, False)
    assert used[1] > unused[1]
    with psycopg.connect(portal_database) as connection:
        left = connection.execute("SELECT max(idle_at - last_used_at) FROM sessions").fetchone()
        assert left == (timedelta(days=7),)
        connection.execute("UPDATE sessions SET idle_at = now()")
    assert (await api.get("/api/v1/targets")).status_code == 401
    assert (await renew(api, tokens["refresh_token"])).status_code == 401


async def test_an_absolute_end_is_not_put_off_by_use(
    anonymous: httpx.AsyncClient, portal_database: str, prepared: Prepared
):
    tokens = await open_session(anonymous, prepared.password)
    renewed = (await renew(anonymous, tokens["refresh_token"])).json()
    with psycopg.connect(portal_database) as connection:
        ends = connection.execute("SELECT max(t.expires_at) - max(s.expires_at) FROM sessions s, session_tokens t")
        assert ends.fetchone() == (timedelta(0),)
        connection.execute("UPDATE sessions SET expires_at = now()")
        connection.execute("UPDATE session_tokens SET expires_at = now()")
    assert (await renew(anonymous, renewed["refresh_token"])).status_code == 401


async def test_many_tabs_renew_at_once_through_two_portals_and_all_survive(
    two_portals: tuple[httpx.AsyncClient, ...], prepared: Prepared
):
    one, two = two_portals
    token = (await open_session(one, prepared.password))["refresh_token"]
    answers = await asyncio.gather(*(renew(portal, token) for portal in (one, two) * 8))
    assert [answer.status_code for answer in answers] == [200] * 16
    successors = {answer.json()["refresh_token"] for answer in answers}
    assert len(successors) == 16
    assert await statuses(*(renew(one, successor) for successor in successors)) == [200] * 16


async def test_a_replay_at_once_through_two_portals_ends_the_whole_family(
    two_portals: tuple[httpx.AsyncClient, ...], prepared: Prepared, portal_database: str, portal_app: FastAPI
):
    one, two = two_portals
    stolen = (await open_session(one, prepared.password))["refresh_token"]
    thief = (await renew(one, stolen)).json()
    with psycopg.connect(portal_database) as connection:
        connection.execute("UPDATE session_tokens SET used_at = used_at - interval '1 minute'")
    owner = [renew(portal, stolen) for portal in (one, two) * 4]
    assert await statuses(*owner) == [401] * 8
    assert (await renew(two, thief["refresh_token"])).status_code == 401
    assert (await one.get(SESSIONS, headers=bearer(thief["access_token"]))).status_code == 401
    headers = bearer(await sign_in(portal_app))
    audit = (await one.get("/api/v1/audit", params={"event": "session.replayed"}, headers=headers)).json()["items"]
    assert audit


async def test_whoever_listens_is_told_whose_rights_or_sign_ins_change(
    api: httpx.AsyncClient, portal_app: FastAPI, portal_database: str
):
    token = await add_user(portal_app, "theo", "viewer")
    theo = (await api.get("/api/v1/auth/me", headers=bearer(token))).json()["user"]["id"]
    path = f"/api/v1/users/{theo}"
    steps = [
        lambda: api.patch(path, json={"role": "operator"}),
        lambda: api.patch(path, json={"active": False}),
        lambda: api.patch(path, json={"active": True}),
        lambda: api.post(f"{path}/reset-password", json={}),
        lambda: api.delete(f"{path}/sessions"),
        lambda: api.delete(path),
    ]
    async with await psycopg.AsyncConnection.connect(portal_database, autocommit=True) as connection:
        await connection.execute("LISTEN opsconductor_identity")
        for step in steps:
            assert (await step()).status_code < 300
            async for notice in connection.notifies(timeout=20, stop_after=1):
                assert notice.payload == theo
                break
            else:
                pytest.fail("nobody was told")
            await connection.execute("SELECT 1")
            async for _ in connection.notifies(timeout=0):
                continue  # one step may say it twice
