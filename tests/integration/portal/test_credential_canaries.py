"""Secrets of every kind leave no trace: not in the database, the logs, the audit log or any answer but a reveal."""

import base64
import json
from urllib.parse import quote

import httpx
import psycopg
import pytest
from psycopg import sql

from tests.unit.blocks.conftest import fields_of

from .test_credential_use import KINDS, SECRET_JOB
from .world import add, add_job, add_target

CANARY = "Kan#'\"arie \U0001f426 x"


def secret_of(kind: str) -> dict[str, str]:
    """The kind's fields; every secret that can be chosen is the canary."""
    plain = (
        CANARY.encode("ascii", "replace").decode().replace(" ", "") if kind in ("bearer_token", "api_key") else CANARY
    )
    return {"kind": kind, **{name: plain if value == "hush-hush" else value for name, value in fields_of(kind).items()}}


def traces() -> list[str]:
    """How a secret could look wherever somebody wrote it down."""
    found: list[str] = []
    for kind in KINDS:
        for name, value in secret_of(kind).items():
            if name in ("password", "sudo_password", "token", "key", "text"):
                found += [value, json.dumps(value)[1:-1], quote(value), base64.b64encode(value.encode()).decode()]
    return [*found, "PRIVATE KEY"]


def everything_in(dsn: str) -> str:
    with psycopg.connect(dsn) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = [
            row[0]
            for (table,) in tables
            for row in connection.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table)))
        ]
    return "\n".join(rows)


async def test_no_secret_is_anywhere(api: httpx.AsyncClient, portal_database: str, capfd: pytest.CaptureFixture[str]):
    said: list[str] = []
    made = {}
    for kind in KINDS:
        answer = await api.post("/api/v1/credentials", json={"name": kind, "secret": secret_of(kind)})
        assert answer.status_code == 201, answer.text
        made[kind] = answer.json()["id"]
        path = f"/api/v1/credentials/{made[kind]}"
        for call in (
            api.post(f"{path}/rotate", json={"secret": secret_of(kind)}),
            api.patch(path, json={"description": "kept"}),
            api.get(path),
            api.get(f"{path}/uses"),
            api.post("/api/v1/credentials", json={"name": kind, "secret": secret_of(kind)}),
            api.post("/api/v1/credentials", json={"name": "x", "secret": {**secret_of(kind), "odd": CANARY}}),
            api.post(f"{path}/rotate", json={"secret": {**secret_of(kind), "username": f"\n{CANARY}"}}),
            api.post(f"{path}/rotate", json={"secret": secret_of("secret_text" if kind != "secret_text" else "winrm")}),
        ):
            said.append((await call).text)
    await add_target(api, "web01", credential="ssh_password")
    await add_job(api, SECRET_JOB)
    run = await add(api, "/runs", {"job": "lock", "parameters": {"token": "secret_text"}})
    revealed = await api.post(f"/api/v1/credentials/{made['secret_text']}/reveal", json={"reason": "a control"})
    assert revealed.json()["fields"]["text"] == CANARY
    for path in ("credentials", "credentials/export", "audit?size=500", f"runs/{run['id']}"):
        said.append((await api.get(f"/api/v1/{path}")).text)
    said.append((await api.get(f"/api/v1/credentials/{made['secret_text']}/accesses")).text)
    printed = capfd.readouterr()
    for place, text in {
        "the answers": "\n".join(said),
        "the database": everything_in(portal_database),
        "the logs": printed.out + printed.err,
    }.items():
        assert "web01" in text or place == "the logs"
        assert not [trace for trace in traces() if trace in text], place
