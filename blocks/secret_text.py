"""Secrets that are one text, such as a token."""

from typing import ClassVar, cast

from pydantic import HttpUrl

from opsconductor.sdk.credential import Secret

from .keyring import Keyring
from .kinds import SECRET_TEXT, Kind
from .sealed_block import LOGO, SealedBlock, documentation


class SecretText(SealedBlock):
    """A secret text, for job parameters of type `secret`.

    The secrets are sealed (AES-256-GCM) before Prefect stores them; what opens them stays in a keyring file.

    Attributes:
        credential_id: Identity the envelope is bound to.
        version: Version the envelope is bound to.
        sealed: Envelope of every field; those that the block shows beside it must be the same.

    Example:
        Load a stored credential and open it:

        ```python
        from pathlib import Path

        from blocks.keyring import Keyring
        from blocks.secret_text import SecretText

        credential = SecretText.load("BLOCK_NAME")
        token = credential.open(Keyring.load(Path("/var/lib/opsconductor/keyring.json")))
        ```
    """

    _block_type_name: ClassVar[str | None] = "OpsConductor secret text"
    _block_type_slug: ClassVar[str | None] = SECRET_TEXT.slug
    _description: ClassVar[str | None] = "A sealed text, such as a token, for secret job parameters."
    _documentation_url: ClassVar[HttpUrl | None] = documentation(SECRET_TEXT)
    _logo_url: ClassVar[HttpUrl | None] = LOGO
    _kind: ClassVar[Kind] = SECRET_TEXT

    def open(self, keyring: Keyring) -> Secret:
        """Open the envelope.

        Args:
            keyring: Holds the key that sealed it.

        Returns:
            The text; `reveal()` gives it.

        Raises:
            SealedError: The key is missing or another one, or the envelope belongs to another credential.
        """
        return cast("Secret", self._opened(keyring))
