"""Private keys as people paste them: is it one, and does the passphrase open it?"""

import binascii
import re
from base64 import b64encode
from hashlib import sha256

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from opsconductor.errors import Problem

_OPENSSH = "-----BEGIN OPENSSH PRIVATE KEY-----"
_FIELD = "private_key"
_KINDS = "use ed25519, ECDSA or RSA"


def normalized(text: str) -> str:
    """The same key with plain line ends, as every reader takes it."""
    return "\n".join(line.strip() for line in text.strip().splitlines()) + "\n"


def check_private_key(text: str, passphrase: str | None, *, for_tls: bool = False) -> list[Problem]:
    """Say what is wrong with a private key or its passphrase; shows neither."""
    foreign = _foreign(text)
    if foreign:
        return [foreign]
    if for_tls and text.startswith(_OPENSSH):
        return [Problem(_FIELD, "is in OpenSSH's format, which TLS does not read", "ssh-keygen -p -m PKCS8 -f KEY")]
    try:
        key = read_private_key(text, passphrase)
    except TypeError:
        if passphrase is None:
            return [Problem("passphrase", "is missing: the private key is encrypted")]
        return [Problem("passphrase", "is not needed: the private key is not encrypted", "leave it out")]
    except UnsupportedAlgorithm:
        return [Problem(_FIELD, "is of a kind that is not supported", _KINDS)]
    except (ValueError, binascii.Error):
        if passphrase is not None:
            return [Problem("passphrase", "does not open the private key, or the key is damaged")]
        return [Problem(_FIELD, "is damaged or cut off", "paste the whole file, from BEGIN to END")]
    return [] if _openssh_public(key) else [Problem(_FIELD, "is of a kind that is not supported", _KINDS)]


def read_private_key(text: str, passphrase: str | None) -> PrivateKeyTypes:
    """The key itself.

    Raises:
        ValueError: It is damaged, or the passphrase is another one.
        TypeError: A passphrase is missing, or given for nothing.
        UnsupportedAlgorithm: It is of another kind.
    """
    load = load_ssh_private_key if text.startswith(_OPENSSH) else load_pem_private_key
    return load(text.encode(), None if passphrase is None else passphrase.encode())


def key_facts(text: str, passphrase: str | None) -> dict[str, str]:
    """What may be shown of a private key that was checked: kind and fingerprint of its public half."""
    kind, blob = _openssh_public(read_private_key(text, passphrase)).split()[:2]
    digest = sha256(binascii.a2b_base64(blob)).digest()
    return {"key_type": kind.decode(), "fingerprint": f"SHA256:{b64encode(digest).decode().rstrip('=')}"}


def _foreign(text: str) -> Problem | None:
    if text.startswith("PuTTY-User-Key-File"):
        return Problem(_FIELD, "is in PuTTY's format", "export it: puttygen KEY -O private-openssh")
    if re.match(r"(ssh-|ecdsa-|sk-|-----BEGIN (SSH2 )?PUBLIC)", text):
        return Problem(_FIELD, "is a public key", "paste the other file, the one without .pub")
    if not text.startswith("-----BEGIN ") or "PRIVATE KEY-----" not in text:
        return Problem(_FIELD, "is not a private key", "it begins with -----BEGIN … PRIVATE KEY-----")
    return None


def _openssh_public(key: PrivateKeyTypes) -> bytes:
    """The public half as OpenSSH writes it; empty for kinds of keys that nobody signs in with."""
    try:
        return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    except (ValueError, UnsupportedAlgorithm):
        return b""
