"""Connection tests, with real logins on real OpenSSH hosts."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import asyncssh
import httpx
import psycopg
import pytest

from deploy.fleet import Fleet, FleetHost
from portal.settings import Settings
from tests.doubles.gateway import RememberingGateway

from .worker import do_waiting_runs
from .world import add, add_credential, add_target, take_role

pytestmark = pytest.mark.real

Work = Callable[[], Awaitable[int]]


@pytest.fixture
def work(portal_database: str, gateway: RememberingGateway, portal_settings: Settings) -> Work:
    """Do the runs that wait."""
    return lambda: do_waiting_runs(portal_database, gateway, portal_settings.keyring_file)


async def add_login(api: httpx.AsyncClient, name: str, host: FleetHost, password: str | None = None) -> None:
    secret = {"kind": "ssh_password", "username": host.username, "password": password or host.password}
    await add(api, "/credentials", {"name": name, "secret": secret})


async def add_host(api: httpx.AsyncClient, host: FleetHost, **facts: Any) -> dict[str, Any]:
    return await add_target(api, host.name, **{"address": host.address, "port": host.port, **facts})


async def results_of(api: httpx.AsyncClient, test: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = (await api.get(f"/api/v1/connection-tests/{test['id']}/results")).json()
    return {row["name"]: row for row in found}


async def test_a_login_says_where_it_leads(api: httpx.AsyncClient, fleet: Fleet, work: Work):
    host = fleet.hosts[0]
    await add_login(api, "ops", host)
    target = await add_host(api, host, credential="ops", host_keys=[host.host_key])
    started = await api.post(f"/api/v1/targets/{target['id']}/test")
    assert started.status_code == 202, started.text
    test = started.json()
    assert (test["status"], test["counts"]) == ("queued", {"waiting": 1})
    assert await work() == 1
    read = (await api.get(f"/api/v1/connection-tests/{test['id']}")).json()
    assert (read["status"], read["counts"], read["total"]) == ("ended", {"connected": 1}, 1)
    result = (await results_of(api, test))[host.name]
    assert (result["status"], result["user"], result["hostname"]) == ("connected", "ops", host.name)
    assert result["kernel"].startswith("Linux ")
    assert result["os"]
    assert result["login_ms"] > 0
    assert result["host_key"] == host.host_key
    assert result["fingerprint"] == asyncssh.import_public_key(host.host_key).get_fingerprint()
    assert (result["first_seen"], result["reason"]) == (False, "")


async def test_every_way_a_login_can_fail_has_a_name(
    api: httpx.AsyncClient, fleet: Fleet, work: Work, unused_tcp_port: int
):
    good, wrong, changed, new = fleet.hosts[1:5]
    await add_login(api, "ops", good)
    await add_login(api, "wrong", wrong, "not the password")
    await add_host(api, good, credential="ops", host_keys=[good.host_key])
    await add_host(api, wrong, credential="wrong")
    await add_host(api, changed, credential="ops", host_keys=[good.host_key])
    await add_host(api, new, credential="ops")
    await add_target(api, "closed", address="127.0.0.1", port=unused_tcp_port, credential="ops")
    await add_target(api, "bare", address=good.address, port=good.port)
    await add_target(api, "win", address="10.0.0.1", credential="ops", platform="windows")
    test = (await api.post("/api/v1/connection-tests", json={"select": "group:web"})).json()
    await work()
    results = await results_of(api, test)
    assert {name: row["status"] for name, row in results.items()} == {
        good.name: "connected", wrong.name: "auth_failed", changed.name: "host_key_changed", new.name: "connected",
        "closed": "unreachable", "bare": "auth_failed", "win": "failed",
    }  # fmt: skip
    assert "password of 'ops' was refused" in results[wrong.name]["reason"]
    assert "no credential" in results["bare"]["reason"]
    assert "windows" in results["win"]["reason"]
    fingerprints = [asyncssh.import_public_key(host.host_key).get_fingerprint() for host in (good, changed)]
    row = results[changed.name]
    assert [row["expected_fingerprint"], row["fingerprint"]] == fingerprints
    assert all(fingerprint in row["reason"] for fingerprint in fingerprints)
    assert (results[new.name]["first_seen"], results[new.name]["host_key"]) == (True, new.host_key)
    only = await api.get(f"/api/v1/connection-tests/{test['id']}/results", params={"status": "auth_failed"})
    assert {row["name"] for row in only.json()} == {wrong.name, "bare"}
    assert "not the password" not in str(results)


async def test_only_who_may_connect_and_use_the_credential_may_test(
    api: httpx.AsyncClient, portal_database: str, work: Work
):
    await add_credential(api, "root")
    target = await add_target(api, "web01", credential="root")
    path = f"/api/v1/targets/{target['id']}/test"
    with psycopg.connect(portal_database, autocommit=True) as connection:
        take_role(connection, "no-use", ["targets:view", "targets:connect", "targets:edit"])
        refused = await api.post(path)
        assert (refused.status_code, "credentials:use" in refused.text) == (403, True)
        take_role(connection, "no-connect", ["targets:view", "credentials:use"])
        assert (await api.post(path)).status_code == 403
        take_role(connection, "blind", ["targets:connect", "credentials:use"])
        assert (await api.post(path)).status_code == 404
        assert (await api.post("/api/v1/connection-tests", json={"select": "all"})).status_code == 422
    assert await work() == 0, "nothing was begun"


async def test_a_host_of_ones_own_choice_cannot_be_named(api: httpx.AsyncClient):
    target = await add_target(api, "web01")
    for body in ({"address": "10.0.0.1"}, {"credential": "root"}, {"select": "all", "address": "10.0.0.1"}):
        refused = await api.post("/api/v1/connection-tests", json=body)
        assert refused.status_code == 422, body
    assert (await api.post(f"/api/v1/targets/{uuid4()}/test")).status_code == 404
    assert (await api.post("/api/v1/connection-tests", json={"select": "name:nobody"})).status_code == 422
    assert (await api.post("/api/v1/connection-tests", json={"select": ""})).status_code == 422
    many = await api.post("/api/v1/connection-tests", json={"select": "all", "at_most": 0})
    assert many.status_code == 422
    assert target["name"] == "web01"


async def test_results_are_those_of_targets_in_sight(api: httpx.AsyncClient, portal_database: str):
    await add_credential(api, "root")
    target = await add_target(api, "web01", credential="root")
    test = (await api.post(f"/api/v1/targets/{target['id']}/test")).json()
    path = f"/api/v1/connection-tests/{test['id']}"
    events = (await api.get("/api/v1/audit", params={"event": "connection.tested"})).json()["items"]
    assert (events[0]["subject_id"], events[0]["facts"]) == (test["id"], {"targets": 1, "target": "web01"})
    with psycopg.connect(portal_database, autocommit=True) as connection:
        take_role(connection, "viewer")
        assert (await api.get(path)).json()["total"] == 1
        take_role(connection, "nobody", ["jobs:view"])
        assert (await api.get(path)).status_code == 403
    assert (await api.get(f"/api/v1/connection-tests/{uuid4()}")).status_code == 403
