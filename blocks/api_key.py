"""Keys that go into a header of HTTP requests."""

from typing import ClassVar, cast

from pydantic import Field, HttpUrl

from opsconductor.sdk.credential import APIKey

from .keyring import Keyring
from .kinds import API_KEY, Kind
from .sealed_block import LOGO, SealedBlock, documentation


class APIKeyCredential(SealedBlock):
    """A key for a header of HTTP requests, such as `X-API-Key`.

    The secrets are sealed (AES-256-GCM) before Prefect stores them; what opens them stays in a keyring file.

    Attributes:
        credential_id: Identity the envelope is bound to.
        version: Version the envelope is bound to.
        header: Name of the header.
        prefix: What stands before the key, such as Token; empty for nothing.
        sealed: Envelope of every field; those that the block shows beside it must be the same.

    Example:
        Load a stored credential and open it:

        ```python
        from pathlib import Path

        from blocks.keyring import Keyring
        from blocks.api_key import APIKeyCredential

        credential = APIKeyCredential.load("BLOCK_NAME")
        key = credential.open(Keyring.load(Path("/var/lib/opsconductor/keyring.json")))
        ```
    """

    _block_type_name: ClassVar[str | None] = "OpsConductor API key credential"
    _block_type_slug: ClassVar[str | None] = API_KEY.slug
    _description: ClassVar[str | None] = "A sealed key for a header of HTTP requests."
    _documentation_url: ClassVar[HttpUrl | None] = documentation(API_KEY)
    _logo_url: ClassVar[HttpUrl | None] = LOGO
    _kind: ClassVar[Kind] = API_KEY

    header: str = Field(description="Name of the header.")
    prefix: str = Field(default="", description="What stands before the key, such as Token; empty for nothing.")

    def open(self, keyring: Keyring) -> APIKey:
        """Open the envelope.

        Args:
            keyring: Holds the key that sealed it.

        Returns:
            The key, with its header and prefix.

        Raises:
            SealedError: The key is missing or another one, or the envelope belongs to another credential.
        """
        return cast("APIKey", self._opened(keyring))
