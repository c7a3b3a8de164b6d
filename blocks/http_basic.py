"""Logins with a password for HTTP."""

from typing import ClassVar, cast

from pydantic import Field, HttpUrl

from opsconductor.sdk.credential import HTTPLogin

from .keyring import Keyring
from .kinds import HTTP_BASIC, Kind
from .sealed_block import LOGO, SealedBlock, documentation


class HTTPBasicCredential(SealedBlock):
    """User name and password for HTTP (RFC 7617).

    The secrets are sealed (AES-256-GCM) before Prefect stores them; what opens them stays in a keyring file.

    Attributes:
        credential_id: Identity the envelope is bound to.
        version: Version the envelope is bound to.
        username: Login name, without a colon.
        sealed: Envelope of every field; those that the block shows beside it must be the same.

    Example:
        Load a stored credential and open it:

        ```python
        from pathlib import Path

        from blocks.keyring import Keyring
        from blocks.http_basic import HTTPBasicCredential

        credential = HTTPBasicCredential.load("BLOCK_NAME")
        login = credential.open(Keyring.load(Path("/var/lib/opsconductor/keyring.json")))
        ```
    """

    _block_type_name: ClassVar[str | None] = "OpsConductor HTTP basic credential"
    _block_type_slug: ClassVar[str | None] = HTTP_BASIC.slug
    _description: ClassVar[str | None] = "User name and sealed password for HTTP requests."
    _documentation_url: ClassVar[HttpUrl | None] = documentation(HTTP_BASIC)
    _logo_url: ClassVar[HttpUrl | None] = LOGO
    _kind: ClassVar[Kind] = HTTP_BASIC

    username: str = Field(description="Login name, without a colon.")

    def open(self, keyring: Keyring) -> HTTPLogin:
        """Open the envelope.

        Args:
            keyring: Holds the key that sealed it.

        Returns:
            User name and password.

        Raises:
            SealedError: The key is missing or another one, or the envelope belongs to another credential.
        """
        return cast("HTTPLogin", self._opened(keyring))
