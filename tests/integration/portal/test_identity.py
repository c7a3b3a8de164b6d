import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey

from opsconductor.errors import SealedError
from portal.identity.tokens import TokenKeys
from tests.fixtures.portal import Prepared, sign_in

from .world import take_role


async def log_in(client: httpx.AsyncClient, password: str, username: str = "admin") -> httpx.Response:
    return await client.post("/api/v1/auth/login", json={"username": username, "password": password})


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_the_one_time_password_signs_in_and_asks_to_be_changed(anonymous: httpx.AsyncClient, prepared: Prepared):
    answer = (await log_in(anonymous, prepared.password, "Admin")).json()
    assert answer["must_change_password"] is True
    change = {"current_password": prepared.password, "new_password": "a much better one"}
    changed = await anonymous.post("/api/v1/auth/password", json=change, headers=bearer(answer["access_token"]))
    assert changed.status_code == 204
    again = await log_in(anonymous, "a much better one")
    assert again.json()["must_change_password"] is False
    assert (await log_in(anonymous, prepared.password)).status_code == 401


async def test_a_wrong_password_is_refused_on_record_and_never_repeated(
    anonymous: httpx.AsyncClient, portal_app: FastAPI
):
    refused = await log_in(anonymous, "wr0ng-but-secret")
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"
    assert "wr0ng" not in refused.text
    entries = await anonymous.get("/api/v1/audit", headers=bearer(await sign_in(portal_app)))
    assert entries.json()["items"][0]["event"] == "auth.failed"
    assert "wr0ng" not in entries.text


async def test_a_refused_body_is_not_repeated(anonymous: httpx.AsyncClient):
    bodies: list[dict[str, Any]] = [
        {"username": "admin", "password": ["hunter2-secret"]},
        {"username": "admin", "password": "hunter2-secret", "role": "admin"},
        {"username": "admin\x00", "password": "hunter2-secret"},
        {"password": "hunter2-secret"},
    ]
    for body in bodies:
        refused = await anonymous.post("/api/v1/auth/login", json=body)
        assert refused.status_code == 422, body
        assert "hunter2" not in refused.text


async def test_refresh_tokens_are_used_once_and_a_replay_ends_the_sign_in(
    anonymous: httpx.AsyncClient, prepared: Prepared, portal_database: str
):
    first = (await log_in(anonymous, prepared.password)).json()
    renew = {"refresh_token": first["refresh_token"]}
    second = (await anonymous.post("/api/v1/auth/refresh", json=renew)).json()
    other_tab = await anonymous.post("/api/v1/auth/refresh", json=renew)
    assert other_tab.status_code == 200, "two tabs at once both survive"
    with psycopg.connect(portal_database) as connection:
        connection.execute("UPDATE session_tokens SET used_at = used_at - interval '1 minute'")
    replayed = await anonymous.post("/api/v1/auth/refresh", json=renew)
    assert replayed.status_code == 401
    assert replayed.json()["type"] == "urn:opsconductor:problem:refresh-token-replayed"
    for token in (second, other_tab.json()):
        renewed = await anonymous.post("/api/v1/auth/refresh", json={"refresh_token": token["refresh_token"]})
        assert renewed.status_code == 401
        assert (await anonymous.get("/api/v1/auth/me", headers=bearer(token["access_token"]))).status_code == 401


async def test_after_logging_out_the_token_is_worth_nothing(api: httpx.AsyncClient):
    assert (await api.post("/api/v1/auth/logout")).status_code == 204
    assert (await api.get("/api/v1/targets")).status_code == 401


async def test_a_disabled_user_is_refused_at_once(api: httpx.AsyncClient, portal_database: str):
    assert (await api.get("/api/v1/targets")).status_code == 200
    with psycopg.connect(portal_database) as connection:
        connection.execute("UPDATE users SET active = false")
    assert (await api.get("/api/v1/targets")).status_code == 401


async def test_a_role_without_the_permission_is_refused_on_record(
    api: httpx.AsyncClient, portal_app: FastAPI, portal_database: str
):
    with psycopg.connect(portal_database) as connection:
        take_role(connection, "viewer")
    refused = await api.post("/api/v1/targets", json={"name": "a", "address": "a.test"})
    assert refused.status_code == 403
    with psycopg.connect(portal_database) as connection:
        take_role(connection, "admin")
    entry = (await api.get("/api/v1/audit", params={"event": "permission.denied"})).json()["items"][0]
    assert entry["facts"] == {"request": "POST /api/v1/targets"}
    assert entry["actor_name"] == "admin"


class Forger:
    """Makes tokens the way attackers do, from a good one's claims."""

    def __init__(self, home: Path, token: str) -> None:
        self.key = KeySet.import_key_set(json.loads((home / "portal-keys.json").read_text())).keys[0]
        self.bare_key = OctKey.import_key(self.key.as_dict(private=True)["k"])
        self.claims = dict(jwt.decode(token, self.key).claims)

    def sign(self, key: OctKey | None = None, **claims: Any) -> str:
        signer = key or self.key
        return jwt.encode({"alg": "HS256", "kid": self.key.kid}, {**self.claims, **claims}, signer)


async def test_forged_tokens_are_refused(anonymous: httpx.AsyncClient, portal_app: FastAPI, tmp_path: Path):
    good = await sign_in(portal_app)
    forger = Forger(tmp_path, good)
    head, body, signature = good.split(".")
    none = f"eyJhbGciOiJub25lIn0.{body}."
    forged = {
        "algorithm none": none,
        "another algorithm": jwt.encode({"alg": "HS512"}, forger.claims, forger.bare_key, algorithms=["HS512"]),
        "another key": forger.sign(OctKey.generate_key(256)),
        "another audience": forger.sign(aud="other"),
        "another issuer": forger.sign(iss="other"),
        "expired": forger.sign(exp=int(time.time()) - 10),
        "no expiry": forger.sign(exp=None),
        "another user": forger.sign(sub="018f0000-0000-7000-8000-000000000000"),
        "not a key": forger.sign(sid="1; DROP TABLE users"),
        "cut": f"{head}.{body}",
        "changed": f"{head}.{body}.{signature[:-2]}AA",
        "huge": "a" * 100_000,
        "empty": "",
    }
    assert (await anonymous.get("/api/v1/auth/me", headers=bearer(good))).status_code == 200
    assert (await anonymous.get("/api/v1/auth/me", headers=bearer(forger.sign()))).status_code == 200
    for name, token in forged.items():
        refused = await anonymous.get("/api/v1/auth/me", headers=bearer(token))
        assert refused.status_code == 401, name


def test_token_keys_that_others_can_read_are_not_used(tmp_path: Path):
    file = tmp_path / "portal-keys.json"
    TokenKeys.load(file)
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o640)
    with pytest.raises(SealedError):
        TokenKeys.load(file)


async def test_sign_ins_end_by_themselves(api: httpx.AsyncClient, portal_database: str):
    with psycopg.connect(portal_database) as connection:
        connection.execute("UPDATE sessions SET expires_at = now() - %s", (timedelta(seconds=1),))
    assert (await api.get("/api/v1/auth/me")).status_code == 401
