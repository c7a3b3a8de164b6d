"""What people change of themselves."""

from typing import Any

import httpx
from fastapi import FastAPI

from .world import add_user

PROFILE = "/api/v1/profile"


async def test_people_change_their_profile_and_nothing_that_gives_rights(api: httpx.AsyncClient):
    body = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.test", "telephone": "+44 20 7946 0000"}
    changed = await api.patch(PROFILE, json=body)
    assert changed.json() | body == changed.json()
    assert (await api.get(PROFILE)).json() == changed.json()
    for field, value in {
        "role": "admin", "username": "root", "active": True, "must_change_password": False, "id": "x", "password": "x",
    }.items():  # fmt: skip
        refused = await api.patch(PROFILE, json={"title": "Countess", field: value})
        assert refused.status_code == 422, field
        assert [problem["path"] for problem in refused.json()["problems"]] == [field]
    assert (await api.patch(PROFILE, json={"email": None})).status_code == 422
    assert (await api.get(PROFILE)).json()["title"] == "", "nothing half done"
    entry = (await api.get("/api/v1/audit", params={"event": "profile.updated"})).json()["items"][0]
    assert entry["facts"]["after"] == body


async def test_pages_look_as_people_want_them(api: httpx.AsyncClient):
    path = f"{PROFILE}/preferences"
    assert (await api.get(path)).json() == {"zone": "UTC", "theme": "system", "density": "comfortable"}
    chosen = {"zone": "Europe/Berlin", "theme": "dark", "density": "compact"}
    assert (await api.put(path, json=chosen)).json() == chosen
    assert (await api.get(path)).json() == chosen
    bad = [{"zone": "Mars/Olympus"}, {"zone": "../etc/passwd"}, {"zone": "x" * 200}, {"theme": "pink"}, {"rows": 5}]
    for body in bad:
        assert (await api.put(path, json=body)).status_code == 422, body
    assert (await api.get(path)).json() == chosen


async def test_people_say_what_they_are_told_of(api: httpx.AsyncClient):
    path = f"{PROFILE}/notifications"
    assert (await api.get(path)).json() == {
        "on": ["failure"], "email": True, "teams": False, "slack": None, "webhook": None, "quiet_hours": None,
    }  # fmt: skip
    chosen: dict[str, Any] = {
        "on": ["start", "failure"],
        "email": False,
        "teams": True,
        "slack": {"channel": "#operations"},
        "webhook": {"url": "https://hooks.example.test/T0/s3cret"},
        "quiet_hours": {"start": "22:00", "end": "06:30"},
    }
    assert (await api.put(path, json=chosen)).json() == chosen
    assert (await api.get(path)).json() == chosen
    audit = await api.get("/api/v1/audit", params={"event": "notification_preferences.updated"})
    assert audit.json()["items"][0]["facts"]["after"]["webhook"] is True
    assert "s3cret" not in audit.text


_SENSELESS: list[dict[str, Any]] = [
    {"on": ["always"]},
    {"on": "failure"},
    {"on": ["failure"] * 11},
    {"slack": {"channel": "a b"}},
    {"slack": {"channel": ""}},
    {"slack": "#operations"},
    {"quiet_hours": {"start": "24:00", "end": "06:00"}},
    {"quiet_hours": {"start": "06:00", "end": "06:00"}},
    {"quiet_hours": {"start": "6:00", "end": "07:00"}},
    {"quiet_hours": {"start": "22:00"}},
    *(
        {"webhook": {"url": url}}
        for url in (
            "ftp://a.test/x", "javascript:alert(1)", "a.test", "http://", "http:///x", "http://[::1]/x", "http://[",
            "http://127.0.0.1/x", "http://169.254.169.254/latest", "http://0.0.0.0/", "http://[fe80::1]/",
            "http://u:p@a.test/", "http://a.test/ x", "http://a.test/\r\nX: y", "http://a.test:0/", "http://a.test:99999/",
            "http://ä.test/", "https://a.test/" + "x" * 2000, "https://a.test/\x00",
        )
    ),
]  # fmt: skip


async def test_what_makes_no_sense_is_refused(api: httpx.AsyncClient):
    for body in _SENSELESS:
        refused = await api.put(f"{PROFILE}/notifications", json=body)
        assert refused.status_code == 422, body
        assert refused.json()["problems"][0]["path"].split(".")[0].split("[")[0] == next(iter(body)), body


async def test_preferences_are_ones_own(api: httpx.AsyncClient, portal_app: FastAPI):
    await api.put(f"{PROFILE}/preferences", json={"theme": "dark"})
    theirs = {"Authorization": f"Bearer {await add_user(portal_app, 'quinn', 'viewer')}"}
    assert (await api.get(f"{PROFILE}/preferences", headers=theirs)).json()["theme"] == "system"
    assert (await api.put(f"{PROFILE}/preferences", json={"theme": "light"}, headers=theirs)).status_code == 200
    assert (await api.get(f"{PROFILE}/preferences")).json()["theme"] == "dark"
