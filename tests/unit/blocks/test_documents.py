"""Block documents of credentials: sealed, opened, refused."""

import json
import pickle
from typing import Any

import pytest

from blocks.documents import open_document, reseal_document, seal_document
from blocks.keyring import Keyring
from blocks.kinds import KINDS
from opsconductor.errors import InvalidInputError, SealedError
from opsconductor.sdk.credential import Secret, SSHLogin

from .conftest import openssh_key, pem_key, rsa_key

ODD = "p#'\" ä 💥 $(id) \\ %s {}" + "x" * 4096


def sealed(keyring: Keyring, kind: str, version: int = 1, **fields: str) -> dict[str, Any]:
    return seal_document(kind, fields, keyring, credential_id="c1", version=version)


def opened(keyring: Keyring, kind: str, data: dict[str, Any], **expected: Any) -> Any:
    return open_document(KINDS[kind].slug, data, keyring, **expected)


def test_password(keyring: Keyring) -> None:
    data = sealed(keyring, "ssh_password", username="root", password=ODD, sudo_password="other")
    assert set(data) == {"credential_id", "version", "username", "sealed"}
    assert json.loads(json.dumps(data)) == data
    assert ODD not in data["sealed"]
    login = opened(keyring, "ssh_password", data, credential_id="c1", version=1)
    assert login == SSHLogin("root", password=Secret(ODD), sudo_password=Secret("other"))


@pytest.mark.parametrize("passphrase", [None, "pä ss"])
@pytest.mark.parametrize("make", [openssh_key, pem_key])
def test_private_key(keyring: Keyring, make: Any, passphrase: str | None) -> None:
    key = make(passphrase)
    fields = {"username": "deploy", "private_key": key.replace("\n", "\r\n") + "\n\n", "passphrase": passphrase or ""}
    login = opened(keyring, "ssh_key", sealed(keyring, "ssh_key", **fields))
    assert login == SSHLogin("deploy", private_key=Secret(key), passphrase=Secret(passphrase) if passphrase else None)


def test_rsa_keys_are_taken(keyring: Keyring) -> None:
    assert sealed(keyring, "ssh_key", username="deploy", private_key=rsa_key())


def test_text(keyring: Keyring) -> None:
    data = sealed(keyring, "secret_text", text="line\nline", username="")
    assert "username" not in data
    assert opened(keyring, "secret_text", data) == Secret("line\nline")


