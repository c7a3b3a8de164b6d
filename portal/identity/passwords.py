"""Passwords: bcrypt in a thread, so that the loop stays free."""

import asyncio
import secrets
from collections.abc import Sequence

from pwdlib import PasswordHash
from pwdlib.hashers.bcrypt import BcryptHasher
from zxcvbn import zxcvbn

from opsconductor.errors import InvalidInputError, Problem

from .schemas import BCRYPT_BYTES

_hasher = PasswordHash((BcryptHasher(rounds=12),))
_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_NOBODY = "$2b$12$C6UzMDM.H6dfI/f/IKcEeO7T8h0PQBvYQy6x0c7vVJ5mJ3w3b2n9K"
"""A hash no password has: an unknown user costs the same time as a wrong password."""
_SAFE_SCORE = 3
"""zxcvbn's "safely unguessable": more than 10^8 guesses."""
_HINT = "take a few words that do not belong together, or what a password manager makes"


def one_time_password() -> str:
    """A password of 119 bits that is easy to copy by hand."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))


async def hash_password(password: str) -> str:
    """The bcrypt hash."""
    return await asyncio.to_thread(_hasher.hash, password)


async def password_matches(password: str, hashed: str | None) -> bool:
    """Whether this is the password; takes as long when there is none to compare with."""
    if len(password.encode()) > BCRYPT_BYTES:
        return False
    matches = await asyncio.to_thread(_hasher.verify, password, hashed or _NOBODY)
    return matches and hashed is not None


async def check_password(field: str, password: str, username: str, personal: Sequence[str] = ()) -> None:
    """Whether somebody may have this password; how long it is was checked with the request.

    Args:
        field: What the request calls it.
        password: Not more than bcrypt takes.
        username: Must not be in it.
        personal: What else a guesser would try first, such as names and the e-mail address.

    Raises:
        InvalidInputError: It holds the user name, or is one of the first that are guessed.
    """
    if username.lower() in password.lower():
        raise InvalidInputError([Problem(field, "must not hold the user name", _HINT)])
    known = [word for word in (username, *personal, "opsconductor") if word]
    if await asyncio.to_thread(_score, password, known) < _SAFE_SCORE:
        raise InvalidInputError([Problem(field, "is a common password, or easy to guess from one", _HINT)])


def _score(password: str, known: Sequence[str]) -> int:
    return zxcvbn(password, list(known))["score"]
