"""Opening sealed documents with this machine's keyring."""

from pathlib import Path

from blocks.documents import open_document
from blocks.keyring import Keyring
from opsconductor.errors import SealedError
from opsconductor.sdk.credential import Credential

from .broker import Asked, SealedDocument


class Opener:
    """Opens what a run asks for; a new key in the keyring's file is seen when it is needed.

    Args:
        keyring_file: The key-encryption keys.
    """

    def __init__(self, keyring_file: Path) -> None:
        self._file = keyring_file
        self._keyring: Keyring | None = None

    def __call__(self, document: SealedDocument, asked: Asked) -> Credential:
        """The opened credential.

        Raises:
            SealedError: The keyring cannot open it, or it is not the version the run froze.
        """
        if self._keyring is None:
            return self._open(document, asked, self._load())
        try:
            return self._open(document, asked, self._keyring)
        except SealedError:  # a key may have been added since the keyring was read
            return self._open(document, asked, self._load())

    def _load(self) -> Keyring:
        self._keyring = Keyring.load(self._file)
        return self._keyring

    def _open(self, document: SealedDocument, asked: Asked, keyring: Keyring) -> Credential:
        return open_document(
            document.block_type, document.data, keyring, credential_id=asked.credential_id, version=asked.version
        )
