"""The envelope: a secret sealed with AES-256-GCM, bound to the credential it belongs to.

The additional data is credential id, block type and version, so an envelope that was copied into another row, or
back from an older version, does not open.
"""

import json
import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from opsconductor.errors import SealedError

from .keyring import Keyring

_TEXT = re.compile(r"oc1\.([0-9a-f]{16})\.([\w-]{16})\.([\w-]{22,}={0,2})", re.ASCII)
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Binding:
    """What an envelope belongs to.

    Attributes:
        block_id: Identity of the credential.
        block_type: Slug of the block type.
        version: Counts the values the credential has had, from 1.
    """

    block_id: str
    block_type: str
    version: int

    @property
    def additional_data(self) -> bytes:
        """Unambiguous bytes of all three."""
        return json.dumps([self.block_id, self.block_type, self.version], separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sealed secret.

    Attributes:
        key_id: The key-encryption key that opens it.
        nonce: Random, 96 bits.
        ciphertext: With the 128-bit tag.
    """

    key_id: str
    nonce: bytes
    ciphertext: bytes

    def __str__(self) -> str:
        nonce, ciphertext = (urlsafe_b64encode(part).decode() for part in (self.nonce, self.ciphertext))
        return f"oc1.{self.key_id}.{nonce}.{ciphertext}"

    @classmethod
    def parse(cls, text: str) -> "Envelope":
        """Read an envelope from its text.

        Raises:
            SealedError: It is none.
        """
        found = _TEXT.fullmatch(text)
        if found is None:
            raise SealedError("the credential holds no envelope; store it again")
        try:
            return cls(found[1], urlsafe_b64decode(found[2]), urlsafe_b64decode(found[3]))
        except ValueError:
            raise SealedError("the credential's envelope is damaged; store it again") from None


def seal(values: Mapping[str, str], keyring: Keyring, binding: Binding) -> Envelope:
    """Seal secret values under the keyring's active key."""
    nonce = os.urandom(_NONCE_BYTES)
    cipher = AESGCM(keyring.key(keyring.active))
    sealed = cipher.encrypt(nonce, json.dumps(dict(values)).encode(), binding.additional_data)
    return Envelope(keyring.active, nonce, sealed)


def unseal(envelope: Envelope, keyring: Keyring, binding: Binding) -> dict[str, str]:
    """Open an envelope.

    Raises:
        SealedError: The keyring lacks its key, the key is another one, or the envelope belongs elsewhere.
    """
    cipher = AESGCM(keyring.key(envelope.key_id))
    try:
        values = cipher.decrypt(envelope.nonce, envelope.ciphertext, binding.additional_data)
    except InvalidTag:
        raise SealedError(
            f"the envelope of credential {binding.block_id} version {binding.version} does not open: it was changed, "
            "or belongs to another credential, type or version; store the credential again"
        ) from None
    return cast("dict[str, str]", json.loads(values))
