import csv
import io
import json

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from portal.upkeep.retention import report_retention

from .world import JOB, add, add_credential, add_target


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
    assert (intact["intact"], intact["entries"]) == (True, 5), "the admin, the group, three targets"
    with psycopg.connect(portal_database, autocommit=True) as connection:
        for forgery in ("UPDATE audit_log SET event = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"):
            with pytest.raises(psycopg.errors.RaiseException):
                connection.execute(forgery)
        connection.execute("ALTER TABLE audit_log DISABLE TRIGGER ALL")
        connection.execute("UPDATE audit_log SET actor_name = 'mallory' WHERE seq = 3")
    broken = (await api.get("/api/v1/audit/chain")).json()
    assert (broken["intact"], broken["first_break"]) == (False, 3)


async def test_an_end_that_was_cut_off_is_seen_by_who_kept_the_head(api: httpx.AsyncClient, portal_database: str):
    for name in ("web01", "web02", "web03"):
        await add_target(api, name)
    kept = (await api.get("/api/v1/audit/chain")).json()
    known = {"entries": kept["entries"], "head": kept["head"]}
    assert (await api.get("/api/v1/audit/chain", params=known)).json()["intact"]
    with psycopg.connect(portal_database, autocommit=True) as connection:
        connection.execute("ALTER TABLE audit_log DISABLE TRIGGER ALL")
        connection.execute("DELETE FROM audit_log WHERE seq = (SELECT max(seq) FROM audit_log)")
    assert (await api.get("/api/v1/audit/chain")).json()["intact"]
    cut = (await api.get("/api/v1/audit/chain", params=known)).json()
    assert (cut["intact"], cut["first_break"]) == (False, kept["entries"])


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"event": "target.created"}, 2),
        ({"event": "target.*"}, 3),
        ({"event": "tar%"}, 0),
        ({"subject_kind": "credential"}, 1),
        ({"actor_name": "admin", "event": "credential.*"}, 1),
        ({"q": "WEB02"}, 1),
        ({"q": "100%"}, 0),
        ({"since": "2020-01-01T00:00:00Z", "event": "target.*"}, 3),
        ({"until": "2020-01-01T00:00:00+02:00"}, 0),
    ],
)
async def test_entries_are_found_by_what_people_remember(api: httpx.AsyncClient, wanted: dict[str, str], found: int):
    await add_credential(api)
    made = await add_target(api, "web01")
    await add_target(api, "web02")
    await api.patch(f"/api/v1/targets/{made['id']}", json={"port": 2222})
    page = (await api.get("/api/v1/audit", params=wanted)).json()
    assert len(page["items"]) == found
    lines = map(json.loads, (await api.get("/api/v1/audit/export", params=wanted)).text.splitlines())
    exported = [line["seq"] for line in lines if line["event"] != "audit.exported"]
    assert exported == sorted(item["seq"] for item in page["items"])


@pytest.mark.parametrize("wanted", [{"since": "yesterday"}, {"since": "2026-01-01T00:00:00"}, {"q": "a\0b"}])
async def test_a_filter_that_makes_no_sense_is_refused(api: httpx.AsyncClient, wanted: dict[str, str]):
    refused = await api.get("/api/v1/audit", params=wanted)
    assert refused.status_code == 422
    assert next(iter(wanted)) in refused.json()["problems"][0]["path"]


async def test_a_spreadsheet_runs_nothing_of_an_export(api: httpx.AsyncClient):
    await add(api, "/jobs", {"yaml": JOB, "folder": "=1+1"})
    moved = await api.post("/api/v1/job-folders/move", json={"path": "=1+1", "new_path": "sums"})
    assert moved.status_code == 200, moved.text
    answer = await api.get("/api/v1/audit/export", params={"format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0][:3] == ["seq", "at", "event"]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert "'=1+1" in {cell for row in rows for cell in row}
    listed = (await api.get("/api/v1/audit", params={"event": "audit.exported"})).json()["items"]
    assert [entry["facts"] for entry in listed] == [{"format": "csv"}]


async def test_who_took_the_log_is_on_it_with_what_and_where_from(api: httpx.AsyncClient):
    await api.get("/api/v1/audit/export", params={"event": "target.*", "since": "2020-01-01T00:00:00Z"})
    (entry,) = (await api.get("/api/v1/audit", params={"event": "audit.exported"})).json()["items"]
    assert entry["facts"] == {
        "format": "jsonl",
        "filter": {"event": "target.*", "since": "2020-01-01 00:00:00+00:00"},
    }
    assert (entry["actor_name"], entry["source"]) == ("admin", "127.0.0.1")


async def test_without_the_audit_log_nothing_is_changed(api: httpx.AsyncClient, portal_database: str):
    with psycopg.connect(portal_database, autocommit=True) as connection:
        connection.execute("ALTER TABLE audit_log RENAME TO gone")
    refused = await api.post("/api/v1/targets", json={"name": "a", "address": "a.test"})
    for answer in (refused, await api.get("/api/v1/audit/export")):
        assert answer.status_code == 500
        assert "audit_log" not in answer.text
    with psycopg.connect(portal_database) as connection:
        assert connection.execute("SELECT count(*) FROM targets").fetchone() == (0,)


async def test_what_retention_deleted_is_on_the_audit_log(
    api: httpx.AsyncClient, portal_app: FastAPI, portal_database: str
):
    with psycopg.connect(portal_database) as connection:
        connection.execute("INSERT INTO retention_reports VALUES (gen_random_uuid(), 7, 5, 3, 1440)")
    await report_retention(portal_app.state.sessions)
    await report_retention(portal_app.state.sessions)
    entries = [row for row in (await api.get("/api/v1/audit")).json()["items"] if row["event"] == "retention.applied"]
    assert [row["facts"] for row in entries] == [{"outputs": 7, "events": 5, "runs": 3, "flow_runs": 1440}]
