import httpx
import psycopg
import pytest

from .world import add_credential, add_target


async def test_every_change_leaves_a_row_that_says_who_and_what(api: httpx.AsyncClient):
    await add_credential(api, password="hunter2")
    made = await add_target(api, "web01")
    await api.patch(f"/api/v1/targets/{made['id']}", json={"port": 2222})
    page = await api.get("/api/v1/audit", params={"subject_id": made["id"]})
    changed, created = page.json()["items"]
    assert (created["event"], created["actor_name"]) == ("target.created", "admin")
    assert (changed["facts"]["before"], changed["facts"]["after"]) == ({"port": 22}, {"port": 2222})
    assert changed["request_id"]
    assert "hunter2" not in (await api.get("/api/v1/audit")).text


async def test_a_row_that_was_changed_by_hand_is_found(api: httpx.AsyncClient, portal_database: str):
    for name in ("web01", "web02", "web03"):
        await add_target(api, name)
    intact = (await api.get("/api/v1/audit/chain")).json()
    assert (intact["intact"], intact["entries"]) == (True, 4)
    with psycopg.connect(portal_database, autocommit=True) as connection:
        for forgery in ("UPDATE audit_log SET event = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"):
            with pytest.raises(psycopg.errors.RaiseException):
                connection.execute(forgery)
        connection.execute("ALTER TABLE audit_log DISABLE TRIGGER ALL")
        connection.execute("UPDATE audit_log SET actor_name = 'mallory' WHERE seq = 3")
    broken = (await api.get("/api/v1/audit/chain")).json()
    assert (broken["intact"], broken["first_break"]) == (False, 3)


async def test_without_the_audit_log_nothing_is_changed(api: httpx.AsyncClient, portal_database: str):
    with psycopg.connect(portal_database, autocommit=True) as connection:
        connection.execute("ALTER TABLE audit_log RENAME TO gone")
    refused = await api.post("/api/v1/targets", json={"name": "a", "address": "a.test"})
    assert refused.status_code == 500
    assert "audit_log" not in refused.text
    with psycopg.connect(portal_database) as connection:
        assert connection.execute("SELECT count(*) FROM targets").fetchone() == (0,)
