"""The keyring: the keys that seal credentials, in one 0600 file, never in an environment or a database."""

import os
import secrets
from pathlib import Path
from typing import NoReturn, final

from opsconductor.errors import SealedError

from .keyring_file import KeyringFile, Protection, read, replacing, write_new

_KEY_BYTES = 32


@final
class Keyring:
    """Key-encryption keys. One is active: it seals; the others still open.

    Made by `create` and `load`.
    """

    __slots__ = ("_file", "_keys", "_protection", "path")

    def __init__(self, path: Path, file: KeyringFile, keys: dict[str, bytes], protection: Protection | None) -> None:
        self.path = path
        self._file = file
        self._keys = keys
        self._protection = protection

    @classmethod
    def create(cls, path: Path, *, passphrase: str | None = None) -> "Keyring":
        """Make a keyring with one key. An existing file is never overwritten.

        Args:
            path: Where; mode 0600, the folder must exist.
            passphrase: Encrypts the keys in the file (scrypt); it is then needed at every start.

        Raises:
            SealedError: There is a file already, or it cannot be written.
        """
        protection = Protection.new(passphrase) if passphrase is not None else None
        keyring = cls(path, KeyringFile("", {}, protection.salt if protection else None), {}, protection)
        keyring._add_key()
        write_new(path, keyring._file)
        return keyring

    @classmethod
    def load(cls, path: Path, *, passphrase: str | None = None) -> "Keyring":
        """Read a keyring.

        Raises:
            SealedError: It is missing, damaged, open to other users, owned by another one, or the passphrase is
                missing or wrong. Says what to do.
        """
        file = read(path)
        if file.salt is None:
            if passphrase is not None:
                raise SealedError(f"the keyring {path} has no passphrase; leave it out")
            return cls(path, file, dict(file.keys), None)
        if passphrase is None:
            raise SealedError(f"the keyring {path} has a passphrase; give it at start")
        protection = Protection(passphrase, file.salt)
        keys = {key_id: protection.unwrap(key_id, wrapped, path) for key_id, wrapped in file.keys.items()}
        return cls(path, file, keys, protection)

    @property
    def active(self) -> str:
        """Id of the key that seals."""
        return self._file.active

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Ids of all keys."""
        return tuple(self._keys)

    def key(self, key_id: str) -> bytes:
        """A key.

        Raises:
            SealedError: The keyring has no such key.
        """
        try:
            return self._keys[key_id]
        except KeyError:
            raise SealedError(
                f"the keyring {self.path} has no key {key_id}, which sealed this credential; restore the keyring of "
                "that time, or store the credential again"
            ) from None

    def rotate(self) -> str:
        """Add a key and make it the active one; gives its id. What older keys sealed still opens.

        Raises:
            SealedError: The file cannot be read or written; the old one stays as it was.
        """
        with replacing(self.path) as replace:
            self._reload()
            self._add_key()
            replace(self._file)
        return self.active

    def retire(self, key_id: str) -> None:
        """Remove a key for ever. Only when nothing is sealed with it any more.

        Raises:
            SealedError: It is the active one or unknown, or the file cannot be written.
        """
        with replacing(self.path) as replace:
            self._reload()
            if key_id == self.active:
                raise SealedError(f"key {key_id} is the active one; rotate first")
            self.key(key_id)
            del self._keys[key_id]
            self._file = self._file.without(key_id)
            replace(self._file)

    def _reload(self) -> None:
        """See what another process added meanwhile."""
        found = Keyring.load(self.path, passphrase=self._protection.passphrase if self._protection else None)
        self._file, self._keys, self._protection = found._file, found._keys, found._protection

    def _add_key(self) -> None:
        key_id, key = secrets.token_hex(8), os.urandom(_KEY_BYTES)
        self._keys[key_id] = key
        self._file = self._file.with_active(key_id, self._protection.wrap(key_id, key) if self._protection else key)

    def __repr__(self) -> str:
        return f"Keyring({str(self.path)!r}, {len(self._keys)} keys)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Keyring cannot be pickled")
