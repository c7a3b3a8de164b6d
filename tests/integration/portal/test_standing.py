"""Who stays connected is bound by what changes about them; how soon is measured by `tests/bench/binding.py`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect

from portal.groups.models import TargetGroup
from tests.fixtures.portal import sign_in

from .people import add_user, signed_in
from .world import JOB, add, add_target


@pytest.fixture
async def run(api: httpx.AsyncClient, portal_app: FastAPI) -> dict[str, Any]:
    async with portal_app.state.sessions() as session, session.begin():
        session.add(TargetGroup(name="web"))
    await add_target(api, "web01")
    await add(api, "/jobs", {"yaml": JOB, "folder": "web"})
    return await add(api, "/runs", {"job": "look"})


@asynccontextmanager
async def watching(app: FastAPI, served: str, run: dict[str, Any], name: str) -> AsyncIterator[ClientConnection]:
    headers = {"Authorization": f"Bearer {await sign_in(app, name)}"}
    url = f"ws://{served}/api/v1/runs/{run['id']}/events"
    async with connect(url, additional_headers=headers, proxy=None) as socket:
        yield socket


async def closing_code(socket: ClientConnection) -> int:
    """Waits for the other side to close."""
    await socket.wait_closed()
    assert socket.close_reason
    assert socket.close_code is not None
    return socket.close_code


async def test_signing_out_closes_what_that_sign_in_opened_and_nothing_else(
    api: httpx.AsyncClient, portal_app: FastAPI, served: str, run: dict[str, Any]
):
    await add_user(portal_app, "anna", "viewer")
    await add_user(portal_app, "bob", "viewer")
    anna = await signed_in(api, portal_app, "anna")
    url = f"ws://{served}/api/v1/runs/{run['id']}/events"
    headers = {"Authorization": anna.headers["Authorization"]}
    async with (
        connect(url, additional_headers=headers, proxy=None) as first,
        watching(portal_app, served, run, "anna") as elsewhere,
        watching(portal_app, served, run, "bob") as bob,
    ):
        assert (await anna.post("/api/v1/auth/logout")).status_code == 204
        assert await closing_code(first) == 4401
        await api.post(f"/api/v1/runs/{run['id']}/cancel")
        for socket in (elsewhere, bob):
            assert "run.cancel_requested" in str(await socket.recv())


async def test_a_smaller_role_closes_the_connections_of_all_who_have_it(
    api: httpx.AsyncClient, portal_app: FastAPI, served: str, run: dict[str, Any]
):
    await add_user(portal_app, "anna", ["jobs:view"])
    role = (await api.get("/api/v1/roles", params={"q": "role-of-anna"})).json()["items"][0]
    async with watching(portal_app, served, run, "anna") as socket:
        await api.patch(f"/api/v1/roles/{role['id']}", json={"permissions": []})
        assert await closing_code(socket) == 4403


async def test_a_revoked_grant_closes_the_connection_and_a_new_one_opens_it(
    api: httpx.AsyncClient, portal_app: FastAPI, served: str, run: dict[str, Any]
):
    await add_user(portal_app, "anna", [])
    asked = {"user": "anna", "role": "viewer", "kind": "job_folder", "place": "web"}
    granted = await add(api, "/grants", asked)
    async with watching(portal_app, served, run, "anna") as socket:
        await add(api, "/grants", {**asked, "role": "operator"})
        await api.delete(f"/api/v1/grants/{granted['id']}")
        await api.post(f"/api/v1/runs/{run['id']}/cancel")
        assert "run.cancel_requested" in str(await socket.recv()), "the other grant still holds"
    other = (await api.get("/api/v1/grants", params={"user": "anna"})).json()["items"][0]
    async with watching(portal_app, served, await add(api, "/runs", {"job": "look"}), "anna") as socket:
        await api.delete(f"/api/v1/grants/{other['id']}")
        assert await closing_code(socket) == 4403


async def test_what_nobody_told_of_is_found_out(
    api: httpx.AsyncClient, portal_app: FastAPI, portal_database: str, served: str, run: dict[str, Any]
):
    await add_user(portal_app, "anna", "viewer")
    await add_user(portal_app, "bob", [])
    await add(api, "/grants", {"user": "bob", "role": "viewer", "kind": "job_folder", "place": "web"})
    async with (
        watching(portal_app, served, run, "anna") as anna,
        watching(portal_app, served, run, "bob") as bob,
    ):
        with psycopg.connect(portal_database) as connection:
            connection.execute("UPDATE users SET active = false WHERE username = 'anna'")
            connection.execute("UPDATE jobs SET folder = 'elsewhere'")
        assert await closing_code(anna) == 4401
        assert await closing_code(bob) == 4403


async def test_who_waits_for_events_gets_none_after_a_demotion(
    api: httpx.AsyncClient, portal_app: FastAPI, portal_database: str, run: dict[str, Any]
):
    await add_user(portal_app, "anna", ["jobs:view"])
    role = (await api.get("/api/v1/roles", params={"q": "role-of-anna"})).json()["items"][0]
    anna = await signed_in(api, portal_app, "anna")
    waiting = asyncio.create_task(anna.get(f"/api/v1/runs/{run['id']}/events", params={"wait_seconds": 30}, timeout=60))
    watched = portal_app.state.listener
    while ("opsconductor_events", run["id"]) not in watched._waiting:
        await asyncio.sleep(0.01)
    await api.patch(f"/api/v1/roles/{role['id']}", json={"permissions": []})
    await api.post(f"/api/v1/runs/{run['id']}/cancel")
    assert (await waiting).status_code == 404
