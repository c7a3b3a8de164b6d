"""Codes of an authenticator app (RFC 6238), and codes for when it is lost."""

import hashlib
import re
import secrets
from datetime import datetime
from typing import Final

from pyotp import random_base32
from pyotp.exceptions import OTPVerificationError
from pyotp.totp import TOTP

_ISSUER: Final = "OpsConductor"
_STEPS_AROUND: Final = 1
"""A code is taken a step (30 s) early or late: clocks differ, and people type slowly (RFC 6238, 5.2)."""
_APP_CODE: Final = re.compile(r"[0-9]{6}")
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS: Final = 4
RECOVERY_CODES: Final = 10


def new_secret() -> str:
    """160 random bits in base 32, as authenticator apps take them."""
    return random_base32()


def otpauth_uri(secret: str, username: str) -> str:
    """What an app reads from a QR code."""
    return TOTP(secret).provisioning_uri(name=username, issuer_name=_ISSUER)


def plain(code: str) -> str:
    """A code as it was typed, without the spaces and dashes that people put in."""
    return "".join(code.split()).replace("-", "").lower()


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The time step that a code belongs to, if it is one of those that are taken at this time."""
    if _APP_CODE.fullmatch(code) is None:
        return None
    try:
        return TOTP(secret).verify_and_get_timecode(code, for_time=at, valid_window=_STEPS_AROUND)
    except OTPVerificationError:
        return None


def new_recovery_codes() -> list[str]:
    """Ten codes of 79 bits."""
    return ["-".join(_letters() for _ in range(_GROUPS)) for _ in range(RECOVERY_CODES)]


def code_hash(code: str) -> str:
    """How a recovery code is stored: SHA-256 does, since nobody guesses 79 random bits."""
    return hashlib.sha256(plain(code).encode()).hexdigest()


def _letters() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(4))
