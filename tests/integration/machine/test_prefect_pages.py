"""Prefect's own pages in a real browser, through the portal: signed in by a one-time link, for reading only."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Cookie, Page, expect, sync_playwright

from deploy.fleet import Fleet
from opsconductor.client import PortalClient
from tests.fixtures.machine import Installation
from tests.fixtures.prefect_api import PrefectApi

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PICTURES = "OPSCONDUCTOR_PICTURES"
"""Folder for pictures of what the tests see; none are made when it is not set."""
pytestmark = [pytest.mark.real, pytest.mark.skipif(CHROMIUM is None, reason="the Debian package chromium is absent")]

KEPT_FROM_THEM = ("amplitude.com",)
"""What our content security policy keeps from Prefect's pages, and must: to report to others."""
HOSTS = 8
PATIENCE = 60_000
Json = dict[str, Any]
JOB = """\
apiVersion: opsconductor/v1
kind: Job
name: rotate-logs
targets: {select: "tag:pages"}
steps:
  - {id: room, uses: linux/command@1, with: {line: "df -P / | tail -n 1"}}
  - {id: rotate, uses: linux/command@1, with: {line: "test ! -e /srv/busy"}}
"""


@pytest.fixture(scope="module")
def client(machine: Installation) -> Iterator[PortalClient]:
    with machine.client() as client:
        yield client


@pytest.fixture(scope="module")
def flow_run(machine: Installation, client: PortalClient, fleet: Fleet) -> Json:
    """A run that failed on one of eight hosts, as Prefect's API has it."""
    first = fleet.hosts[0]
    key = {"kind": "ssh_key", "username": first.username, "private_key": first.private_key}
    client.post("/credentials", {"name": "pages", "secret": key})
    for place, host in enumerate(fleet.hosts[:HOSTS]):
        client.post("/targets", {
            "name": f"web{place:02}", "address": host.address, "port": host.port, "tags": ["pages"],
            "credential": "pages", "host_keys": [host.host_key],
        })  # fmt: skip
    Path(fleet.hosts[5].root, "srv", "busy").mkdir(exist_ok=True)
    client.post("/jobs", {"yaml": JOB})
    run_id = client.post("/runs", {"job": "rotate-logs"})["id"]
    list(client.events(run_id))
    with PrefectApi(machine) as prefect:
        return prefect.shown(run_id, 2 * HOSTS)[0]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)  # a profile of its own
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, client: PortalClient) -> Iterator[Page]:
    """A browser that has just used a one-time link."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(client.post("/auth/browser-link")["url"])
    page.wait_for_url("**/prefect/**")
    yield page
    context.close()


def ours(context: BrowserContext, url: str) -> list[Cookie]:
    """The cookies that no script can read: Prefect's pages make readable ones of their own."""
    return [cookie for cookie in context.cookies(url) if cookie.get("httpOnly")]


def take_picture(page: Page, name: str) -> None:
    folder = os.environ.get(PICTURES)
    if folder:
        page.screenshot(path=Path(folder, f"{name}.png"))


def test_a_link_signs_one_browser_in_once(machine: Installation, browser: Browser, client: PortalClient) -> None:
    link = client.post("/auth/browser-link")["url"]
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    page.wait_for_url("**/prefect/**", timeout=PATIENCE)
    (cookie,) = ours(context, f"{machine.url}/prefect/")
    assert (cookie.get("httpOnly"), cookie.get("sameSite"), cookie.get("path")) == (True, "Strict", "/prefect")
    assert ours(context, f"{machine.url}/api/v1/") == []
    context.close()
    other = browser.new_context()
    answer = other.new_page().goto(link)
    assert answer is not None
    assert answer.status == 401
    assert other.cookies() == []
    other.close()


def test_the_pages_show_a_run_and_why_it_failed(machine: Installation, page: Page, flow_run: Json) -> None:
    wrong: list[str] = []
    left: list[str] = []
    page.on("response", lambda answer: left.append(answer.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(f"{machine.url}/prefect/dashboard")
    expect(page.get_by_text("Flow Runs").first).to_be_visible(timeout=PATIENCE)
    take_picture(page, "dashboard")
    page.goto(f"{machine.url}/prefect/runs/flow-run/{flow_run['id']}")
    expect(page.get_by_text(flow_run["name"]).first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Partial", exact=True).first).to_be_visible(timeout=PATIENCE)
    page.get_by_role("tablist").get_by_text("Task Runs", exact=True).click()
    expect(page.get_by_text("rotate: web05")).to_be_visible(timeout=PATIENCE)
    take_picture(page, "run")
    assert [said for said in wrong if not any(kept in said for kept in KEPT_FROM_THEM)] == []
    here = (f"{machine.url}/", f"blob:{machine.url}/", "data:")
    assert [url for url in left if not url.startswith(here)] == [], "what the pages would tell others stays here"


def test_the_new_pages_show_it_too(machine: Installation, page: Page, flow_run: Json) -> None:
    page.goto(f"{machine.url}/prefect/v2/runs/flow-run/{flow_run['id']}")
    expect(page.get_by_text(flow_run["name"]).first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Partial", exact=True).first).to_be_visible(timeout=PATIENCE)
    take_picture(page, "run-new-pages")


def test_a_browser_may_read_and_change_nothing(machine: Installation, page: Page, flow_run: Json) -> None:
    ask = """([method, path, body]) => fetch('/prefect/api/' + path, {
        method, body, headers: {'Content-Type': 'application/json'}}).then(answer => answer.status)"""
    state = '{"state": {"type": "COMPLETED"}, "force": true}'
    refused = [
        ["POST", f"flow_runs/{flow_run['id']}/set_state", state],
        ["DELETE", f"flow_runs/{flow_run['id']}", None],
        ["DELETE", f"deployments/{flow_run['deployment_id']}", None],
        ["POST", f"deployments/{flow_run['deployment_id']}/create_flow_run", "{}"],
        ["POST", "block_documents/filter", "{}"],
    ]
    assert [page.evaluate(ask, each) for each in refused] == [403] * len(refused)
    assert page.evaluate(ask, ["POST", "flow_runs/filter", "{}"]) == 200
    with PrefectApi(machine) as prefect:
        assert prefect.get(f"/flow_runs/{flow_run['id']}")["state_name"] == "Partial"


def test_nobody_else_comes_in(machine: Installation, page: Page) -> None:
    with httpx2.Client(base_url=machine.url, trust_env=False) as stranger:
        assert stranger.get("/prefect/dashboard").status_code == 401
        assert stranger.post("/prefect/api/flow_runs/filter", json={}).status_code in (401, 403)
    (cookie,) = ours(page.context, f"{machine.url}/prefect/")
    signed_in = {"Cookie": f"{cookie['name']}={cookie['value']}"}
    with httpx2.Client(base_url=machine.url, headers=signed_in, trust_env=False) as other_site:
        cross = other_site.post("/prefect/api/flow_runs/filter", json={}, headers={"Origin": "http://evil.test"})
        assert cross.status_code == 403
        own = other_site.post("/prefect/api/flow_runs/filter", json={}, headers={"Origin": machine.url})
        assert own.status_code == 200
