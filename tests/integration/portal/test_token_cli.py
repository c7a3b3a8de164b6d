"""`opsconductor token`, and programs that work with one."""

import json
from pathlib import Path

import pytest
from fastapi import FastAPI

from opsconductor.client import PortalClient
from opsconductor.errors import InvalidInputError
from tests.fixtures.portal import sign_in

from .command_line import CommandLine
from .world import add_member


@pytest.fixture
async def admin(served: str, portal_app: FastAPI, tmp_path: Path) -> CommandLine:
    return CommandLine(f"http://{served}", tmp_path).signed_in(await sign_in(portal_app))


async def test_a_token_in_a_file_works_until_it_is_revoked(admin: CommandLine, tmp_path: Path):
    file = tmp_path / "robot.token"
    said = await admin.run("token", "create", "robot", "--scope", "targets:*", "--days", "3", "--file", str(file))
    assert str(file) in said
    assert file.stat().st_mode & 0o777 == 0o600
    robot = {"OPSCONDUCTOR_TOKEN_FILE": str(file)}
    assert "No targets yet" in await admin.run("target", "list", **robot)
    refused = await admin.try_run("token", "create", "more", "--scope", "targets:view", **robot)
    assert (refused.code, "sign in yourself" in refused.err) == (2, True)
    listed = json.loads(await admin.run("token", "list", "--json"))
    assert [(item["name"], item["owner"], item["last_used_source"]) for item in listed] == [
        ("robot", "admin", "127.0.0.1")
    ]
    assert "Revoked robot of admin" in await admin.run("token", "revoke", "robot")
    refused = await admin.try_run("target", "list", **robot)
    assert (refused.code, "expired or was revoked" in refused.err) == (2, True)


async def test_a_token_that_is_shown_is_not_listed(admin: CommandLine):
    token = (await admin.run("token", "create", "robot", "--scope", "jobs:run")).strip().splitlines()[-1]
    assert token.startswith("opsc_")
    assert token not in await admin.run("token", "list", "--all")


async def test_signing_in_and_out_leave_a_token_file_alone(admin: CommandLine, tmp_path: Path):
    file = tmp_path / "robot.token"
    await admin.run("token", "create", "robot", "--scope", "targets:view", "--file", str(file))
    before = file.read_text()
    robot = {"OPSCONDUCTOR_TOKEN_FILE": str(file)}
    assert (await admin.try_run("logout", **robot)).code == 2
    again = await admin.try_run("token", "create", "robot2", "--scope", "targets:view", "--file", str(file))
    assert (again.code, "exists already" in again.err) == (2, True)
    assert file.read_text() == before


async def test_any_scope_that_is_held_in_a_place_is_meant_too(served: str, portal_app: FastAPI, tmp_path: Path):
    token = await add_member(portal_app, "anna", [("operator", "job_folder", "web")])
    anna = CommandLine(f"http://{served}", tmp_path).signed_in(token, "anna")
    await anna.run("token", "create", "robot", "--scope", "jobs:*")
    [made] = json.loads(await anna.run("token", "list", "--sort", "-expires_at", "--json"))
    assert {"jobs:run", "jobs:view"} <= set(made["scopes"])


async def test_what_nobody_may_do_is_said(admin: CommandLine):
    for scope in ("nothing:*", "rockets:launch"):
        refused = await admin.try_run("token", "create", "robot", "--scope", scope)
        assert refused.code == 2
        assert "scope" in refused.err
    missing = await admin.try_run("token", "revoke", "robot")
    assert "see opsconductor token list" in missing.err


def test_a_program_reads_its_token_from_a_file(tmp_path: Path):
    file = tmp_path / "token"
    file.write_text("opsc_abc\nhttp://portal.test\n")
    with PortalClient.from_token_file(file) as client:
        assert client.url == "http://portal.test"
    file.write_text("opsc_abc\n")
    with pytest.raises(InvalidInputError, match="does not say where"):
        PortalClient.from_token_file(file)
    file.write_text("hunter2")
    with pytest.raises(InvalidInputError, match="holds no API token") as refused:
        PortalClient.from_token_file(file)
    assert "hunter2" not in str(refused.value)
