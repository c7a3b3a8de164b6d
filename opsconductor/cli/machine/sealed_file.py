"""A file sealed with a passphrase: scrypt (RFC 7914), then AES-256-GCM in chunks.

Each chunk's nonce is a random prefix, a counter and a last-chunk mark (the STREAM construction of Hoang,
Reyhanitabar, Rogaway and Vizár, 2015), so that chunks cannot be cut off, swapped or repeated unseen.
"""

import os
import struct
from collections.abc import Iterator
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from opsconductor.errors import InvalidInputError, Problem

_MAGIC = b"opsconductor-backup-1\n"
_SALT_BYTES = 16
_PREFIX_BYTES = 7
_CHUNK_BYTES = 1024 * 1024
_TAG_BYTES = 16


class WrongPassphraseError(InvalidInputError):
    """The file does not open with this passphrase, or it was changed."""

    def __init__(self) -> None:
        super().__init__([Problem("passphrase", "does not open this backup, or the file is damaged")])


def seal(plain: IO[bytes], sealed: IO[bytes], passphrase: str) -> None:
    """Write what `plain` holds to `sealed`."""
    salt, prefix = os.urandom(_SALT_BYTES), os.urandom(_PREFIX_BYTES)
    cipher = AESGCM(_key(passphrase, salt))
    sealed.write(_MAGIC + salt + prefix)
    for number, (chunk, last) in enumerate(_chunks(plain, _CHUNK_BYTES)):
        sealed.write(cipher.encrypt(_nonce(prefix, number, last=last), chunk, _MAGIC))


def unseal(sealed: IO[bytes], plain: IO[bytes], passphrase: str) -> None:
    """Write what `sealed` holds to `plain`.

    Raises:
        WrongPassphraseError: Wrong passphrase, or not what was sealed. What was written by then is worthless.
    """
    header = sealed.read(len(_MAGIC) + _SALT_BYTES + _PREFIX_BYTES)
    if not header.startswith(_MAGIC) or len(header) < len(_MAGIC) + _SALT_BYTES + _PREFIX_BYTES:
        raise InvalidInputError([Problem("file", "is not a backup of OpsConductor")])
    salt, prefix = header[len(_MAGIC) : -_PREFIX_BYTES], header[-_PREFIX_BYTES:]
    cipher = AESGCM(_key(passphrase, salt))
    try:
        for number, (chunk, last) in enumerate(_chunks(sealed, _CHUNK_BYTES + _TAG_BYTES)):
            plain.write(cipher.decrypt(_nonce(prefix, number, last=last), chunk, _MAGIC))
    except InvalidTag:
        raise WrongPassphraseError from None


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=2**16, r=8, p=1).derive(passphrase.encode())


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + struct.pack(">IB", number, last)


def _chunks(file: IO[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    chunk = file.read(size)
    while True:
        following = file.read(size)
        yield chunk, not following
        if not following:
            return
        chunk = following
