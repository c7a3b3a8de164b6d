"""A browser's sign-in: cookies that no script can read and that no page of another site can use."""

import asyncio
import json
from http.cookies import SimpleCookie

import httpx
import pytest
from fastapi import FastAPI
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from portal.app import create_app
from portal.settings import Settings
from tests.doubles.gateway import RememberingGateway
from tests.fixtures.portal import Prepared, serving

from .test_events import start

NEW = "Tuesday-harbour-42-lemon"
OURS = {"Sec-Fetch-Site": "same-origin"}
UNSAFE = ("/api/v1/auth/sessions", "/api/v1/targets/018f0000-0000-7000-8000-000000000000")


async def log_in(client: httpx.AsyncClient, password: str, **headers: str) -> httpx.Response:
    body = {"username": "admin", "password": password}
    return await client.post("/api/v1/auth/browser/login", json=body, headers=headers or OURS)


@pytest.fixture
async def browser(anonymous: httpx.AsyncClient, prepared: Prepared) -> httpx.AsyncClient:
    """Signed in by cookies, its password changed."""
    assert (await log_in(anonymous, prepared.password)).json()["must_change_password"] is True
    change = {"current_password": prepared.password, "new_password": NEW}
    assert (await anonymous.post("/api/v1/auth/password", json=change, headers=OURS)).status_code == 204
    return anonymous


def cookies_of(answer: httpx.Response) -> SimpleCookie:
    return SimpleCookie("\r\n".join(answer.headers.get_list("set-cookie")))


async def test_no_token_is_in_the_answer_and_the_cookies_are_for_us_alone(
    anonymous: httpx.AsyncClient, prepared: Prepared
):
    answer = await log_in(anonymous, prepared.password)
    assert set(answer.json()) == {"username", "must_change_password", "expires_in_seconds"}
    kept = cookies_of(answer)
    assert set(kept) == {"opsconductor_access", "opsconductor_refresh"}
    for cookie in kept.values():
        assert cookie["httponly"]
        assert cookie["samesite"].lower() == "strict"
        assert not cookie["domain"]
    assert (kept["opsconductor_access"]["path"], kept["opsconductor_refresh"]["path"]) == ("/", "/api/v1/auth/browser")


async def test_over_https_they_are_secure_and_nobody_else_can_plant_them(portal_settings: Settings, prepared: Prepared):
    settings = portal_settings.model_copy(update={"portal_url": "https://portal.test"})
    app = await asyncio.to_thread(create_app, settings, lambda _: RememberingGateway())
    async with serving(app) as client:
        kept = cookies_of(await log_in(client, prepared.password))
        assert set(kept) == {"__Host-opsconductor_access", "__Secure-opsconductor_refresh"}
        assert all(cookie["secure"] for cookie in kept.values())
        assert kept["__Host-opsconductor_access"]["path"] == "/"
        planted = {"Cookie": f"opsconductor_access={kept['__Host-opsconductor_access'].value}"}
        client.cookies.clear()
        assert (await client.get("/api/v1/auth/sessions", headers=planted | OURS)).status_code == 401


async def test_a_page_of_another_site_can_use_the_cookie_for_nothing(browser: httpx.AsyncClient):
    foreign = [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://portal.test.evil.test"},
        {"Origin": "http://portal.test", "Sec-Fetch-Site": "cross-site"},
        {},
    ]
    for path in UNSAFE:
        for headers in foreign:
            refused = await browser.delete(path, headers=headers)
            assert refused.status_code == 403, (path, headers)
            assert refused.json()["type"] == "urn:opsconductor:problem:cross-site-request"
    for headers in foreign:
        assert (await browser.post("/api/v1/auth/browser/refresh", headers=headers)).status_code == 403, headers
        assert (await log_in(browser, NEW, **(headers or {"X": "y"}))).status_code == 403, headers
    assert (await browser.get("/api/v1/auth/me", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
    denied = await browser.get("/api/v1/audit", params={"event": "request.denied"}, headers=OURS)
    assert len(denied.json()["items"]) == (len(UNSAFE) + 2) * len(foreign) + 1


async def test_our_own_pages_can(browser: httpx.AsyncClient):
    assert (await browser.get("/api/v1/auth/me", headers=OURS)).json()["user"]["username"] == "admin"
    assert (await browser.get("/api/v1/auth/me")).status_code == 200, "an old browser says nothing with a GET"
    own = {"Origin": "http://portal.test"}
    assert (await browser.delete("/api/v1/auth/sessions", headers=own)).json() == {"ended": 0}


async def test_a_program_with_a_bearer_token_is_not_asked_where_it_comes_from(
    anonymous: httpx.AsyncClient, api: httpx.AsyncClient
):
    assert (await api.delete("/api/v1/auth/sessions")).status_code == 200
    api.cookies.set("opsconductor_access", "nonsense")
    assert (await api.delete("/api/v1/auth/sessions")).status_code == 200, "the bearer token goes first"


async def test_the_cookies_are_renewed_and_taken_away(browser: httpx.AsyncClient):
    first = dict(browser.cookies)
    renewed = await browser.post("/api/v1/auth/browser/refresh", headers=OURS)
    assert set(renewed.json()) == {"username", "must_change_password", "expires_in_seconds"}
    assert browser.cookies["opsconductor_refresh"] != first["opsconductor_refresh"]
    assert (await browser.post("/api/v1/auth/logout", headers=OURS)).status_code == 204
    assert dict(browser.cookies) == {}
    for name, value in first.items():
        browser.cookies.set(name, value)
    assert (await browser.get("/api/v1/auth/me", headers=OURS)).status_code == 401
    assert (await browser.post("/api/v1/auth/browser/refresh", headers=OURS)).status_code == 401
    browser.cookies.clear()
    assert (await browser.post("/api/v1/auth/browser/refresh", headers=OURS)).status_code == 401


async def test_a_websocket_takes_the_cookie_from_our_own_pages_only(
    browser: httpx.AsyncClient, served: str, portal_app: FastAPI
):
    browser.headers.update(OURS)
    run = await start(browser)
    await browser.post(f"/api/v1/runs/{run['id']}/cancel")
    url = f"ws://{served}/api/v1/runs/{run['id']}/events"
    cookie = {"Cookie": f"opsconductor_access={browser.cookies['opsconductor_access']}"}

    async with connect(url, additional_headers=cookie, origin="http://portal.test", proxy=None) as socket:
        assert [json.loads(message)["kind"] async for message in socket] == ["run.cancel_requested", "run.ended"]
    for origin in ("http://evil.test", "null", None):
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, additional_headers=cookie, origin=origin, proxy=None)
        assert refused.value.response.status_code == 403, origin
