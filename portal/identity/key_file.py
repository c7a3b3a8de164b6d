"""The file of signing keys: JSON Web Keys (RFC 7517), the newest first, each with the time it was replaced."""

import fcntl
import json
import os
import secrets
import stat
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from opsconductor.errors import SealedError
from portal.kit.ids import new_id

ALGORITHM = "HS256"
_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key, and when it stopped signing, in seconds of Unix time; None for the one that signs."""

    key: OctKey
    retired_at: int | None = None


def stamp(file: Path) -> tuple[int, ...]:
    """What is different after every change of the file."""
    state = file.stat()
    return state.st_ino, state.st_mtime_ns, state.st_size, state.st_mode


def read(file: Path) -> tuple[SigningKey, ...]:
    """The keys, the one that signs first.

    Raises:
        SealedError: The file is readable by others, or holds no keys.
    """
    if stat.S_IMODE(file.stat().st_mode) & _OTHERS:
        raise SealedError(f"{file} is open to others; make it 0600, or remove it to sign everybody out")
    try:
        kept: list[dict[str, Any]] = json.loads(file.read_text())["keys"]
        keys = tuple(_signing_key(dict(item)) for item in kept)
    except (ValueError, KeyError, TypeError, JoseError) as error:
        raise SealedError(f"{file} holds no keys; remove it to sign everybody out") from error
    if not keys or keys[0].retired_at is not None:
        raise SealedError(f"{file} holds no key that signs; remove it to sign everybody out")
    return keys


def create(file: Path) -> None:
    """Make the file with one key, unless another process has made it."""
    with _alone(file):
        if not file.exists():
            _write_beside(file, [SigningKey(_generate())]).replace(file)


@contextmanager
def rotating(file: Path, lifetime_seconds: int) -> Generator[str]:
    """A new key, by its id. It signs once this ends; when that is by an error, nothing has changed.

    Keys whose tokens have all run out are removed.

    Args:
        file: The keys; made when absent.
        lifetime_seconds: How long a token is valid at most.
    """
    with _alone(file):
        now = int(time.time())
        old = read(file) if file.exists() else ()
        retired = [SigningKey(item.key, item.retired_at or now) for item in old]
        kept = [item for item in retired if (item.retired_at or now) > now - lifetime_seconds]
        fresh = _generate()
        made = _write_beside(file, [SigningKey(fresh), *kept])
        try:
            yield str(fresh.kid)
            made.replace(file)
        finally:
            made.unlink(missing_ok=True)


@contextmanager
def _alone(file: Path) -> Generator[None]:
    """Nobody else writes the file meanwhile; the lock on its folder goes with its holder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _generate() -> OctKey:
    return OctKey.generate_key(256, {"kid": str(new_id()), "use": "sig", "alg": ALGORITHM})


def _signing_key(item: dict[str, Any]) -> SigningKey:
    retired_at = item.pop("retired_at", None)
    return SigningKey(OctKey.import_key(item), None if retired_at is None else int(retired_at))


def _write_beside(file: Path, keys: Sequence[SigningKey]) -> Path:
    retired = [{} if item.retired_at is None else {"retired_at": item.retired_at} for item in keys]
    written = [item.key.as_dict(private=True) | more for item, more in zip(keys, retired, strict=True)]
    made = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        json.dump({"keys": written}, output)
    return made
