"""Signing keys: rotated under running portals, and tokens that somebody else made."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from opsconductor.errors import SealedError
from portal.identity.key_file import rotating
from portal.identity.tokens import TokenKeys
from tests.fixtures.portal import sign_in

from .test_identity import Forger, bearer

ME = "/api/v1/auth/me"


def signed_with_nothing(token: str) -> str:
    """The same token, signed by a key that anybody has; no library makes one."""
    signed = token.rpartition(".")[0]
    digest = hmac.new(b"", signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def rotate(file: Path) -> str:
    with rotating(file, 900) as key:
        return key


async def status(client: httpx.AsyncClient, token: str) -> int:
    return (await client.get(ME, headers=bearer(token))).status_code


async def test_a_new_key_signs_at_once_and_old_tokens_last_as_long_as_they_would(
    anonymous: httpx.AsyncClient, portal_app: FastAPI, portal_database: str, tmp_path: Path
):
    file = tmp_path / "portal-keys.json"
    old = await sign_in(portal_app)
    forger = Forger(tmp_path, old)
    environment = {**os.environ, "OPSCONDUCTOR_HOME": str(tmp_path), "OPSCONDUCTOR_DATABASE_URL": portal_database}
    command = [sys.executable, "-m", "portal.admin", "rotate-token-keys"]
    done = await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True, text=True, check=True)
    key = json.loads(done.stdout)["key"]
    assert file.stat().st_mode & 0o777 == 0o600
    new = await sign_in(portal_app)
    assert Forger(tmp_path, new).key.kid == key
    assert (await status(anonymous, old), await status(anonymous, new)) == (200, 200)
    entry = (await anonymous.get("/api/v1/audit", params={"event": "token_keys.rotated"}, headers=bearer(new))).json()
    assert [item["subject_id"] for item in entry["items"]] == [key]
    written = json.loads(file.read_text())
    written["keys"][1]["retired_at"] = int(time.time()) - 900 - 11
    file.write_text(json.dumps(written))
    assert (await status(anonymous, old), await status(anonymous, new)) == (401, 200)
    assert await status(anonymous, forger.sign(exp=int(time.time()) + 10**6)) == 401, (
        "a stolen old key is worth nothing"
    )
    rotate(file)
    assert len(json.loads(file.read_text())["keys"]) == 2, "keys whose tokens ran out are removed"


def test_while_the_database_is_away_no_key_is_rotated(tmp_path: Path):
    file = tmp_path / "portal-keys.json"
    rotate(file)
    before = file.read_bytes()
    nowhere = f"postgresql:///ops?host={tmp_path}"
    environment = {**os.environ, "OPSCONDUCTOR_HOME": str(tmp_path), "OPSCONDUCTOR_DATABASE_URL": nowhere}
    command = [sys.executable, "-m", "portal.admin", "rotate-token-keys"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert str(tmp_path) in done.stderr, "it says which database is away"
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if "portal-keys" in path.name] == [file.name]


def test_rotations_at_once_lose_no_key(tmp_path: Path):
    file = tmp_path / "portal-keys.json"
    with ThreadPoolExecutor(12) as threads:
        made = set(threads.map(rotate, [file] * 48))
    kept = json.loads(file.read_text())["keys"]
    assert {key["kid"] for key in kept} == made
    assert ["retired_at" in key for key in kept] == [False] + [True] * 47


async def test_without_its_file_everybody_is_signed_out_and_a_new_one_is_made(
    anonymous: httpx.AsyncClient, portal_app: FastAPI, tmp_path: Path
):
    old = await sign_in(portal_app)
    (tmp_path / "portal-keys.json").unlink()
    assert await status(anonymous, old) == 401
    assert await status(anonymous, await sign_in(portal_app)) == 200


async def test_a_file_that_becomes_readable_by_others_or_breaks_is_not_used(
    anonymous: httpx.AsyncClient, portal_app: FastAPI, tmp_path: Path
):
    file = tmp_path / "portal-keys.json"
    token = await sign_in(portal_app)
    file.chmod(0o644)
    assert await status(anonymous, token) == 503
    file.chmod(0o600)
    assert await status(anonymous, token) == 200
    for broken in ("", "[]", "{}", '{"keys": []}', '{"keys": [7]}', '{"keys": [{"kty": "oct"}]}'):
        file.write_text(broken)
        assert await status(anonymous, token) == 503, broken
        with pytest.raises(SealedError):
            TokenKeys.load(file)


async def test_tokens_that_somebody_else_made_are_refused(
    anonymous: httpx.AsyncClient, portal_app: FastAPI, tmp_path: Path
):
    good = await sign_in(portal_app)
    forger = Forger(tmp_path, good)
    now = int(time.time())
    kid = forger.key.kid
    own = OctKey.generate_key(256)
    rsa = RSAKey.generate_key(2048)
    forged = {
        "an empty key": signed_with_nothing(good),
        "an unknown key": jwt.encode({"alg": "HS256", "kid": str(uuid4())}, forger.claims, forger.bare_key),
        "no key named": jwt.encode({"alg": "HS256"}, forger.claims, forger.bare_key),
        "a key of its own": jwt.encode({"alg": "HS256", "kid": kid, "jwk": own.as_dict()}, forger.claims, own),
        "RS256": jwt.encode({"alg": "RS256", "kid": kid}, forger.claims, rsa),
        "not yet": forger.sign(nbf=now + 60),
        "no beginning": forger.sign(nbf=None),
        "issued in the future": forger.sign(iat=now + 60),
        "just over": forger.sign(exp=now - 11),
        "an end that is none": forger.sign(exp="tomorrow"),
        "an end that never comes": forger.sign(exp=float("inf")),
        "two audiences, none ours": forger.sign(aud=["a", "b"]),
        "a session of somebody else": forger.sign(sid="018f0000-0000-7000-8000-000000000000"),
        "lists": forger.sign(sub=["x"], sid={"a": 1}),
        "no object": good.split(".")[0] + ".W10." + good.split(".")[2],
        "a JWE": "a.b.c.d.e",
        "dots": "." * 3000,
        "NUL": "a\x00b",
    }  # fmt: skip
    assert await status(anonymous, forger.sign()) == 200
    assert await status(anonymous, forger.sign(exp=now - 5, iat=now + 5, nbf=now + 5)) == 200, (
        "clocks may differ a little"
    )
    for name, token in forged.items():
        assert await status(anonymous, token) == 401, name


async def test_a_header_of_5_mb_does_no_harm(anonymous: httpx.AsyncClient, portal_app: FastAPI, served: str):
    good = await sign_in(portal_app)
    async with httpx.AsyncClient(base_url=f"http://{served}", trust_env=False) as client:
        with suppress(httpx.TransportError):  # it may hang up before it has read all
            assert await status(client, "a" * 5_000_000) in (400, 401, 431)
        assert await status(client, good) == 200
