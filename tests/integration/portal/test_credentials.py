from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from blocks.documents import open_document
from blocks.keyring import Keyring
from opsconductor.sdk.credential import Secret, SSHLogin
from tests.doubles.gateway import RememberingGateway

from .world import JOB, add, add_credential, add_job, add_target

PASSWORD = "p#ss 'wörd\" 😀"


def private_key(passphrase: str | None = None) -> str:
    lock = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, lock).decode()


async def test_a_secret_goes_in_and_never_comes_out(
    api: httpx.AsyncClient, gateway: RememberingGateway, tmp_path: Path
):
    secret = {"kind": "ssh_password", "username": "ops", "password": PASSWORD}
    made = await api.post("/api/v1/credentials", json={"name": "root", "secret": secret})
    listed = await api.get("/api/v1/credentials")
    audited = await api.get("/api/v1/audit")
    for answer in (made, listed, audited):
        assert "wörd" not in answer.text
    (order,) = gateway.blocks.values()
    assert "wörd" not in repr(order)
    opened = open_document(order.block_type, order.data, Keyring.load(tmp_path / "keyring.json"))
    assert opened == SSHLogin("ops", password=Secret(PASSWORD))


async def test_without_a_keyring_nothing_is_kept(api: httpx.AsyncClient, gateway: RememberingGateway, tmp_path: Path):
    body = {"name": "root", "secret": {"kind": "secret_text", "text": "s3cret"}}
    (tmp_path / "keyring.json").chmod(0o644)
    open_to_others = await api.post("/api/v1/credentials", json=body)
    (tmp_path / "keyring.json").unlink()
    missing = await api.post("/api/v1/credentials", json=body)
    for answer in (open_to_others, missing):
        assert answer.status_code == 503
        assert answer.json()["type"] == "urn:opsconductor:problem:sealed"
        assert "s3cret" not in answer.text
    assert gateway.blocks == {}
    assert (await api.get("/api/v1/credentials")).json()["items"] == []


async def test_while_prefect_is_away_nothing_is_kept(api: httpx.AsyncClient, gateway: RememberingGateway):
    gateway.away = True
    refused = await api.post("/api/v1/credentials", json={"name": "a", "secret": {"kind": "secret_text", "text": "x"}})
    assert (refused.status_code, refused.json()["retryable"]) == (503, True)
    assert (await api.get("/api/v1/credentials")).json()["items"] == []


async def test_a_new_secret_is_a_new_version(api: httpx.AsyncClient, gateway: RememberingGateway):
    made = await add_credential(api)
    path = f"/api/v1/credentials/{made['id']}"
    renamed = (await api.patch(path, json={"name": "ops", "description": "for all"})).json()
    assert (renamed["name"], renamed["version"]) == ("ops", 1)
    secret = {"kind": "ssh_password", "username": "deploy", "password": "another"}
    rotated = (await api.post(f"{path}/rotate", json={"secret": secret})).json()
    assert (rotated["username"], rotated["version"]) == ("deploy", 2)
    assert {order.data["version"] for order in gateway.blocks.values()} == {1, 2}, "a run may still need the first"
    other_kind = await api.post(f"{path}/rotate", json={"secret": {"kind": "secret_text", "text": "x"}})
    assert other_kind.status_code == 409


async def test_a_credential_in_use_stays(api: httpx.AsyncClient):
    made = await add_credential(api)
    target = await add_target(api, "web01", credential="ROOT")
    path = f"/api/v1/credentials/{made['id']}"
    assert (await api.get(path)).json()["used_by"] == ["web01"]
    refused = await api.delete(path)
    assert refused.status_code == 409
    assert "web01" in refused.json()["detail"]
    await api.delete(f"/api/v1/targets/{target['id']}")
    assert (await api.delete(path)).status_code == 204
    assert (await api.get(path)).status_code == 404


async def test_a_credential_that_a_job_names_for_a_parameter_stays(api: httpx.AsyncClient):
    secret = {"kind": "secret_text", "text": "t0ken"}
    made = await add(api, "/credentials", {"name": "Token", "secret": secret})
    path = f"/api/v1/credentials/{made['id']}"
    parameters = "unit: {type: string, default: nginx.service, pattern: '^[a-z.]+$'}"
    job = await add_job(api, JOB.replace(parameters, "token: {type: secret, credential: token}"))
    uses = (await api.get(f"{path}/uses")).json()
    assert uses["parameters"] == {"total": 1, "items": [{"id": job["id"], "name": "look"}]}
    refused = await api.delete(path)
    assert (refused.status_code, "parameters: look" in refused.json()["detail"]) == (409, True)
    refused = await api.patch(path, json={"name": "other"})
    assert (refused.status_code, "parameters: look" in refused.json()["detail"]) == (409, True)
    assert (await api.patch(path, json={"name": "TOKEN", "description": "of the registry"})).json()["name"] == "TOKEN"
    assert (await api.patch(f"/api/v1/jobs/{job['id']}", json={"yaml": JOB})).is_success
    assert (await api.get(f"{path}/uses")).json()["parameters"]["total"] == 0, "its newest version names it no more"
    assert (await api.patch(path, json={"name": "other"})).json()["name"] == "other"
    assert (await api.delete(path)).status_code == 204


async def test_private_keys_are_tried_before_they_are_kept(api: httpx.AsyncClient):
    locked = private_key("open sesame")
    good = {"kind": "ssh_key", "username": "ops", "private_key": locked, "passphrase": "open sesame"}
    made = await add(api, "/credentials", {"name": "key", "secret": good})
    assert made["kind"] == "ssh_key"
    for wrong in ({"passphrase": "wrong"}, {"private_key": "-----BEGIN NONSENSE-----"}, {"passphrase": None}):
        refused = await api.post("/api/v1/credentials", json={"name": "other", "secret": good | wrong})
        assert refused.status_code == 422, wrong
        assert refused.json()["problems"][0]["path"].startswith("secret.")
        assert locked.splitlines()[1] not in refused.text


async def test_refused_secrets_are_not_repeated(api: httpx.AsyncClient):
    secrets: list[dict[str, str]] = [
        {"kind": "ssh_password", "username": "ops", "password": ""},
        {"kind": "ssh_password", "username": "", "password": "hunter2"},
        {"kind": "ssh_password", "username": "-oops", "password": "hunter2"},
        {"kind": "ssh_password", "username": "ops", "password": "hunter2\x00"},
        {"kind": "ssh_password", "username": "ops", "password": "hunter2\n"},
        {"kind": "telepathy", "password": "hunter2"},
        {"kind": "secret_text", "text": "hunter2", "username": "ops"},
    ]
    for secret in secrets:
        refused = await api.post("/api/v1/credentials", json={"name": "a", "secret": secret})
        assert refused.status_code == 422, secret
        assert "hunter2" not in refused.text
