"""Passwords: bcrypt in a thread, so that the loop stays free."""

import asyncio
import secrets

from pwdlib import PasswordHash
from pwdlib.hashers.bcrypt import BcryptHasher

from .schemas import BCRYPT_BYTES

_hasher = PasswordHash((BcryptHasher(rounds=12),))
_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_NOBODY = "$2b$12$C6UzMDM.H6dfI/f/IKcEeO7T8h0PQBvYQy6x0c7vVJ5mJ3w3b2n9K"
"""A hash no password has: an unknown user costs the same time as a wrong password."""


def one_time_password() -> str:
    """A password of 119 bits that is easy to copy by hand."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))


def hash_password(password: str) -> str:
    """The bcrypt hash."""
    return _hasher.hash(password)


async def password_matches(password: str, hashed: str | None) -> bool:
    """Whether this is the password; takes as long when there is none to compare with."""
    if len(password.encode()) > BCRYPT_BYTES:
        return False
    matches = await asyncio.to_thread(_hasher.verify, password, hashed or _NOBODY)
    return matches and hashed is not None
