"""Private keys as people paste them."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

_OPENSSH = "-----BEGIN OPENSSH PRIVATE KEY-----"


def private_key_problem(text: str, passphrase: str | None) -> str | None:
    """Why a private key cannot be used; None when it can. Never repeats any of it."""
    data = text.strip().encode() + b"\n"
    secret = passphrase.encode() if passphrase else None
    load = load_ssh_private_key if text.strip().startswith(_OPENSSH) else load_pem_private_key
    try:
        load(data, secret)
    except TypeError:
        return "needs a passphrase" if secret is None else "has no passphrase; leave the passphrase out"
    except (ValueError, UnsupportedAlgorithm):
        return "is not a private key in OpenSSH or PEM form, or its passphrase is wrong"
    return None
