"""A keyring, and keys and certificates of every sort."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    SSHCertificateBuilder,
    SSHCertificateType,
    load_pem_private_key,
    load_ssh_private_key,
)
from cryptography.x509.oid import NameOID

from blocks.keyring import Keyring

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=90)


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


def x509_certificate(key: str, name: str = "ops.example.org", *, until: datetime = UNTIL) -> str:
    """A certificate that the key signed itself."""
    own: Any = load_pem_private_key(key.encode(), None)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(subject, subject, own.public_key(), 0xBEEF)
        .not_valid_before(SINCE)
        .not_valid_after(until)
        .sign(own, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode()


def openssh_certificate(
    key: str,
    *,
    principals: Sequence[str] = ("ops",),
    kind: SSHCertificateType = SSHCertificateType.USER,
    until: datetime | None = UNTIL,
) -> str:
    """A certificate of the key by an authority of its own."""
    own: Any = load_ssh_private_key(key.encode(), None)
    made = (
        SSHCertificateBuilder()
        .public_key(own.public_key())
        .serial(7)
        .type(kind)
        .key_id(b"ops@example.org")
        .valid_principals([name.encode() for name in principals])
        .valid_after(int(SINCE.timestamp()))
        .valid_before(2**64 - 1 if until is None else int(until.timestamp()))
        .sign(ed25519.Ed25519PrivateKey.generate())
    )
    return made.public_bytes().decode() + "\n"


def fields_of(kind: str) -> dict[str, str]:
    """Good fields of a kind, all that it can have; every short secret is `hush-hush`."""
    tls_key, ssh_key = pem_key(), openssh_key()
    return {
        "ssh_password": {"username": "ops", "password": "hush-hush", "sudo_password": "hush-hush"},
        "ssh_key": {
            "username": "ops",
            "private_key": ssh_key,
            "certificate": openssh_certificate(ssh_key),
            "sudo_password": "hush-hush",
        },
        "winrm": {"username": "ops", "authentication": "kerberos", "domain": "EXAMPLE.ORG", "password": "hush-hush"},
        "bearer_token": {"token": "hush-hush"},
        "api_key": {"key": "hush-hush", "header": "X-API-Key", "prefix": "Token"},
        "http_basic": {"username": "ops", "password": "hush-hush"},
        "certificate": {
            "certificate": x509_certificate(tls_key),
            "chain": x509_certificate(pem_key()),
            "private_key": tls_key,
        },
        "secret_text": {"text": "hush-hush"},
    }[kind]
