import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.doubles.gateway import RememberingGateway


@dataclass
class PrefectDouble:
    """Answers every request, and remembers it."""

    seen: list[tuple[str, str, str]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        self.seen.append((request.method, request.url.path, request.headers.get("authorization", "")))
        if request.url.path == "/prefect/ui-settings":
            return JSONResponse({"api_url": "/prefect/api", "auth": "BASIC"})
        return Response(b"<html>Prefect</html>", media_type="text/html", headers={"set-cookie": "a=b"})


@pytest.fixture
async def prefect(gateway: RememberingGateway, unused_tcp_port_factory) -> AsyncIterator[PrefectDouble]:
    double = PrefectDouble()
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    app = Starlette(routes=[Route("/{path:path}", double.answer, methods=methods)])
    port = unused_tcp_port_factory()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    gateway.origin = f"http://127.0.0.1:{port}"
    yield double
    server.should_exit = True
    await task


@pytest.fixture
async def browser(api: httpx.AsyncClient, prefect: PrefectDouble) -> httpx.AsyncClient:
    """A browser that was signed in by a one-time link; it holds a cookie and no token."""
    link = (await api.post("/api/v1/auth/browser-link")).json()
    del api.headers["Authorization"]
    answer = await api.get(link["url"], headers={"Sec-Fetch-Site": "none"})
    assert answer.status_code == 200
    api.headers["Sec-Fetch-Site"] = "same-origin"
    return api


async def test_a_link_signs_in_one_browser_once(api: httpx.AsyncClient):
    link = (await api.post("/api/v1/auth/browser-link")).json()
    assert link["url"].startswith("http://portal.test/prefect-login?token=")
    elsewhere = await api.get(link["url"], headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403, "a page of another site cannot use it up"
    first = await api.get(link["url"])
    cookie = first.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/prefect"))
    assert "Refresh" not in cookie
    assert (await api.get(link["url"])).status_code == 401
    assert (await api.get("/prefect-login?token=guess")).status_code == 401


async def test_pages_pass_with_a_password_the_browser_never_sees(browser: httpx.AsyncClient, prefect: PrefectDouble):
    page = await browser.get("/prefect/runs/x")
    assert page.text == "<html>Prefect</html>"
    assert "set-cookie" not in page.headers
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert prefect.seen == [("GET", "/prefect/runs/x", "Basic b3BzOnNlY3JldA==")]
    settings = await browser.get("/prefect/ui-settings")
    assert settings.json() == {"api_url": "/prefect/api", "auth": None}
    read = await browser.post("/prefect/api/flow_runs/filter", json={})
    assert read.status_code == 200
    assert prefect.seen[-1][:2] == ("POST", "/api/flow_runs/filter")


async def test_writes_and_secrets_never_pass(browser: httpx.AsyncClient, prefect: PrefectDouble):
    refused = [
        ("POST", "/prefect/api/block_documents/filter"),
        ("GET", "/prefect/api/block_documents/018f0000-0000-7000-8000-000000000000"),
        ("POST", "/prefect/api/variables/filter"),
        ("POST", "/prefect/api/deployments/"),
        ("DELETE", "/prefect/api/flow_runs/018f0000-0000-7000-8000-000000000000"),
        ("POST", "/prefect/api/flow_runs/018f0000-0000-7000-8000-000000000000/set_state"),
        ("PUT", "/prefect/index.html"),
        ("GET", "/prefect/..%2fapi/block_documents/"),
        ("GET", "/prefect/%2e%2e/api/variables/"),
        ("POST", "/prefect/api//block_documents/filter"),
        ("POST", "/prefect/api/flows/../block_documents/filter"),
    ]
    for method, path in refused:
        answer = await browser.request(method, path)
        assert answer.status_code in (403, 404), (method, path)
    assert [seen for seen in prefect.seen if "block" in seen[1] or "variables" in seen[1]] == []
    assert prefect.seen == []


async def test_without_a_cookie_or_from_elsewhere_nothing_passes(
    browser: httpx.AsyncClient, prefect: PrefectDouble, gateway: RememberingGateway
):
    cross = {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.test"}
    assert (await browser.post("/prefect/api/flows/filter", json={}, headers=cross)).status_code == 403
    no_word = httpx.Headers(browser.headers)
    del no_word["Sec-Fetch-Site"]
    browser.headers = no_word
    assert (await browser.post("/prefect/api/flows/filter", json={})).status_code == 403
    same = await browser.post("/prefect/api/flows/filter", json={}, headers={"Origin": "http://portal.test"})
    assert same.status_code == 200
    other = await browser.post("/prefect/api/flows/filter", json={}, headers={"Origin": "http://portal.test.evil"})
    assert other.status_code == 403
    gateway.away = True
    assert (await browser.get("/prefect/")).status_code == 503
    browser.cookies.clear()
    assert (await browser.get("/prefect/")).status_code == 401
