"""`opsconductor login --sso` and `opsconductor sso`, with a real provider and somebody's browser."""

import json
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from portal.settings import Settings
from tests.fixtures.oidc import CALLBACK, Browser, OidcProvider
from tests.fixtures.portal import sign_in

from .command_line import CommandLine, Running
from .test_sso import sso_settings


@pytest.fixture
def portal_settings(portal_settings: Settings, oidc: OidcProvider) -> Settings:
    oidc.change(accounts={"anna": {"groups": ["ops"]}, "ben": {"groups": ["ops"], "preferred_username": "admin"}})
    return sso_settings(portal_settings, oidc)


@pytest.fixture
def somebody(served: str, tmp_path: Path) -> CommandLine:
    return CommandLine(f"http://{served}", tmp_path)


async def browse(command: Running, url: str, login: str) -> httpx.Response:
    """Open the link that a command shows, and sign in; gives the last page."""
    link = re.search(r"http://\S+", await command.read_until("/start?"))
    assert link is not None
    async with httpx.AsyncClient(trust_env=False) as browser:
        started = await browser.get(link[0])
        back = await Browser(login).sign_in(started.headers["location"])
        answer = await browser.get(back.replace(CALLBACK, f"{url}/api/v1/auth/sso/callback"))
        return await browser.get(answer.headers["location"]) if answer.is_redirect else answer


async def test_a_browser_on_this_machine_signs_the_command_line_in(somebody: CommandLine):
    command = await somebody.start("login", "--sso", "--url", somebody.url)
    assert "Go back to your terminal" in (await browse(command, somebody.url, "anna")).text
    printed = await command.finish()
    assert (printed.code, "as anna" in printed.out) == (0, True), printed
    assert json.loads(await somebody.run("whoami", "--json"))["user"]["role"] == "operator"


async def test_a_code_is_copied_from_a_browser_elsewhere(somebody: CommandLine):
    command = await somebody.start("login", "--sso", "--code-file", "-", "--url", somebody.url)
    page = (await browse(command, somebody.url, "anna")).text
    code = page.rsplit("<code>", 1)[1].split("</code>")[0]
    printed = await command.finish(stdin=code + "\n")
    assert (printed.code, "as anna" in printed.out) == (0, True), printed
    assert code not in printed.out


async def test_an_admin_links_who_is_here_already(somebody: CommandLine, portal_app: FastAPI):
    somebody.signed_in(await sign_in(portal_app))
    assert "signs in with no account" in await somebody.run("sso", "list", "admin")
    await somebody.run("sso", "link", "admin", "ben")
    listed = json.loads(await somebody.run("sso", "list", "admin", "--json"))
    assert [account["subject"] for account in listed] == ["ben"]
    again = await somebody.try_run("sso", "link", "admin", "ben")
    assert (again.code, "linked to this account already" in again.err) == (2, True)
    await somebody.run("sso", "unlink", "admin")


async def test_where_there_is_none_it_is_said(tmp_path: Path, served: str, portal_app: FastAPI):
    portal_app.state.sso_provider = None
    refused = await CommandLine(f"http://{served}", tmp_path).try_run("login", "--sso", "--url", f"http://{served}")
    assert (refused.code, "sign in with your password" in refused.err) == (2, True)
