"""`opsconductor role`."""

import json
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from portal.groups.models import TargetGroup
from tests.fixtures.portal import sign_in

from .command_line import CommandLine
from .people import add_user


@pytest.fixture
async def admin(served: str, portal_app: FastAPI, tmp_path: Path) -> CommandLine:
    return CommandLine(f"http://{served}", tmp_path).signed_in(await sign_in(portal_app))


async def test_a_role_from_its_making_to_its_end(admin: CommandLine):
    await admin.run("role", "create", "night", "--permission", "jobs:view", "--permission", "jobs:run")
    await admin.run("role", "edit", "Night", "--add", "jobs:cancel", "--remove", "jobs:run", "--description", "looks")
    shown = json.loads(await admin.run("role", "show", "night", "--json"))
    assert (shown["permissions"], shown["description"]) == (["jobs:cancel", "jobs:view"], "looks")
    assert "night" in await admin.run("role", "list", "nig")
    refused = await admin.try_run("role", "edit", "admin", "--add", "jobs:view")
    assert (refused.code, "built in" in refused.err) == (2, True)
    named = json.loads(await admin.run("role", "list", "--sort", "-name", "--json"))
    assert [row["name"] for row in named] == ["viewer", "operator", "night", "admin"]
    await admin.run("role", "delete", "night")
    assert (await admin.try_run("role", "show", "night")).code == 2


async def test_the_catalogue_says_where_a_permission_can_be_granted(admin: CommandLine):
    listed = json.loads(await admin.run("role", "permissions", "--json"))
    assert next(item["places"] for item in listed if item["name"] == "jobs:run") == ["job_folder"]
    assert "credentials:reveal" in await admin.run("role", "permissions")


async def test_a_grant_is_given_listed_and_taken_away(admin: CommandLine, portal_app: FastAPI, api: httpx.AsyncClient):
    await add_user(portal_app, "anna", "viewer")
    async with portal_app.state.sessions() as session, session.begin():
        session.add(TargetGroup(name="web"))
    await admin.run("role", "grant", "anna", "operator", "--group", "web")
    listed = json.loads(await admin.run("role", "grants", "anna", "--json"))
    assert [(item["role"], item["place_name"]) for item in listed] == [("operator", "web")]
    of_web = json.loads(await admin.run("role", "grants", "--group", "WEB", "--json"))
    assert of_web == listed
    assert "No grants" in await admin.run("role", "grants", "--folder", "web")
    refused = await admin.try_run("role", "grant", "anna", "operator")
    assert (refused.code, "exactly one" in refused.err) == (2, True)
    await admin.run("role", "revoke", "Anna", "operator", "--group", "WEB")
    assert "No grants" in await admin.run("role", "grants", "anna")
    refused = await admin.try_run("role", "revoke", "anna", "operator", "--group", "web")
    assert (refused.code, "opsconductor role grants" in refused.err) == (2, True)
