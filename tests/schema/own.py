"""Bodies that concern the one who sends them; the matrix has only wrong ones, for it must not sign anybody out."""

from collections.abc import Callable
from typing import Any

from .ground import PASSWORD, Things


def _login(things: Things) -> dict[str, str]:
    return {"username": things["own_name"], "password": PASSWORD}


def _proof(_: Things) -> dict[str, str]:
    return {"password": PASSWORD}


_FACTOR = "POST /api/v1/auth/second-factor"
BODIES: dict[str, Callable[[Things], Any]] = {
    "POST /api/v1/auth/login": _login,
    "POST /api/v1/auth/browser/login": _login,
    "POST /api/v1/auth/refresh": lambda things: {"refresh_token": things["refresh_token"]},
    "POST /api/v1/auth/password": lambda _: {"current_password": PASSWORD, "new_password": "violet gravel ninety moth"},
    _FACTOR: _proof,
    f"{_FACTOR}/recovery-codes": _proof,
    f"{_FACTOR}/disable": _proof,
}
