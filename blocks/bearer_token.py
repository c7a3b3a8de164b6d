"""Tokens for HTTP."""

from typing import ClassVar, cast

from pydantic import HttpUrl

from opsconductor.sdk.credential import BearerToken

from .keyring import Keyring
from .kinds import BEARER_TOKEN, Kind
from .sealed_block import LOGO, SealedBlock, documentation


class BearerTokenCredential(SealedBlock):
    """A token for `Authorization: Bearer` (RFC 6750).

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
        from blocks.bearer_token import BearerTokenCredential

        credential = BearerTokenCredential.load("BLOCK_NAME")
        token = credential.open(Keyring.load(Path("/var/lib/opsconductor/keyring.json")))
        ```
    """

    _block_type_name: ClassVar[str | None] = "OpsConductor bearer token credential"
    _block_type_slug: ClassVar[str | None] = BEARER_TOKEN.slug
    _description: ClassVar[str | None] = "A sealed token for HTTP requests."
    _documentation_url: ClassVar[HttpUrl | None] = documentation(BEARER_TOKEN)
    _logo_url: ClassVar[HttpUrl | None] = LOGO
    _kind: ClassVar[Kind] = BEARER_TOKEN

    def open(self, keyring: Keyring) -> BearerToken:
        """Open the envelope.

        Args:
            keyring: Holds the key that sealed it.

        Returns:
            The token; `reveal()` of it gives the text.

        Raises:
            SealedError: The key is missing or another one, or the envelope belongs to another credential.
        """
        return cast("BearerToken", self._opened(keyring))
