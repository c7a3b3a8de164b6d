"""When, where and by whom credentials may be used, and what is on record of it."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.doubles.gateway import RememberingGateway
from tests.unit.blocks.conftest import fields_of, openssh_certificate, openssh_key, pem_key, x509_certificate

from .world import JOB, add, add_credential, add_job, add_target, take_role

NOW = datetime.now(UTC)
KINDS = (
    "ssh_password", "ssh_key", "winrm", "bearer_token", "api_key", "http_basic", "certificate", "secret_text",
)  # fmt: skip
SECRET_JOB = JOB.replace("unit: {", "token: {type: secret}\n  unit: {").replace("look", "lock")


async def start(api: httpx.AsyncClient, **body: Any) -> httpx.Response:
    return await api.post("/api/v1/runs", json={"job": "look", **body})


async def accesses(api: httpx.AsyncClient, credential: dict[str, Any]) -> list[dict[str, Any]]:
    return (await api.get(f"/api/v1/credentials/{credential['id']}/accesses")).json()["items"]


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_goes_in_and_comes_out_for_who_may_see_it(api: httpx.AsyncClient, kind: str):
    fields = fields_of(kind)
    made = await add(api, "/credentials", {"name": "it", "secret": {"kind": kind, **fields}})
    assert made["kind"] == kind
    for answer in (await api.get("/api/v1/credentials"), await api.get("/api/v1/audit")):
        assert "hush" not in answer.text
        assert "PRIVATE KEY" not in answer.text
    path = f"/api/v1/credentials/{made['id']}/reveal"
    seen = await api.post(path, json={"reason": "a drill of the emergency"})
    assert seen.json()["fields"] == {name: value.replace("\r\n", "\n") for name, value in fields.items()}
    assert seen.headers["Cache-Control"] == "no-store"


async def test_a_certificate_says_how_long_it_is_good(api: httpx.AsyncClient):
    key, soon = pem_key(), NOW + timedelta(days=10)
    secret = {"kind": "certificate", "certificate": x509_certificate(key, until=soon), "private_key": key}
    made = await add(api, "/credentials", {"name": "tls", "secret": secret})
    assert (made["dated_by_certificate"], made["expires_in_days"], made["valid"]) == (True, 9, True)
    assert made["details"]["subject"] == "CN=ops.example.org"
    path = f"/api/v1/credentials/{made['id']}"
    assert (await api.patch(path, json={"valid_until": "2040-01-01T00:00:00Z"})).status_code == 409
    given = await api.post("/api/v1/credentials", json={"name": "b", "secret": secret, "valid_until": NOW.isoformat()})
    assert (given.status_code, given.json()["problems"][0]["path"]) == (422, "valid_until")
    key = pem_key()
    renewed = {
        "kind": "certificate",
        "certificate": x509_certificate(key, until=NOW - timedelta(1)),
        "private_key": key,
    }
    rotated = (await api.post(f"{path}/rotate", json={"secret": renewed})).json()
    assert (rotated["valid"], rotated["expires_in_days"]) == (False, -2)


async def test_dates_go_with_a_certificate(api: httpx.AsyncClient):
    key = openssh_key()
    secret = {"kind": "ssh_key", "username": "ops", "private_key": key}
    certified = {**secret, "certificate": openssh_certificate(key)}
    made = await add(api, "/credentials", {"name": "key", "secret": certified})
    assert (made["dated_by_certificate"], made["details"]["principals"]) == (True, "ops")
    plain = (await api.post(f"/api/v1/credentials/{made['id']}/rotate", json={"secret": secret})).json()
    assert (plain["dated_by_certificate"], plain["valid_until"], plain["version"]) == (False, None, 2)
    assert "principals" not in plain["details"]


async def test_a_new_secret_does_not_keep_an_end_that_has_passed(api: httpx.AsyncClient):
    made = await add_credential(api)
    path = f"/api/v1/credentials/{made['id']}"
    await api.patch(path, json={"valid_until": "2020-02-02T00:00:00Z"})
    body: dict[str, Any] = {"secret": {"kind": "ssh_password", "username": "ops", "password": "battery staple"}}
    refused = await api.post(f"{path}/rotate", json=body)
    [problem] = refused.json()["problems"]
    assert (refused.status_code, problem["path"], "null" in problem["hint"]) == (422, "valid_until", True)
    assert (await api.get(path)).json()["version"] == 1
    rotated = (await api.post(f"{path}/rotate", json={**body, "valid_until": None})).json()
    assert (rotated["version"], rotated["valid"], rotated["valid_until"]) == (2, True, None)


async def test_what_needs_care_is_found(api: httpx.AsyncClient):
    secret = {"kind": "secret_text", "text": "x"}
    dates = {
        "expired": {"valid_until": (NOW - timedelta(days=1)).isoformat()},
        "soon": {"valid_until": (NOW + timedelta(days=5)).isoformat()},
        "later": {"valid_until": (NOW + timedelta(days=90)).isoformat()},
        "stale": {"next_rotation_date": (NOW - timedelta(days=1)).date().isoformat()},
        "quiet": {},
    }
    for name, fields in dates.items():
        await add(api, "/credentials", {"name": name, "secret": secret, **fields})

    async def names(query: str) -> list[str]:
        return [row["name"] for row in (await api.get(f"/api/v1/credentials?{query}")).json()["items"]]

    assert await names("expiring_within_days=30&sort=valid_until") == ["expired", "soon"]
    assert await names("expiring_within_days=0") == ["expired"]
    assert await names("rotation_within_days=0") == ["stale"]
    assert (await names("sort=valid_until"))[:3] == ["expired", "soon", "later"]
    assert (await names("sort=-next_rotation_date"))[-1] == "stale"
    listed = {row["name"]: row for row in (await api.get("/api/v1/credentials")).json()["items"]}
    assert [name for name, row in listed.items() if not row["valid"]] == ["expired"]
    assert [name for name, row in listed.items() if row["rotation_due"]] == ["stale"]
    first = (await api.get("/api/v1/credentials?sort=last_used_at&size=2")).json()
    rest = (await api.get(f"/api/v1/credentials?sort=last_used_at&size=9&cursor={first['next_page']}")).json()
    assert {row["name"] for row in first["items"] + rest["items"]} == dates.keys()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"valid_from": "2030-01-01T00:00:00Z", "valid_until": "2029-01-01T00:00:00Z"}, "valid_until"),
        ({"valid_until": "2029-01-01T00:00:00"}, "valid_until"),
        ({"valid_until": "99999-01-01T00:00:00Z"}, "valid_until"),
        ({"next_rotation_date": "tomorrow"}, "next_rotation_date"),
        ({"allowed_targets": "group:("}, "allowed_targets"),
        ({"allowed_targets": "a\x00"}, "allowed_targets"),
        ({"allowed_targets": ""}, "allowed_targets"),
        ({"allowed_targets": "not group:nobody"}, "allowed_targets"),
        ({"name": None}, "name"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_odd_changes_are_refused_by_name(api: httpx.AsyncClient, change: dict[str, Any], field: str):
    made = await add_credential(api)
    refused = await api.patch(f"/api/v1/credentials/{made['id']}", json=change)
    assert refused.status_code == 422, refused.text
    assert refused.json()["problems"][0]["path"] == field
    assert (await api.get(f"/api/v1/credentials/{made['id']}")).json()["updated_at"] == made["updated_at"]


async def test_an_expired_credential_starts_nothing(api: httpx.AsyncClient):
    made = await add_credential(api)
    await add_target(api, "web01", credential="root")
    await add_job(api)
    path = f"/api/v1/credentials/{made['id']}"
    for dates, words in (
        ({"valid_from": None, "valid_until": "2020-02-02T00:00:00Z"}, "expired at 2020-02-02"),
        ({"valid_from": "2090-02-02T00:00:00Z", "valid_until": None}, "not good before 2090-02-02"),
    ):
        assert (await api.patch(path, json=dates)).status_code == 200
        refused = await start(api)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:opsconductor:problem:credential-expired")
        assert words in refused.json()["detail"]
    assert (await api.get("/api/v1/runs")).json()["items"] == []
    await api.patch(path, json={"valid_from": None})
    assert (await start(api)).status_code == 201


async def test_a_limit_names_groups_as_they_are_written(api: httpx.AsyncClient):
    made = await add_credential(api)
    path = f"/api/v1/credentials/{made['id']}"
    await add_target(api, "web01")
    refused = await api.patch(path, json={"allowed_targets": "not group:Web and not group:w?b*"})
    [problem] = refused.json()["problems"]
    assert (problem["message"], problem["hint"]) == ("there is no group Web", "did you mean web?")
    assert (await api.patch(path, json={"allowed_targets": "not group:web"})).status_code == 200
    [group] = (await api.get("/api/v1/groups")).json()["items"]
    assert (await api.delete(f"/api/v1/groups/{group['id']}?force=true")).status_code == 204
    assert (await api.patch(path, json={"description": "still of use"})).status_code == 200


async def test_a_credential_is_used_only_where_it_may_be(api: httpx.AsyncClient):
    made = await add_credential(api)
    await add_target(api, "web01", credential="root", tags=["prod"])
    await add_target(api, "web02", credential="root")
    await add_job(api)
    await api.patch(f"/api/v1/credentials/{made['id']}", json={"allowed_targets": "tag:prod"})
    preview = (await api.post("/api/v1/runs/preview", json={"job": "look"})).json()
    assert "may not be used on web02" in preview["refusals"][0]["message"]
    refused = await start(api)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:opsconductor:problem:credential-not-allowed")
    assert "may not be used on web02: it is for `tag:prod` only" in refused.json()["detail"]
    assert (await start(api, targets={"select": "tag:prod"})).status_code == 201


async def test_what_a_run_used_is_on_record(api: httpx.AsyncClient):
    root = await add_credential(api)
    token = await add(api, "/credentials", {"name": "deploy-token", "secret": {"kind": "secret_text", "text": "t0"}})
    for name in ("web01", "web02"):
        await add_target(api, name, credential="root")
    await add_job(api, SECRET_JOB)
    body = {"job": "lock", "parameters": {"token": "deploy-token"}}
    run = (await api.post("/api/v1/runs", json=body)).json()
    [used] = await accesses(api, root)
    assert (used["event"], used["by"], used["run_id"], used["targets"]) == ("credential.used", "admin", run["id"], 2)
    [used] = await accesses(api, token)
    assert (used["job"], used["targets"], used["version"]) == ("lock", 0, 1)
    for credential in (root, token):
        assert (await api.get(f"/api/v1/credentials/{credential['id']}")).json()["last_used_at"]


async def test_a_reveal_takes_a_reason_and_leaves_a_row(api: httpx.AsyncClient):
    made = await add_credential(api)
    path = f"/api/v1/credentials/{made['id']}/reveal"
    for body in ({}, {"reason": "  x "}, {"reason": "because\x00"}, {"reason": "a\nb c d"}):
        assert (await api.post(path, json=body)).status_code == 422
    assert await accesses(api, made) == []
    seen = (await api.post(path, json={"reason": "the vault is being moved"})).json()
    assert seen["fields"] == {"username": "ops", "password": "correct horse"}
    [row] = await accesses(api, made)
    assert (row["event"], row["reason"], row["by"]) == ("credential.revealed", "the vault is being moved", "admin")
    assert "correct horse" not in (await api.get("/api/v1/audit")).text


async def test_reveals_are_counted(api: httpx.AsyncClient):
    made = await add_credential(api)
    path, body = f"/api/v1/credentials/{made['id']}/reveal", {"reason": "looking at everything"}
    asked = await asyncio.gather(*(api.post(path, json=body) for _ in range(22)))
    assert sorted(answer.status_code for answer in asked) == [200] * 20 + [429] * 2, "many at once gain nothing"
    refused = await api.post(path, json=body)
    assert int(refused.headers["Retry-After"]) > 0
    assert "correct horse" not in refused.text
    assert len(await accesses(api, made)) == 20
    [denied, *_] = (await api.get("/api/v1/audit?event=request.denied")).json()["items"]
    assert denied["actor_name"] == "admin"


async def test_a_reveal_that_cannot_be_recorded_shows_nothing(api: httpx.AsyncClient, portal_database: str):
    made = await add_credential(api)
    with psycopg.connect(portal_database) as connection:
        connection.execute("ALTER TABLE audit_log ADD CONSTRAINT full_disk CHECK (event <> 'credential.revealed')")
    answer = await api.post(f"/api/v1/credentials/{made['id']}/reveal", json={"reason": "nobody shall know"})
    assert answer.status_code == 500
    assert "correct horse" not in answer.text


async def test_using_is_not_revealing(api: httpx.AsyncClient, portal_database: str):
    made = await add_credential(api)
    path = f"/api/v1/credentials/{made['id']}"
    with psycopg.connect(portal_database) as connection:
        take_role(connection, "operator")
    assert (await api.post(f"{path}/reveal", json={"reason": "I am curious"})).status_code == 403
    assert (await api.get(f"{path}/accesses")).status_code == 403
    assert (await api.get(path)).status_code == 200


@pytest.mark.parametrize("swap", ["documents", "envelopes"])
async def test_swapped_secrets_do_not_open(api: httpx.AsyncClient, gateway: RememberingGateway, swap: str):
    mine, other = await add_credential(api, "mine", "mine-word"), await add_credential(api, "other", "other-word")
    (first, one), (second, two) = gateway.blocks.items()
    if swap == "documents":
        gateway.blocks = {first: two, second: one}
    else:
        sealed = one.data["sealed"], two.data["sealed"]
        one.data.update(sealed=sealed[1])  # pyright: ignore[reportAttributeAccessIssue]
        two.data.update(sealed=sealed[0])  # pyright: ignore[reportAttributeAccessIssue]
    for credential in (mine, other):
        refused = await api.post(f"/api/v1/credentials/{credential['id']}/reveal", json={"reason": "what is in it"})
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:opsconductor:problem:sealed")
        assert "-word" not in refused.text


async def test_without_a_keyring_nothing_is_revealed_or_rotated(api: httpx.AsyncClient, tmp_path: Path):
    made = await add_credential(api)
    (tmp_path / "keyring.json").chmod(0o640)
    path = f"/api/v1/credentials/{made['id']}"
    secret = {"kind": "ssh_password", "username": "ops", "password": "another"}
    for answer in (
        await api.post(f"{path}/reveal", json={"reason": "what is in it"}),
        await api.post(f"{path}/rotate", json={"secret": secret}),
    ):
        assert answer.status_code == 503
        assert "chmod 600" in answer.json()["detail"]
    assert (await api.get(path)).json()["version"] == 1


async def test_an_export_holds_no_secret(api: httpx.AsyncClient):
    for kind in KINDS:
        await add(api, "/credentials", {"name": kind, "secret": {"kind": kind, **fields_of(kind)}})
    answer = await api.get("/api/v1/credentials/export")
    assert [row["kind"] for row in answer.json()["credentials"]] == sorted(KINDS)
    for forbidden in ("hush", "PRIVATE KEY", "oc1.", "block"):
        assert forbidden not in answer.text


async def test_a_credential_of_another_kind_is_no_secret_parameter(api: httpx.AsyncClient):
    await add_credential(api, "deploy-token")
    await add_target(api, "web01")
    await add_job(api, SECRET_JOB)
    refused = await api.post("/api/v1/runs", json={"job": "lock", "parameters": {"token": "deploy-token"}})
    assert refused.json()["problems"][0]["path"] == "parameters.token"


async def test_what_does_not_exist_is_not_found(api: httpx.AsyncClient):
    path = f"/api/v1/credentials/{uuid4()}"
    secret = {"kind": "secret_text", "text": "x"}
    for answer in (
        await api.post(f"{path}/reveal", json={"reason": "what is in it"}),
        await api.post(f"{path}/rotate", json={"secret": secret}),
        await api.get(f"{path}/uses"),
        await api.get(f"{path}/accesses"),
        await api.patch(path, json={"description": "x"}),
    ):
        assert answer.status_code == 404
