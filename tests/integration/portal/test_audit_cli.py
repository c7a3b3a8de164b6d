"""`opsconductor audit`, over a log of more than one page."""

import json
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from portal.audit.log import audited
from tests.fixtures.portal import sign_in

from .command_line import CommandLine
from .world import add_target


@pytest.fixture
async def admin(served: str, portal_app: FastAPI, tmp_path: Path) -> CommandLine:
    return CommandLine(f"http://{served}", tmp_path).signed_in(await sign_in(portal_app))


async def test_the_log_is_read_as_far_back_as_somebody_asks(
    api: httpx.AsyncClient, admin: CommandLine, portal_app: FastAPI, tmp_path: Path
):
    await add_target(api, "web01")
    async with audited(portal_app.state.sessions, "203.0.113.9") as (_, audit):
        for number in range(510):
            audit.record(None, "retention.applied", "retention", str(number), runs=number)
    many = json.loads(await admin.run("audit", "list", "--event", "retention.*", "--last", "505", "--json"))
    assert (len(many), many[-1]["subject_id"]) == (505, "5")
    (made,) = json.loads(await admin.run("audit", "list", "--kind", "target", "--json"))
    assert made["event"] == "target.created"
    asked = json.loads(await admin.run("audit", "list", "--request", made["request_id"], "--last", "600", "--json"))
    assert {"target.created", "group.created"} <= {entry["event"] for entry in asked}
    file = tmp_path / "log.jsonl"
    await admin.run("audit", "export", str(file), "--source", "203.0.113.9", "--until", "2099-01-01")
    assert len(file.read_text().splitlines()) == 510
    assert "No entry matches." in await admin.run("audit", "list", "--source", "192.0.2.1")