@pytest.mark.parametrize(
    ("kind", "fields", "field", "message"),
    [
        ("ssh_password", {"password": "hush"}, "username", "is missing"),
        ("ssh_password", {"username": "root"}, "password", "is missing"),
        ("ssh_password", {"username": "root", "password": ""}, "password", "is missing"),
        ("ssh_password", {"username": "a\nb", "password": "hush"}, "username", "control characters"),
        ("ssh_password", {"username": "r" * 300, "password": "hush"}, "username", "more than 256"),
        ("ssh_password", {"username": "root", "password": "hush\n"}, "password", "line break"),
        ("ssh_password", {"username": "root", "password": "hush\0"}, "password", "NUL"),
        ("ssh_password", {"username": "root", "password": "hush" * 20_000}, "password", "longer than"),
        ("ssh_password", {"username": "root", "password": "hush\ud800"}, "password", "half a character"),
        ("ssh_password", {"username": "root", "password": "hush", "role": "hush"}, "role", "no such field"),
        ("ssh_key", {"username": "root", "private_key": "hush"}, "private_key", "is not a private key"),
        ("ssh_key", {"username": "root", "private_key": "ssh-ed25519 hush"}, "private_key", "is a public key"),
        ("ssh_key", {"username": "root", "private_key": "PuTTY-User-Key-File-3: hush"}, "private_key", "PuTTY"),
        (
            "ssh_key",
            {"username": "root", "private_key": "-----BEGIN OPENSSH PRIVATE KEY-----\nhush\n"},
            "private_key",
            "damaged",
        ),
        ("ssh_key", {"username": "root", "private_key": openssh_key("hush")}, "passphrase", "is missing"),
        ("ssh_key", {"username": "root", "private_key": pem_key("hush")}, "passphrase", "is missing"),
        (
            "ssh_key",
            {"username": "root", "private_key": openssh_key("x"), "passphrase": "hush"},
            "passphrase",
            "does not open",
        ),
        ("ssh_key", {"username": "root", "private_key": pem_key("x"), "passphrase": "hush"}, "passphrase", "not open"),
        (
            "ssh_key",
            {"username": "root", "private_key": openssh_key(), "passphrase": "hush"},
            "passphrase",
            "not needed",
        ),
        ("ssh_key", {"username": "root", "private_key": pem_key(), "passphrase": "hush"}, "passphrase", "not needed"),
        ("secret_text", {"text": ""}, "text", "is missing"),
        ("secret_text", {"text": "hush", "username": "root"}, "username", "no such field"),
        ("ftp", {"text": "hush"}, "kind", "is unknown"),
    ],
)
def test_refused(keyring: Keyring, kind: str, fields: dict[str, str], field: str, message: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        sealed(keyring, kind, **fields)
    [problem] = refusal.value.problems
    assert problem.path == field
    assert message in problem.message
    chain = repr(refusal.value) + repr(refusal.value.__cause__) + str(refusal.value)
    assert "hush" not in chain
    assert refusal.value.__context__ is None or refusal.value.__suppress_context__


def test_all_problems_at_once(keyring: Keyring) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        sealed(keyring, "ssh_key", username="", color="red")
    assert {problem.path for problem in refusal.value.problems} == {"username", "private_key", "color"}


def test_a_document_of_another_credential_is_refused(keyring: Keyring) -> None:
    data = sealed(keyring, "secret_text", text="a", version=2)
    with pytest.raises(SealedError, match="holds credential c1, not c2"):
        opened(keyring, "secret_text", data, credential_id="c2")
    with pytest.raises(SealedError, match="at version 2, not 1"):
        opened(keyring, "secret_text", data, version=1)


@pytest.mark.parametrize("change", [{"credential_id": "c2"}, {"version": 3}, {"sealed": ""}])
def test_a_changed_document_does_not_open(keyring: Keyring, change: dict[str, Any]) -> None:
    with pytest.raises(SealedError):
        opened(keyring, "secret_text", {**sealed(keyring, "secret_text", text="a"), **change})


def test_an_envelope_of_another_kind_does_not_open(keyring: Keyring) -> None:
    data = sealed(keyring, "secret_text", text="a")
    with pytest.raises(SealedError):
        opened(keyring, "ssh_password", {**data, "username": "root"})
    with pytest.raises(SealedError, match="type webhook is no credential"):
        open_document("webhook", data, keyring)
    with pytest.raises(SealedError, match="does not say which credential"):
        opened(keyring, "secret_text", {"sealed": data["sealed"]})


def test_opened_values_hide_their_secrets(keyring: Keyring) -> None:
    login = opened(keyring, "ssh_password", sealed(keyring, "ssh_password", username="root", password="hush-hush"))
    for shown in (repr(login), str(login), f"{login}", f"{login.password:>20}", repr([login]), repr(vars)):
        assert "hush-hush" not in shown
    for value in (login, login.password):
        with pytest.raises(TypeError):
            pickle.dumps(value)
        with pytest.raises(TypeError):
            json.dumps(value)


def test_resealing(keyring: Keyring) -> None:
    data = sealed(keyring, "secret_text", text="a")
    slug = KINDS["secret_text"].slug
    assert reseal_document(slug, data, keyring) is None
    old = keyring.active
    keyring.rotate()
    again = reseal_document(slug, data, keyring)
    assert again is not None
    assert old not in again["sealed"]
    keyring.retire(old)
    assert opened(keyring, "secret_text", again) == Secret("a")
