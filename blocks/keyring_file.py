"""The keyring's file: who may have it, what stands in it, how it is replaced."""

import fcntl
import json
import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from opsconductor.errors import SealedError

_FORMAT = 1
_MAX_BYTES = 1_000_000
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True, repr=False)
class KeyringFile:
    """What stands in the file.

    Attributes:
        active: Id of the key that seals.
        keys: Keys by id; wrapped when there is a passphrase.
        salt: Of the passphrase; None when the keys are plain.
    """

    active: str
    keys: Mapping[str, bytes]
    salt: bytes | None

    def with_active(self, key_id: str, key: bytes) -> "KeyringFile":
        """The same with one more key, the active one."""
        return replace(self, active=key_id, keys={**self.keys, key_id: key})

    def without(self, key_id: str) -> "KeyringFile":
        """The same with one key less."""
        return replace(self, keys={found: key for found, key in self.keys.items() if found != key_id})


@dataclass(frozen=True, slots=True, repr=False)
class Protection:
    """A passphrase over the keys: scrypt (RFC 7914; n = 2^15, r = 8, p = 1), then AES-256-GCM over each."""

    passphrase: str
    salt: bytes

    @classmethod
    def new(cls, passphrase: str) -> "Protection":
        """With a fresh salt.

        Raises:
            SealedError: The passphrase is empty.
        """
        if not passphrase:
            raise SealedError("an empty passphrase protects nothing")
        return cls(passphrase, os.urandom(16))

    def wrap(self, key_id: str, key: bytes) -> bytes:
        """Encrypt a key."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher().encrypt(nonce, key, key_id.encode())

    def unwrap(self, key_id: str, wrapped: bytes, path: Path) -> bytes:
        """Decrypt a key.

        Raises:
            SealedError: The passphrase is another one, or the file was changed.
        """
        try:
            return self._cipher().decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], key_id.encode())
        except InvalidTag:
            raise SealedError(f"the passphrase of the keyring {path} is wrong") from None

    def _cipher(self) -> AESGCM:
        return AESGCM(Scrypt(salt=self.salt, length=32, n=2**15, r=8, p=1).derive(self.passphrase.encode()))


def read(path: Path) -> KeyringFile:
    """Read and check a keyring's file.

    Raises:
        SealedError: It is missing, not a plain file, owned by another user, open to others, or damaged.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise SealedError(
            f"the keyring {path} is missing; restore it from a backup: nothing else opens what it sealed"
        ) from None
    except OSError as error:
        raise SealedError(f"the keyring {path} cannot be read: {error.strerror}") from None
    try:
        _check_access(path, os.fstat(descriptor))
        content = os.read(descriptor, _MAX_BYTES)
    finally:
        os.close(descriptor)
    try:
        return _parsed(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SealedError(f"the keyring {path} is damaged; restore it from a backup") from None


def write_new(path: Path, content: KeyringFile) -> None:
    """Write a file that does not exist yet.

    Raises:
        SealedError: It exists, or cannot be written.
    """
    try:
        with _written_beside(path, content) as beside:
            os.link(beside, path)  # unlike a rename it never replaces
        _sync_folder(path)
    except FileExistsError:
        raise SealedError(f"there is a keyring at {path} already; it is kept") from None
    except OSError as error:
        raise SealedError(f"the keyring {path} cannot be made: {error.strerror}") from None


@contextmanager
def replacing(path: Path) -> Generator[Callable[[KeyringFile], None]]:
    """Hold off other changers, and give what replaces the file in one move, owner kept.

    Raises:
        SealedError: The file cannot be written; it stays as it was.
    """

    def put(content: KeyringFile) -> None:
        owner = path.stat()
        with _written_beside(path, content) as beside:
            if owner.st_uid != os.geteuid():
                os.chown(beside, owner.st_uid, owner.st_gid)
            beside.rename(path)
        _sync_folder(path)

    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield put
        finally:
            os.close(folder)
    except OSError as error:
        raise SealedError(f"the keyring {path} cannot be changed: {error.strerror}") from None


def _check_access(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise SealedError(f"the keyring {path} is not a plain file")
    allowed = {os.geteuid()} if os.geteuid() else {0, path.parent.stat().st_uid}  # root looks after the service's
    if found.st_uid not in allowed:
        raise SealedError(
            f"the keyring {path} belongs to user {found.st_uid}; give it back: chown {os.geteuid()} {path}"
        )
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise SealedError(
            f"the keyring {path} is open to other users (mode {stat.S_IMODE(found.st_mode):o}): chmod 600 {path}, and "
            "rotate the keys if somebody may have read it"
        )


def _parsed(content: Any) -> KeyringFile:
    if content["format"] != _FORMAT:
        raise ValueError("another format")
    keys = {
        str(key_id): b64decode(key, validate=True) for key_id, key in cast("dict[str, str]", content["keys"]).items()
    }
    salt = content["salt"]
    file = KeyringFile(str(content["active"]), keys, None if salt is None else b64decode(salt, validate=True))
    length = 32 if salt is None else _NONCE_BYTES + 32 + 16
    if file.active not in keys or any(len(key) != length for key in keys.values()):
        raise ValueError("keys are missing or cut")
    return file


@contextmanager
def _written_beside(path: Path, content: KeyringFile) -> Generator[Path]:
    beside = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    keys = {key_id: b64encode(key).decode() for key_id, key in content.keys.items()}
    salt = None if content.salt is None else b64encode(content.salt).decode()
    text = json.dumps({"format": _FORMAT, "active": content.active, "salt": salt, "keys": keys}, indent=1)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        yield beside
    finally:
        beside.unlink(missing_ok=True)


def _sync_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
