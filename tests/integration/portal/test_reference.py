import base64
import hashlib
import re
from html import unescape

import httpx

from portal.reference.page import render


async def test_every_operation_is_on_the_page(anonymous: httpx.AsyncClient):
    page = await anonymous.get("/docs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    described = (await anonymous.get("/api/v1/openapi.json")).json()
    listed = re.findall(r'<summary><b class="\w+">(\w+)</b> <code>([^<]+)</code>', page.text)
    wanted = [(method.upper(), path) for path, methods in described["paths"].items() for method in methods]
    assert sorted(listed) == sorted(wanted)
    assert "By name; a secret's value is the name of a credential." in unescape(page.text)


async def test_the_page_works_under_its_policy_and_loads_nothing(anonymous: httpx.AsyncClient):
    page = await anonymous.get("/docs")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    (style,) = re.findall(r"<style>(.*?)</style>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy
    assert re.findall(r"<script|<link|<img|url\(|@import|\son\w+=| style=", page.text) == []


def test_what_an_author_wrote_is_text():
    hostile = {"get": {"description": "<script>alert(1)</script>", "responses": {}}}
    assert "<script>" not in render({"paths": {"/x": hostile}}, "http://portal.test")
