"""A credential is tried with a real login, and only on targets that it is for."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from deploy.fleet import Fleet
from portal.settings import Settings
from tests.doubles.gateway import RememberingGateway
from tests.fixtures.portal import sign_in

from .command_line import CommandLine
from .worker import do_waiting_runs
from .world import add, add_target, take_role

pytestmark = pytest.mark.real

Work = Callable[[], Awaitable[int]]


@pytest.fixture
def work(portal_database: str, gateway: RememberingGateway, portal_settings: Settings) -> Work:
    """Do the runs that wait."""
    return lambda: do_waiting_runs(portal_database, gateway, portal_settings.keyring_file)


@pytest.fixture
async def places(api: httpx.AsyncClient, fleet: Fleet) -> dict[str, dict[str, Any]]:
    """A credential, the target that signs in with it, and two that do not."""
    host = fleet.hosts[5]
    secret = {"kind": "ssh_key", "username": host.username, "private_key": host.private_key}
    credential = await add(api, "/credentials", {"name": "ops", "secret": secret})
    address = {"address": host.address, "host_keys": [host.host_key]}
    return {
        "credential": credential,
        "bound": await add_target(api, "bound", credential="ops", **address),
        "tagged": await add_target(api, "tagged", tags=["lab"], **address, port=host.port),
        "other": await add_target(api, "other", address="evil.test"),
    }


async def try_on(api: httpx.AsyncClient, places: dict[str, dict[str, Any]], name: str) -> httpx.Response:
    path = f"/api/v1/credentials/{places['credential']['id']}/test"
    return await api.post(path, json={"target_id": places[name]["id"]})


async def test_it_signs_in_where_it_is_bound(api: httpx.AsyncClient, places: dict[str, Any], work: Work):
    started = await try_on(api, places, "bound")
    assert started.status_code == 202, started.text
    await work()
    [result] = (await api.get(f"/api/v1/connection-tests/{started.json()['id']}/results")).json()
    assert (result["status"], result["user"], result["credential"]) == ("connected", "ops", "ops")
    path = f"/api/v1/credentials/{places['credential']['id']}/accesses"
    events = {row["event"]: row for row in (await api.get(path)).json()["items"]}
    assert events.keys() == {"credential.tested", "credential.used"}
    assert events["credential.tested"]["run_id"] == started.json()["id"]


async def test_it_goes_to_no_host_that_it_is_not_for(api: httpx.AsyncClient, places: dict[str, Any], work: Work):
    for name in ("other", "tagged"):
        refused = await try_on(api, places, name)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:opsconductor:problem:credential-not-allowed")
    path = f"/api/v1/credentials/{places['credential']['id']}"
    await api.patch(path, json={"allowed_targets": "tag:lab"})
    assert (await try_on(api, places, "other")).status_code == 409
    assert (await try_on(api, places, "bound")).status_code == 409, "the limit holds for bound targets, too"
    started = await try_on(api, places, "tagged")
    assert started.status_code == 202, started.text
    assert await work() == 1, "nothing else was started"
    [result] = (await api.get(f"/api/v1/connection-tests/{started.json()['id']}/results")).json()
    assert (result["status"], result["name"]) == ("connected", "tagged")


async def test_an_expired_one_is_not_tried(api: httpx.AsyncClient, places: dict[str, Any]):
    path = f"/api/v1/credentials/{places['credential']['id']}"
    await api.patch(path, json={"valid_until": "2020-01-01T00:00:00Z"})
    assert (await try_on(api, places, "bound")).json()["type"] == "urn:opsconductor:problem:credential-expired"


async def test_what_cannot_be_tried_is_said(api: httpx.AsyncClient, places: dict[str, Any], portal_database: str):
    token = await add(api, "/credentials", {"name": "t", "secret": {"kind": "bearer_token", "token": "x"}})
    answer = await api.post(f"/api/v1/credentials/{token['id']}/test", json={"target_id": places["bound"]["id"]})
    assert answer.status_code == 422
    path = f"/api/v1/credentials/{places['credential']['id']}/test"
    assert (await api.post(path, json={"target_id": str(uuid4())})).status_code == 404
    assert (await api.post(path, json={"target_id": places["bound"]["id"], "address": "evil.test"})).status_code == 422
    view = ["credentials:view", "targets:view"]
    for role, permissions in (("uses", [*view, "credentials:use"]), ("connects", [*view, "targets:connect"])):
        with psycopg.connect(portal_database) as connection:
            take_role(connection, role, permissions)
        assert (await try_on(api, places, "bound")).status_code == 403, role


async def test_the_command_line_says_what_came_of_it(
    served: str, portal_app: FastAPI, places: dict[str, Any], work: Work, tmp_path: Path
):
    admin = CommandLine(f"http://{served}", tmp_path).signed_in(await sign_in(portal_app))
    trying = asyncio.create_task(admin.run("credential", "test", "ops", "bound"))
    while not trying.done():
        await work()
        await asyncio.sleep(0.05)
    assert "ops signs in to bound: ops on " in await trying
    refused = await admin.try_run("credential", "test", "ops", "other")
    assert (refused.code, "may not be used on other" in refused.err) == (2, True)
