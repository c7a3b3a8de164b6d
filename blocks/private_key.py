"""Private keys as people paste them: is it one, and does the passphrase open it?"""

import binascii
import re

from cryptography.exceptions import UnsupportedAlgorithm

from opsconductor.errors import Problem

_OPENSSH = "-----BEGIN OPENSSH PRIVATE KEY-----"
_FIELD = "private_key"


def normalized(text: str) -> str:
    """The same key with plain line ends, as every reader takes it."""
    return "\n".join(line.strip() for line in text.strip().splitlines()) + "\n"


def check_private_key(text: str, passphrase: str | None) -> list[Problem]:
    """Say what is wrong with a private key or its passphrase; shows neither."""
    foreign = _foreign(text)
    if foreign:
        return [foreign]
    try:
        _load(text, passphrase)
    except TypeError:
        if passphrase is None:
            return [Problem("passphrase", "is missing: the private key is encrypted")]
        return [Problem("passphrase", "is not needed: the private key is not encrypted", "leave it out")]
    except UnsupportedAlgorithm:
        return [Problem(_FIELD, "is of a kind that is not supported", "use ed25519, ECDSA or RSA")]
    except (ValueError, binascii.Error):
        if passphrase is not None:
            return [Problem("passphrase", "does not open the private key, or the key is damaged")]
        return [Problem(_FIELD, "is damaged or cut off", "paste the whole file, from BEGIN to END")]
    return []


def _foreign(text: str) -> Problem | None:
    if text.startswith("PuTTY-User-Key-File"):
        return Problem(_FIELD, "is in PuTTY's format", "export it: puttygen KEY -O private-openssh")
    if re.match(r"(ssh-|ecdsa-|sk-|-----BEGIN (SSH2 )?PUBLIC)", text):
        return Problem(_FIELD, "is a public key", "paste the other file, the one without .pub")
    if not text.startswith("-----BEGIN ") or "PRIVATE KEY-----" not in text:
        return Problem(_FIELD, "is not a private key", "it begins with -----BEGIN … PRIVATE KEY-----")
    return None


def _load(text: str, passphrase: str | None) -> None:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    load = load_ssh_private_key if text.startswith(_OPENSSH) else load_pem_private_key
    load(text.encode(), None if passphrase is None else passphrase.encode())
