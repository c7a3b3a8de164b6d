"""What targets offer on their ports, and the lists that ask for it."""

from typing import Any

import httpx
import psycopg

from .world import add_credential, add_target


async def _names(api: httpx.AsyncClient, **query: str) -> list[str]:
    answer = await api.get("/api/v1/targets", params=query)
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json()["items"]]


async def test_a_service_has_the_usual_port_of_its_type(api: httpx.AsyncClient):
    await add_credential(api, "root")
    services = [{"type": "https"}, {"type": "ssh", "credential": "root"}, {"type": "custom", "port": 9999}]
    made = await add_target(api, "web01", services=services, zone="fra", os_version="Debian 12")
    assert (made["zone"], made["os_version"]) == ("fra", "Debian 12")
    found = [(one["type"], one["port"], one["secure"], one["credential"]) for one in made["services"]]
    assert found == [("ssh", 22, True, "root"), ("https", 443, True, None), ("custom", 9999, False, None)]
    assert {(one["status"], one["enabled"], one["checked_at"]) for one in made["services"]} == {("unknown", True, None)}


async def test_services_that_make_no_sense_are_refused(api: httpx.AsyncClient):
    refused: list[Any] = [
        [{"type": "custom"}],
        [{"type": "gopher"}],
        [{"type": "ssh", "port": 0}],
        [{"type": "ssh"}, {"type": "ssh", "port": 22}],
        [{"type": "ssh", "credential": "nobody"}],
        [{"type": "ssh", "status": "connected"}],
        [{"type": "http", "port": n + 1} for n in range(101)],
        "ssh",
    ]
    for services in refused:
        answer = await api.post("/api/v1/targets", json={"name": "a", "address": "a.test", "services": services})
        assert answer.status_code == 422, services
        assert answer.json()["problems"][0]["path"].startswith(("services", "credential")), answer.text
    assert await _names(api) == []


async def test_a_service_that_stays_keeps_what_was_found(api: httpx.AsyncClient, portal_database: str):
    made = await add_target(api, "web01", services=[{"type": "ssh"}, {"type": "http"}])
    with psycopg.connect(portal_database, autocommit=True) as connection:
        connection.execute("UPDATE target_services SET status = 'connected', checked_at = now() WHERE type = 'ssh'")
    body = {"services": [{"type": "ssh", "enabled": False}, {"type": "https"}]}
    changed = (await api.patch(f"/api/v1/targets/{made['id']}", json=body)).json()
    assert [(one["type"], one["status"], one["enabled"]) for one in changed["services"]] == [
        ("ssh", "connected", False),
        ("https", "unknown", True),
    ]
    assert changed["services"][0]["id"] == made["services"][0]["id"]


async def test_targets_are_listed_by_zone_service_status_credential_and_selector(
    api: httpx.AsyncClient, portal_database: str
):
    await add_credential(api, "root")
    await add_target(api, "web01", services=[{"type": "ssh"}], zone="fra", variables={"site": {"row": 3}})
    await add_target(api, "web02", services=[{"type": "ssh"}, {"type": "http"}], credential="root")
    await add_target(api, "db01", groups=["db"], tags=["prod"])
    with psycopg.connect(portal_database, autocommit=True) as connection:
        connection.execute("UPDATE target_services SET status = 'failed' WHERE type = 'http'")
    assert await _names(api, zone="fra") == ["web01"]
    assert await _names(api, zone="") == ["db01", "web02"]
    assert await _names(api, service="ssh") == ["web01", "web02"]
    assert await _names(api, service="ssh", status="failed") == []
    assert await _names(api, status="failed") == ["web02"]
    assert await _names(api, credential="root") == ["web02"]
    assert await _names(api, select="group:web and not var.site.row == 3") == ["web02"]
    assert await _names(api, select="var.site.row == 9007199254740993.5") == []
    assert await _names(api, select="zone:f?a or tag:pr*", sort="-name") == ["web01", "db01"]
    for query in ({"select": "web and"}, {"credential": "nobody"}, {"status": "fine"}, {"service": "gopher"}):
        answer = await api.get("/api/v1/targets", params=query)
        assert answer.status_code == 422, query
        assert answer.json()["problems"][0]["path"] == next(iter(query)), answer.text
