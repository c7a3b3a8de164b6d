"""A keyring and keys of every sort."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from blocks.keyring import Keyring


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keyring.json"


@pytest.fixture
def keyring(path: Path) -> Keyring:
    return Keyring.create(path)


def openssh_key(passphrase: str | None = None) -> str:
    return _text(ed25519.Ed25519PrivateKey.generate(), PrivateFormat.OpenSSH, passphrase)


def pem_key(passphrase: str | None = None) -> str:
    return _text(ec.generate_private_key(ec.SECP256R1()), PrivateFormat.PKCS8, passphrase)


def rsa_key() -> str:
    return _text(rsa.generate_private_key(65537, 2048), PrivateFormat.TraditionalOpenSSL, None)


def _text(key: object, form: PrivateFormat, passphrase: str | None) -> str:
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, form, encryption).decode()  # type: ignore[attr-defined]
