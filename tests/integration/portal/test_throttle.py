"""Guessing passwords: slow for the guesser, and for nobody else."""

import asyncio
from datetime import timedelta

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from portal.app import create_app
from portal.settings import Settings
from portal.upkeep.sessions import forget_sessions
from tests.doubles.gateway import RememberingGateway
from tests.fixtures.portal import Prepared, sign_in


def client_from(app: FastAPI, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(address, 1234))
    return httpx.AsyncClient(transport=transport, base_url="http://portal.test")


async def log_in(client: httpx.AsyncClient, password: str, username: str = "admin") -> httpx.Response:
    return await client.post("/api/v1/auth/login", json={"username": username, "password": password})


@pytest.fixture
def portal_settings(portal_settings: Settings) -> Settings:
    return portal_settings.model_copy(update={"failed_logins_per_user": 3, "failed_logins_per_source": 6})


async def test_a_guesser_has_to_wait_and_their_victim_has_not(
    anonymous: httpx.AsyncClient, portal_app: FastAPI, prepared: Prepared
):
    async with client_from(portal_app, "198.51.100.7") as guesser, client_from(portal_app, "203.0.113.5") as victim:
        statuses = [(await log_in(guesser, "no")).status_code for _ in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        blocked = await log_in(guesser, prepared.password, "ADMIN")
        assert blocked.status_code == 429, "also with the right password: else the block says which one it is"
        assert 0 < int(blocked.headers["Retry-After"]) <= 15
        assert (await log_in(victim, prepared.password)).status_code == 200


async def test_of_many_attempts_at_once_no_more_get_through_than_one_by_one(
    anonymous: httpx.AsyncClient, portal_app: FastAPI, portal_settings: Settings
):
    other = await asyncio.to_thread(create_app, portal_settings, lambda _: RememberingGateway())
    try:
        async with client_from(portal_app, "198.51.100.7") as one, client_from(other, "198.51.100.7") as two:
            answers = await asyncio.gather(*(log_in(client, "no") for client in (one, two) * 10))
    finally:
        await other.state.engine.dispose()
    assert sorted(answer.status_code for answer in answers) == [401] * 3 + [429] * 17


async def test_a_source_that_tries_many_names_has_to_wait_but_whom_it_knows_has_not(
    anonymous: httpx.AsyncClient, portal_app: FastAPI, prepared: Prepared
):
    async with client_from(portal_app, "198.51.100.7") as office:
        assert (await log_in(office, prepared.password)).status_code == 200
        statuses = [(await log_in(office, "no", f"user{index}")).status_code for index in range(8)]
        assert statuses == [401] * 6 + [429] * 2
        assert (await log_in(office, prepared.password)).status_code == 200, "signed in from there before"
        assert (await log_in(office, "no", "somebody")).status_code == 429, "which opens the source for nobody else"


async def test_somebody_is_known_by_their_network_where_addresses_change_daily(
    anonymous: httpx.AsyncClient, portal_app: FastAPI, prepared: Prepared
):
    async with client_from(portal_app, "2001:db8:1:1::5") as yesterday:
        assert (await log_in(yesterday, prepared.password)).status_code == 200
    async with client_from(portal_app, "2001:db8:1:1::7") as guesser:
        statuses = [(await log_in(guesser, "no", f"user{index}")).status_code for index in range(7)]
        assert statuses[-1] == 429
    async with client_from(portal_app, "2001:db8:1:1::9") as today:
        assert (await log_in(today, prepared.password)).status_code == 200
        assert (await log_in(today, "no", "somebody")).status_code == 429


async def test_a_success_takes_only_its_own_count_back(
    anonymous: httpx.AsyncClient, portal_app: FastAPI, prepared: Prepared
):
    async with client_from(portal_app, "198.51.100.7") as insider:
        for index in range(5):
            assert (await log_in(insider, "no", f"user{index}")).status_code == 401
            assert (await log_in(insider, prepared.password)).status_code == 200
        statuses = [(await log_in(insider, "no", f"other{index}")).status_code for index in range(2)]
        assert statuses == [401, 429]


async def test_the_wait_ends_and_failures_are_forgotten(
    anonymous: httpx.AsyncClient, portal_app: FastAPI, portal_database: str, prepared: Prepared
):
    async with client_from(portal_app, "198.51.100.7") as guesser:
        for _ in range(3):
            await log_in(guesser, "no")
        assert (await log_in(guesser, "no")).status_code == 429
        with psycopg.connect(portal_database) as connection:
            connection.execute("UPDATE login_failures SET blocked_until = now(), last_at = last_at - interval '1 min'")
        assert (await log_in(guesser, "no")).status_code == 401
        again = await log_in(guesser, "no")
        assert 15 < int(again.headers["Retry-After"]) <= 30, "twice as long"
        with psycopg.connect(portal_database) as connection:
            connection.execute("UPDATE login_failures SET last_at = last_at - %s", (timedelta(hours=2),))
        await forget_sessions(portal_app.state.sessions)
        assert (await log_in(guesser, prepared.password)).status_code == 200


async def test_a_block_is_on_record_once_and_no_name_is_kept_that_may_be_a_password(
    anonymous: httpx.AsyncClient, portal_app: FastAPI, portal_database: str
):
    async with client_from(portal_app, "198.51.100.7") as guesser:
        for _ in range(8):
            await log_in(guesser, "no", "hunter2-typed-in-the-wrong-field")
    headers = {"Authorization": f"Bearer {await sign_in(portal_app)}"}
    entries = (await anonymous.get("/api/v1/audit", params={"event": "auth.throttled"}, headers=headers)).json()[
        "items"
    ]
    assert [(entry["source"], entry["facts"]["seconds"] > 0) for entry in entries] == [("198.51.100.7", True)]
    with psycopg.connect(portal_database) as connection:
        kept = str(connection.execute("SELECT key FROM login_failures").fetchall())
    assert "198.51.100.7" in kept
    await log_in(anonymous, "no", "ADMIN")
    log = await anonymous.get("/api/v1/audit", params={"event": "auth.*"}, headers=headers)
    names = {(entry["facts"]["username"], entry["facts"]["known"]) for entry in log.json()["items"]}
    assert names == {("", False), ("admin", True)}
    assert "hunter2" not in kept + log.text


async def test_an_unknown_user_looks_like_a_known_one(anonymous: httpx.AsyncClient, portal_app: FastAPI):
    async with client_from(portal_app, "198.51.100.7") as one, client_from(portal_app, "198.51.100.8") as two:
        known = [await log_in(one, "no", "admin") for _ in range(4)]
        unknown = [await log_in(two, "no", "nobody") for _ in range(4)]
    assert [answer.status_code for answer in known] == [answer.status_code for answer in unknown]
    assert {answer.json()["detail"] for answer in known[:3]} == {answer.json()["detail"] for answer in unknown[:3]}


async def test_the_old_password_cannot_be_guessed_through_a_stolen_sign_in(api: httpx.AsyncClient):
    change = {"current_password": "no", "new_password": "Tuesday-harbour-42-lemon"}
    statuses = [(await api.post("/api/v1/auth/password", json=change)).status_code for _ in range(5)]
    assert statuses == [422, 422, 422, 429, 429]
