"""Logins with a password."""

from typing import ClassVar, cast

from pydantic import Field, HttpUrl

from opsconductor.sdk.credential import SSHLogin

from .keyring import Keyring
from .kinds import SSH_PASSWORD, Kind
from .sealed_block import LOGO, SealedBlock, documentation


class SSHPasswordCredential(SealedBlock):
    """User name and password for SSH.

    The secrets are sealed (AES-256-GCM) before Prefect stores them; what opens them stays in a keyring file.

    Attributes:
        credential_id: Identity the envelope is bound to.
        version: Version the envelope is bound to.
        username: Login name on the target.
        sealed: Envelope of every field; those that the block shows beside it must be the same.

    Example:
        Load a stored credential and open it:

        ```python
        from pathlib import Path

        from blocks.keyring import Keyring
        from blocks.ssh_password import SSHPasswordCredential

        credential = SSHPasswordCredential.load("BLOCK_NAME")
        login = credential.open(Keyring.load(Path("/var/lib/opsconductor/keyring.json")))
        ```
    """

    _block_type_name: ClassVar[str | None] = "OpsConductor SSH password credential"
    _block_type_slug: ClassVar[str | None] = SSH_PASSWORD.slug
    _description: ClassVar[str | None] = "User name and sealed password for SSH targets."
    _documentation_url: ClassVar[HttpUrl | None] = documentation(SSH_PASSWORD)
    _logo_url: ClassVar[HttpUrl | None] = LOGO
    _kind: ClassVar[Kind] = SSH_PASSWORD

    username: str = Field(description="Login name on the target.")

    def open(self, keyring: Keyring) -> SSHLogin:
        """Open the envelope.

        Args:
            keyring: Holds the key that sealed it.

        Returns:
            User name and secrets, as the SSH transport takes them.

        Raises:
            SealedError: The key is missing or another one, or the envelope belongs to another credential.
        """
        return cast("SSHLogin", self._opened(keyring))
