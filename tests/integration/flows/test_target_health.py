"""Health of targets: a real round of checks, with the portal beside it and real OpenSSH hosts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psycopg
import pytest

from deploy.fleet import Fleet
from flows.target_health import watch_targets
from portal.settings import Settings
from tests.doubles.gateway import RememberingGateway
from tests.integration.portal.worker import do_waiting_runs
from tests.integration.portal.world import add, add_target, take_role

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore")]  # Prefect's own warnings are not ours

Round = Callable[[], Awaitable[dict[str, int]]]


@pytest.fixture
def look(
    prefect: None,
    portal_database: str,
    portal_settings: Settings,
    gateway: RememberingGateway,
    monkeypatch: pytest.MonkeyPatch,
) -> Round:
    """One round, with a worker for the logins it asks for."""
    monkeypatch.setenv("OPSCONDUCTOR_DATABASE_URL", portal_database)

    @asynccontextmanager
    async def working() -> AsyncIterator[None]:
        over = asyncio.Event()  # a cancellation may be lost where the pool of connections closes

        async def work() -> None:
            while not over.is_set():
                await do_waiting_runs(portal_database, gateway, portal_settings.keyring_file)
                await asyncio.sleep(0.1)

        async with asyncio.TaskGroup() as group:
            group.create_task(work())
            try:
                yield
            finally:
                over.set()

    async def go() -> dict[str, int]:
        async with asyncio.timeout(120), working():
            return await watch_targets(tcp_timeout_seconds=2)

    return go


async def health_of(api: httpx.AsyncClient, target: dict[str, Any], *, known: bool = True) -> dict[str, Any]:
    """The health of a target, once the portal has noted what was found."""
    async with asyncio.timeout(60):
        while True:
            found = (await api.get(f"/api/v1/targets/{target['id']}/health")).json()
            if not known or found["status"] != "unknown":
                return found
            await asyncio.sleep(0.05)


async def until_noted(api: httpx.AsyncClient, database: str) -> None:
    async with asyncio.timeout(60):
        while True:
            with psycopg.connect(database) as connection:
                if connection.execute("SELECT count(*) FROM target_health WHERE NOT noted").fetchone() == (0,):
                    return
            await asyncio.sleep(0.05)


async def check(api: httpx.AsyncClient, what: str, thing: dict[str, Any], **body: Any) -> None:
    answer = await api.put(f"/api/v1/{what}/{thing['id']}/health/check", json=body)
    assert answer.status_code == 200, answer.text


def make_due(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE target_health SET at = at - interval '1 hour'")


async def changes(api: httpx.AsyncClient) -> list[tuple[str, str, str]]:
    events = (await api.get("/api/v1/audit", params={"event": "target.health_changed"})).json()["items"]
    return [(e["facts"]["name"], e["facts"]["before"], e["facts"]["after"]) for e in reversed(events)]


async def test_nothing_is_checked_unless_somebody_says_so(api: httpx.AsyncClient, look: Round):
    target = await add_target(api, "web01", address="127.0.0.1")
    assert await look() == {"looked_at": 0}
    found = await health_of(api, target, known=False)
    assert (found["status"], found["check"]) == ("unknown", None)


async def test_a_port_is_looked_at_and_a_change_is_told_once(
    api: httpx.AsyncClient, look: Round, portal_database: str, unused_tcp_port: int
):
    target = await add_target(api, "web01", address="127.0.0.1", port=unused_tcp_port)
    await check(api, "targets", target, mode="tcp", interval_seconds=60)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", unused_tcp_port)
    assert await look() == {"looked_at": 1, "up": 1}
    up = await health_of(api, target)
    assert (up["status"], up["detail"], up["check"]["source"]) == ("up", "", "target")
    assert up["latency_ms"] >= 0
    assert await look() == {"looked_at": 0}, "its interval is not over"
    server.close()
    await server.wait_closed()
    for _ in range(2):
        make_due(portal_database)
        assert await look() == {"looked_at": 1, "unreachable": 1}
        await until_noted(api, portal_database)
    down = await health_of(api, target)
    assert (down["status"], "refused" in down["detail"].lower()) == ("unreachable", True)
    assert await changes(api) == [("web01", "up", "unreachable")]
    history = (await api.get(f"/api/v1/targets/{target['id']}/health/history")).json()["items"]
    assert [row["status"] for row in history] == ["unreachable", "unreachable", "up"]
    listed = (await api.get("/api/v1/target-health", params={"status": "unreachable"})).json()["items"]
    assert [(row["name"], row["status"]) for row in listed] == [("web01", "unreachable")]
    assert (await api.get("/api/v1/target-health", params={"status": "up"})).json()["items"] == []


async def test_services_of_a_target_are_connected_to(
    api: httpx.AsyncClient, look: Round, portal_database: str, unused_tcp_port_factory: Callable[[], int]
):
    there, closed = unused_tcp_port_factory(), unused_tcp_port_factory()
    services: list[dict[str, Any]] = [
        {"type": "http", "port": there}, {"type": "https", "port": closed}, {"type": "ntp"},
        {"type": "ssh", "port": there, "enabled": False},
    ]  # fmt: skip
    target = await add_target(api, "web01", address="127.0.0.1", port=there, services=services)
    await check(api, "targets", target, mode="tcp", interval_seconds=60)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", there)
    assert await look() == {"looked_at": 1, "services": 2, "up": 1}
    server.close()
    read = (await api.get(f"/api/v1/targets/{target['id']}")).json()
    found = {service["type"]: (service["status"], service["checked_at"] is not None) for service in read["services"]}
    assert found == {
        "http": ("connected", True), "https": ("failed", True), "ntp": ("unknown", False), "ssh": ("unknown", False),
    }  # fmt: skip
    listed = (await api.get("/api/v1/targets", params={"service": "https", "status": "failed"})).json()["items"]
    assert [row["name"] for row in listed] == ["web01"]


async def test_logins_are_made_with_the_rights_of_who_asked_for_them(
    api: httpx.AsyncClient, look: Round, fleet: Fleet, portal_database: str
):
    good, wrong, changed = fleet.hosts[5:8]
    for name, host, password in (("ops", good, good.password), ("wrong", wrong, "not it")):
        secret = {"kind": "ssh_password", "username": host.username, "password": password}
        await add(api, "/credentials", {"name": name, "secret": secret})
    group = await add(api, "/groups", {"name": "fleet"})
    facts: dict[str, Any] = {"groups": ["fleet"], "port": good.port}
    made = {
        "good": await add_target(api, "good", address=good.address, credential="ops", **facts),
        "wrong": await add_target(api, "wrong", address=wrong.address, credential="wrong", **facts),
        "changed": await add_target(
            api, "changed", address=changed.address, credential="ops", host_keys=[good.host_key], **facts
        ),
        "left out": await add_target(api, "left-out", address=good.address, **facts),
    }
    await check(api, "groups", group, mode="login")
    await check(api, "targets", made["left out"], mode="off")
    assert await look() == {"looked_at": 3, "logins": 3}
    await until_noted(api, portal_database)
    found = {name: await health_of(api, target, known=False) for name, target in made.items()}
    assert {name: row["status"] for name, row in found.items()} == {
        "good": "up", "wrong": "auth_failed", "changed": "host_key_changed", "left out": "unknown",
    }  # fmt: skip
    assert found["good"]["check"]["source"] == "group:fleet"
    assert found["left out"]["check"]["mode"] == "off"
    assert "not it" not in str(found)
    assert sorted(name for name, _, _ in await changes(api)) == ["changed", "wrong"]
    make_due(portal_database)
    with psycopg.connect(portal_database, autocommit=True) as connection:
        take_role(connection, "viewer")
    await look()
    await until_noted(api, portal_database)
    refused = await health_of(api, made["good"])
    assert (refused["status"], "targets:connect" in refused["detail"]) == ("failed", True)


async def test_how_a_group_is_checked_can_be_read(api: httpx.AsyncClient):
    target = await add_target(api, "web01")
    [group] = (await api.get("/api/v1/groups")).json()["items"]
    path = f"/api/v1/groups/{group['id']}/health/check"
    assert (await api.get(path)).status_code == 404
    await check(api, "groups", group, mode="login", interval_seconds=120)
    read = (await api.get(path)).json()
    assert (read["mode"], read["interval_seconds"], read["set_by"], read["source"]) == (
        "login",
        120,
        "admin",
        "group:web",
    )
    assert (await api.get(f"/api/v1/targets/{target['id']}/health")).json()["check"] == read


async def test_a_check_takes_the_right_to_connect(api: httpx.AsyncClient, portal_database: str):
    target = await add_target(api, "web01")
    group = await add(api, "/groups", {"name": "other"})
    path = f"/api/v1/targets/{target['id']}/health/check"
    for body in ({"mode": "ping"}, {"mode": "tcp", "interval_seconds": 1}, {"mode": "tcp", "port": 22}, {}):
        assert (await api.put(path, json=body)).status_code == 422, body
    assert (await api.put(f"/api/v1/groups/{group['id']}/health/check", json={"mode": "off"})).status_code == 422
    assert (await api.delete(path)).status_code == 404
    with psycopg.connect(portal_database, autocommit=True) as connection:
        take_role(connection, "editor", ["targets:view", "targets:edit", "groups:manage"])
        assert (await api.put(path, json={"mode": "tcp"})).status_code == 403
        assert (await api.put(f"/api/v1/groups/{group['id']}/health/check", json={"mode": "tcp"})).status_code == 403
        take_role(connection, "connector", ["targets:view", "targets:edit", "targets:connect"])
        assert (await api.put(path, json={"mode": "tcp"})).status_code == 200
        assert (await api.delete(path)).status_code == 204
        take_role(connection, "admin")
    events = (await api.get("/api/v1/audit")).json()["items"]
    assert [event["event"] for event in events][:2] == ["target.health_check_removed", "target.health_check_set"]
