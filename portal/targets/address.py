"""What an address of a target may look like."""

import base64
import binascii
import codecs
import ipaddress
import re

_LABEL = re.compile(r"^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$")
_KEY_TYPES = (
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
)


def valid_address(address: str) -> str:
    """A host name (RFC 1123) or an IP address, in its one canonical form.

    Raises:
        ValueError: It is neither.
    """
    text = address.strip().rstrip(".").lower()
    try:
        return str(ipaddress.ip_address(text.removeprefix("[").removesuffix("]")))
    except ValueError:
        pass
    if re.fullmatch(r"[0-9.]+", text):
        raise ValueError("is not a valid IPv4 address")
    if len(text) > 253 or not all(_LABEL.match(label) for label in text.split(".")):
        raise ValueError("must be a host name or an IP address, without port, user or spaces")
    return text


def valid_host_key(key: str) -> str:
    """An OpenSSH public key without its comment (sshd(8), AUTHORIZED_KEYS FILE FORMAT).

    Raises:
        ValueError: It is not one.
    """
    parts = key.split()
    if len(parts) < 2 or parts[0] not in _KEY_TYPES:
        raise ValueError("must be an OpenSSH public key, such as `ssh-ed25519 AAAA…`")
    try:
        blob = base64.b64decode(parts[1], validate=True)
    except binascii.Error:
        raise ValueError("is not base64 after the key type") from None
    # RFC 4253 6.6: the blob repeats the type as its first string.
    if not blob[4:].startswith(parts[0].encode()):
        raise ValueError("the key does not hold what its type says")
    return f"{parts[0]} {parts[1]}"


def valid_encoding(name: str) -> str:
    """The name of a text encoding that Python knows.

    Raises:
        ValueError: It is unknown, or no text encoding.
    """
    try:
        "".encode(name)
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        raise ValueError("is not an encoding known here, such as utf-8, cp850 or latin-1") from None
