"""The portal's settings, as those who may see them see them."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from opsconductor.client import Json
from portal.configuration.reading import descriptions, read_settings, shown, sources_of
from portal.settings import Settings
from tests.fixtures.portal import sign_in

from .command_line import CommandLine


def by_name(rows: list[Any]) -> dict[str, Json]:
    return {row["name"]: row for row in rows}


async def test_every_setting_says_what_holds_and_who_said_so(api: httpx.AsyncClient, portal_settings: Settings):
    rows = by_name((await api.get("/api/v1/settings")).json())
    assert set(rows) == set(Settings.model_fields)
    assert rows["pool_size"] == {
        "name": "pool_size", "value": 4, "source": "start", "default": 10, "required": False,
        "variable": "OPSCONDUCTOR_POOL_SIZE", "description": "Connections to the database at the same time.",
    }  # fmt: skip
    assert (rows["session_seconds"]["source"], rows["session_seconds"]["value"]) == ("default", 2_592_000)
    assert (rows["home"]["required"], rows["home"]["value"]) == (True, str(portal_settings.home))


def test_the_file_and_the_variables_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "portal.toml").write_text("""
pool_size = 7
session_seconds = 3600
second_factor_roles = ["operator", "admin"]
[sso]
issuer = "https://id.example.org"
client_id = "ops"
client_secret_file = "/etc/ops/sso-secret"
""")
    monkeypatch.setenv("OPSCONDUCTOR_HOME", str(tmp_path))
    monkeypatch.setenv("OPSCONDUCTOR_DATABASE_URL", "postgresql://ops:s3cr%20et@db/ops?sslpassword=hush")
    monkeypatch.setenv("OPSCONDUCTOR_SESSION_SECONDS", "7200")
    settings = Settings()  # pyright: ignore[reportCallIssue]
    found = by_name([row.model_dump() for row in read_settings(settings, sources_of(settings))])
    told = {name: (found[name]["source"], found[name]["value"]) for name in ("pool_size", "session_seconds", "port")}
    assert told == {
        "pool_size": ("portal.toml", 7),
        "session_seconds": ("environment", 7200),
        "port": ("default", 8080),
    }
    assert found["second_factor_roles"]["value"] == ["admin", "operator"]
    assert found["sso"]["value"]["client_secret_file"] == "/etc/ops/sso-secret"
    text = json.dumps(found)
    assert "s3cr" not in text
    assert "hush" not in text
    assert "user=ops" in found["database_url"]["value"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("https://anna:s3cret@portal.example.org/x", "https://anna:***@portal.example.org/x"),
        ("host=db password=s3cret dbname=ops", "host=db dbname=ops password=***"),
        ("postgresql:///ops?host=/run/ops", "postgresql:///ops?host=/run/ops"),
        ("postgresql://ops:s3cret@db:not-a-port/%zz", "(hidden)"),
        ("127.0.0.1", "127.0.0.1"),
    ],
)
def test_passwords_in_addresses_are_left_out(value: str, said: str):
    found = shown(value)
    assert "s3cret" not in found
    assert sorted(found.split()) == sorted(said.split())


def test_every_setting_says_what_it_is_for_and_is_in_the_reference():
    assert set(descriptions()) == set(Settings.model_fields)
    reference = (Path(__file__).parents[3] / "docs/reference/settings.md").read_text()
    assert [name for name in Settings.model_fields if f"| `{name}` |" not in reference] == []


async def test_the_command_line_lists_and_shows_them(served: str, portal_app: FastAPI, tmp_path: Path):
    admin = CommandLine(f"http://{served}", tmp_path).signed_in(await sign_in(portal_app))
    listed = json.loads(await admin.run("settings", "list", "--changed", "--json"))
    assert {row["name"] for row in listed} >= {"database_url", "home", "pool_size"}
    assert "port" not in {row["name"] for row in listed}
    assert [line.split() for line in (await admin.run("settings", "list", "pool_size")).splitlines()[1:]] == [
        ["pool_size", "4", "start", "10"]
    ]
    one = await admin.run("settings", "show", "OPSCONDUCTOR_POOL_SIZE")
    assert "Connections to the database" in one
    absent = await admin.try_run("settings", "show", "nothing")
    assert (absent.code, "settings list" in absent.err) == (2, True)
