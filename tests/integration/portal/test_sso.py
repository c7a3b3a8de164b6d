"""Single sign-on against a real provider."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from portal.app import create_app
from portal.settings import GroupRole, Settings, SsoSettings
from portal.sso.service import challenge_of
from tests.doubles.gateway import RememberingGateway
from tests.fixtures.oidc import CALLBACK, Browser, OidcProvider, start_provider, stop
from tests.fixtures.portal import serving, sign_in

START = "/api/v1/auth/sso/start"
OURS = {"Sec-Fetch-Site": "same-origin"}


def sso_settings(base: Settings, provider: OidcProvider, **changes: Any) -> Settings:
    secret = base.home / "sso.secret"
    secret.touch(0o600)
    secret.write_text(provider.client_secret + "\n")
    sso = SsoSettings(
        issuer=provider.issuer,
        client_id="opsconductor",
        client_secret_file=secret,
        scopes=("openid", "profile", "email", "groups"),
        roles=(GroupRole(group="admins", role="admin"), GroupRole(group="ops", role="operator")),
    )
    return base.model_copy(update={"sso": sso.model_copy(update=changes)})


class Portal:
    """A portal whose users come from the provider."""

    def __init__(self, app: FastAPI, client: httpx.AsyncClient, provider: OidcProvider, database: str) -> None:
        self.app, self.client, self.provider, self.database = app, client, provider, database

    def groups(self, login: str, *groups: str, **claims: Any) -> None:
        self.provider.change(accounts={login: {"groups": list(groups), **claims}})

    async def begin(self, **query: Any) -> str:
        started = await self.client.get(START, params=query)
        assert started.status_code == 303, started.text
        return started.headers["location"]

    async def to_callback(self, login: str, **query: Any) -> str:
        return await Browser(login).sign_in(await self.begin(**query))

    async def sign_in(self, login: str, **query: Any) -> httpx.Response:
        return await self.client.get(await self.to_callback(login, **query))

    async def me(self) -> Mapping[str, Any]:
        answer = await self.client.get("/api/v1/auth/me", headers=OURS)
        assert answer.status_code == 200, answer.text
        return answer.json()["user"]

    async def is_signed_in(self) -> bool:
        return (await self.client.get("/api/v1/auth/me", headers=OURS)).status_code == 200

    async def admin(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {await sign_in(self.app)}"}

    async def audited(self, event: str) -> dict[str, Any]:
        answer = await self.client.get("/api/v1/audit", params={"event": event}, headers=await self.admin())
        return answer.json()["items"][0]["facts"]

    def sql(self, statement: str) -> list[Any]:
        with psycopg.connect(self.database) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


async def open_portal(settings: Settings, provider: OidcProvider) -> AsyncIterator[Portal]:
    app = await asyncio.to_thread(create_app, settings, lambda _: RememberingGateway())
    async with serving(app) as client:
        yield Portal(app, client, provider, settings.database_url)


@pytest.fixture
async def portal(portal_settings: Settings, oidc: OidcProvider) -> AsyncIterator[Portal]:
    async for opened in open_portal(sso_settings(portal_settings, oidc), oidc):
        yield opened


async def test_somebody_new_signs_in_with_the_role_of_their_groups(portal: Portal):
    portal.groups("anna", "ops", "admins", given_name="Anna", email="anna@example.org", email_verified=True)
    back = await portal.sign_in("anna", next="/runs?status=failed")
    assert back.status_code == 200
    assert 'content="0; url=/runs?status=failed"' in back.text
    me = await portal.me()
    assert (me["username"], me["first_name"], me["email"]) == ("anna", "Anna", "anna@example.org")
    assert me["role"] == "admin", "the first mapping wins, not the first group"
    assert (await portal.audited("sso.linked"))["subject"] == "anna"
    assert (await portal.audited("session.opened"))["way"] == "sso"


async def test_groups_decide_anew_at_each_sign_in(portal: Portal):
    portal.groups("ben", "admins")
    await portal.sign_in("ben")
    assert (await portal.me())["role"] == "admin"
    portal.groups("ben", "ops")
    await portal.sign_in("ben")
    assert (await portal.me())["role"] == "operator"
    facts = await portal.audited("user.role_changed")
    assert (facts["before"], facts["after"]) == ("admin", "operator")
    portal.groups("ben", "gardeners")
    refused = await portal.sign_in("ben")
    assert refused.status_code == 403
    assert "none of your groups" in refused.json()["detail"]
    assert (await portal.audited("sso.refused"))["reason"].startswith("none of your groups")
    assert len(portal.sql("SELECT 1 FROM users")) == 2


async def test_whoever_is_in_no_group_gets_the_default_role_where_there_is_one(
    portal_settings: Settings, oidc: OidcProvider
):
    async for portal in open_portal(sso_settings(portal_settings, oidc, default_role="viewer"), oidc):
        portal.groups("cleo")
        await portal.sign_in("cleo")
        assert (await portal.me())["role"] == "viewer"


async def test_nobody_unknown_gets_in_where_users_are_not_created(portal_settings: Settings, oidc: OidcProvider):
    async for portal in open_portal(sso_settings(portal_settings, oidc, create_users=False), oidc):
        portal.groups("dora", "admins")
        refused = await portal.sign_in("dora")
        assert (refused.status_code, "ask an admin" in refused.json()["detail"]) == (403, True)
        assert not await portal.is_signed_in()


async def test_a_local_user_is_linked_by_an_admin_never_by_name_or_address(portal: Portal):
    portal.groups("sub-17", "ops", preferred_username="Admin", email="admin@example.org", email_verified=True)
    portal.sql("UPDATE users SET email = 'admin@example.org' RETURNING 1")
    refused = await portal.sign_in("sub-17")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:opsconductor:problem:sso-username-taken")
    assert not await portal.is_signed_in()
    admin = await portal.admin()
    user_id = portal.sql("SELECT id FROM users")[0][0]
    accounts = f"/api/v1/users/{user_id}/sso"
    linked = await portal.client.post(accounts, json={"subject": "sub-17"}, headers=admin)
    assert linked.status_code == 201
    assert (await portal.client.post(accounts, json={"subject": "sub-17"}, headers=admin)).status_code == 409
    portal.groups("sub-17", "admins", preferred_username="Admin")
    await portal.sign_in("sub-17")
    assert (await portal.me())["id"] == str(user_id)
    listed = (await portal.client.get(accounts, headers=admin)).json()
    assert [account["subject"] for account in listed] == ["sub-17"]
    assert (await portal.client.delete(accounts, headers=admin)).status_code == 204
    assert not await portal.is_signed_in(), "their sign-ins have ended"


async def test_a_disabled_user_is_refused(portal: Portal):
    portal.groups("emil", "admins")
    await portal.sign_in("emil")
    portal.sql("UPDATE users SET active = false WHERE username = 'emil' RETURNING 1")
    assert not await portal.is_signed_in()
    assert (await portal.sign_in("emil")).status_code == 403


async def test_the_way_back_works_once_in_the_browser_that_began_it(portal: Portal):
    portal.groups("finn", "ops")
    url = await portal.to_callback("finn")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(portal.app)) as other_browser:
        assert (await other_browser.get(url)).status_code == 401
    assert (await portal.client.get(url)).status_code == 401, "a try uses it up"
    url = await portal.to_callback("finn")
    assert (await portal.client.get(url)).status_code == 200
    replayed = await portal.client.get(url)
    assert (replayed.status_code, replayed.json()["type"]) == (401, "urn:opsconductor:problem:sso-expired")
    for state in ("", "guessed", "x" * 900):
        unknown = await portal.client.get(f"{CALLBACK}?code=any&state={state}")
        assert unknown.status_code == 401


async def test_a_code_is_taken_once(portal: Portal):
    portal.groups("gina", "ops")
    first = parse_qs(urlsplit(await portal.to_callback("gina")).query)
    used = await portal.client.get(CALLBACK, params={"code": first["code"], "state": first["state"]})
    assert used.status_code == 200
    state = parse_qs(urlsplit(await portal.begin()).query)["state"]
    refused = await portal.client.get(CALLBACK, params={"code": first["code"], "state": state})
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:opsconductor:problem:provider-refused")


async def test_a_code_that_belongs_to_another_sign_in_is_refused(portal: Portal):
    """Login CSRF: an attacker's code with the victim's state fails at PKCE and at the nonce."""
    portal.groups("hugo", "ops")
    attackers = parse_qs(urlsplit(await portal.to_callback("hugo")).query)["code"]
    state = parse_qs(urlsplit(await portal.begin()).query)["state"]
    assert (await portal.client.get(CALLBACK, params={"code": attackers, "state": state})).status_code == 401
    assert not await portal.is_signed_in()


async def test_what_the_provider_refuses_is_said(portal: Portal):
    state = parse_qs(urlsplit(await portal.begin()).query)["state"][0]
    denied = await portal.client.get(CALLBACK, params={"error": "access_denied", "state": state})
    assert (denied.status_code, "access_denied" in denied.json()["detail"]) == (401, True)
    state = parse_qs(urlsplit(await portal.begin()).query)["state"][0]
    odd = await portal.client.get(CALLBACK, params={"error": "<b>call 0900</b>", "state": state})
    assert (odd.status_code, "0900" in odd.text) == (401, False)


NOW = int(time.time())
MISCHIEF: dict[str, dict[str, Any]] = {
    "another nonce": {"claims": {"nonce": "another"}},
    "no nonce": {"without": ["nonce"]},
    "another audience": {"claims": {"aud": "somebody-else"}},
    "two audiences, made for the other": {"claims": {"aud": ["opsconductor", "other"], "azp": "other"}},
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "expired": {"claims": {"exp": NOW - 3600}},
    "no expiry": {"without": ["exp"]},
    "from the future": {"claims": {"iat": NOW + 3600}},
    "no subject": {"without": ["sub"]},
    "algorithm none": {"alg": "none"},
    "signed with the client's secret": {"alg": "HS256"},
    "signed by a stranger under a known key id": {"stranger": True},
    "another access token": {"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
    "groups that are none": {"claims": {"groups": {"admins": True}}},
    "a subject with a line break": {"claims": {"sub": "an\nna"}},
}


@pytest.mark.parametrize("name", MISCHIEF)
async def test_an_id_token_that_is_not_right_signs_nobody_in(portal: Portal, name: str):
    portal.groups("ivan", "admins")
    portal.provider.change(mischief={"path": "/token", **MISCHIEF[name]})
    refused = await portal.sign_in("ivan")
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:opsconductor:problem:id-token-refused")
    assert not await portal.is_signed_in()
    assert len(portal.sql("SELECT 1 FROM users")) == 1
    assert (await portal.audited("sso.refused"))["reason"]
    portal.provider.change(mischief=None)
    assert (await portal.sign_in("ivan")).status_code == 200, "and it was that alone"


async def test_clocks_may_differ_by_a_little(portal: Portal):
    portal.groups("jana", "ops")
    at = int(time.time())
    portal.provider.change(mischief={"path": "/token", "claims": {"exp": at - 20, "iat": at + 20}})
    assert (await portal.sign_in("jana")).status_code == 200


async def test_the_provider_may_change_its_key(portal: Portal):
    portal.groups("kurt", "ops")
    assert (await portal.sign_in("kurt")).status_code == 200
    portal.provider.change(rotate="second")
    assert (await portal.sign_in("kurt")).status_code == 200
    portal.provider.change(rotate="second")  # another key under the same id
    assert (await portal.sign_in("kurt")).status_code == 200


async def test_userinfo_about_somebody_else_is_refused(portal: Portal):
    portal.groups("lena", "ops")
    portal.provider.change(mischief={"path": "/me", "body": {"sub": "other", "groups": ["admins"]}})
    assert (await portal.sign_in("lena")).status_code == 401


async def test_a_provider_that_is_away_is_said_and_nothing_is_kept(portal_settings: Settings, oidc: OidcProvider):
    provider = start_provider()
    try:
        async for portal in open_portal(sso_settings(portal_settings, provider), provider):
            portal.groups("mona", "ops")
            url = await portal.to_callback("mona")
            stop(provider)
            away = await portal.client.get(url)
            assert (away.status_code, away.json()["type"]) == (503, "urn:opsconductor:problem:provider-away")
            assert len(portal.sql("SELECT 1 FROM users")) == 1
        async for portal in open_portal(sso_settings(portal_settings, provider), provider):
            assert (await portal.client.get(START)).status_code == 503
            assert portal.sql("SELECT 1 FROM sso_logins") == []
    finally:
        stop(provider)


DISCOVERY = "/.well-known/openid-configuration"


@pytest.mark.parametrize(
    ("mischief", "said"),
    [
        ({"path": "/token", "bytes": 2_000_000}, "more than 1048576 bytes"),
        ({"path": "/token", "body": {"access_token": "a", "token_type": "Bearer"}}, "brings no ID token"),
        ({"path": "/jwks", "body": {"keys": []}}, "keys cannot be read"),
        ({"path": "/jwks", "body": ["no", "object"]}, "no object"),
        ({"path": DISCOVERY, "body": {"issuer": "https://evil.example"}}, "another name"),
    ],
)
async def test_odd_answers_of_the_provider_are_refused(portal: Portal, mischief: dict[str, Any], said: str):
    portal.groups("nina", "ops")
    if mischief["path"] != DISCOVERY:
        url = await portal.to_callback("nina")
        portal.provider.change(mischief=mischief)
        refused = await portal.client.get(url)
    else:
        portal.provider.change(mischief=mischief)
        refused = await portal.client.get(START)
    assert refused.status_code in (401, 503)
    assert said in refused.json()["detail"]


async def test_requests_go_nowhere_else_than_to_the_provider(portal: Portal, unused_tcp_port: int):
    reached: list[str] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append("somebody")
        writer.close()

    elsewhere = await asyncio.start_server(note, "127.0.0.1", unused_tcp_port)
    described = httpx.get(portal.provider.issuer + DISCOVERY, trust_env=False).json()
    for name in ("token_endpoint", "jwks_uri", "userinfo_endpoint"):
        portal.app.state.sso_provider = type(portal.app.state.sso_provider)(portal.app.state.settings.sso)
        pointed = {**described, name: f"http://127.0.0.1:{unused_tcp_port}/"}
        portal.provider.change(mischief={"path": DISCOVERY, "body": pointed})
        portal.groups("olaf", "ops")
        refused = await portal.sign_in("olaf")
        assert (refused.status_code, "portal.toml does not name" in refused.json()["detail"]) == (503, True), name
    elsewhere.close()
    await elsewhere.wait_closed()
    assert reached == []


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "evil",
        "",
        "/a\nb",
        "/%00\x00",
        "/" + "a" * 600,
    ],
)
async def test_only_paths_of_ours_come_next(portal: Portal, path: str):
    refused = await portal.client.get(START, params={"next": path})
    assert refused.status_code == 422
    assert refused.json()["problems"][0]["path"] == "next"


async def test_a_path_is_shown_escaped(portal: Portal):
    portal.groups("pia", "ops")
    back = await portal.sign_in("pia", next='/a"><script>alert(1)</script>')
    assert "<script>" not in back.text


async def test_a_command_line_gets_its_tokens_with_a_code(portal: Portal):
    portal.groups("quin", "ops")
    verifier = "v" * 43
    back = await portal.sign_in("quin", challenge=challenge_of(verifier), port=43210)
    assert back.status_code == 303
    target = urlsplit(back.headers["location"])
    assert target.netloc == "127.0.0.1:43210"
    code = parse_qs(target.query)["code"][0]
    exchange = "/api/v1/auth/sso/token"
    tokens = await portal.client.post(exchange, json={"code": code, "verifier": verifier})
    assert tokens.json()["username"] == "quin"
    again = await portal.client.post(exchange, json={"code": code, "verifier": verifier})
    assert again.status_code == 401
    shown = await portal.sign_in("quin", challenge=challenge_of(verifier))
    assert "tell nobody" in shown.text
    typed = shown.text.rsplit("<code>", 1)[1].split("</code>")[0]
    stolen = await portal.client.post(exchange, json={"code": typed, "verifier": "w" * 43})
    assert stolen.status_code == 401
    assert (await portal.client.post(exchange, json={"code": f" {typed} ", "verifier": verifier})).status_code == 200


async def test_people_see_a_page_that_says_what_to_do(portal: Portal):
    page = await portal.client.get(f"{CALLBACK}?code=a&state=b", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert "start it again" in page.text


async def test_a_secret_that_others_can_read_is_not_used(portal: Portal, tmp_path: Path):
    (tmp_path / "sso.secret").chmod(0o640)
    sealed = await portal.client.get(START)
    assert (sealed.status_code, "make it 0600" in sealed.json()["detail"]) == (503, True)
    assert portal.provider.client_secret not in sealed.text


async def test_without_a_provider_the_way_is_said(api: httpx.AsyncClient):
    assert (await api.get("/api/v1/auth/sso")).json() == {"enabled": False, "issuer": None}
    missing = await api.get(START)
    assert (missing.status_code, "password" in missing.json()["detail"]) == (404, True)
