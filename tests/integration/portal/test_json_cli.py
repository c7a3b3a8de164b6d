"""`--json` of commands that change something: one JSON document on standard output, whatever they change."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.fixtures.portal import sign_in

from .command_line import CommandLine
from .world import JOB


@pytest.fixture
async def admin(served: str, portal_app: FastAPI, tmp_path: Path) -> CommandLine:
    return CommandLine(f"http://{served}", tmp_path).signed_in(await sign_in(portal_app))


async def test_programs_read_what_a_command_did(admin: CommandLine, tmp_path: Path, api: httpx.AsyncClient):
    async def say(*words: str) -> Any:
        return json.loads(await admin.run(*words, "--json"))

    made = await say("group", "create", "web")
    assert (made["name"], made["target_count"]) == ("web", 0)
    target = await say("target", "add", "web01", "10.0.0.1", "--group", "web")
    assert (await api.get(f"/api/v1/targets/{target['id']}")).json()["groups"] == ["web"]
    check = await say("target", "health", "web01", "--check", "tcp")
    assert (check["mode"], check["interval_seconds"]) == ("tcp", 300)

    (tmp_path / "look.yaml").write_text(JOB)
    job = await say("job", "publish", str(tmp_path / "look.yaml"))
    assert (job["name"], job["version"]) == ("look", 1)
    run = await say("run", "start", "look")
    assert (await say("run", "pin", run["id"]))["pinned_by"] == "admin"
    cancelled = await say("run", "cancel", run["id"])
    assert (cancelled["id"], cancelled["job_name"]) == (run["id"], "look")
    assert [each["active"] for each in await say("job", "disable", "look")] == [False]
    assert await say("job", "delete", "look") == [{"id": job["id"], "name": "look", "deleted": True}]


async def test_what_was_done_before_a_refusal_is_said(admin: CommandLine):
    made = json.loads(await admin.run("role", "create", "look", "--permission", "jobs:view", "--json"))
    printed = await admin.try_run("role", "delete", "look", "nobody", "--json")
    assert printed.code == 2
    assert json.loads(printed.out) == [{"id": made["id"], "name": "look", "deleted": True}]
    assert "nobody" in printed.err
