"""Logins with a password."""

from typing import ClassVar, cast

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl, SecretStr

from opsconductor.sdk.credential import SSHLogin

from .documents import open_document
from .keyring import Keyring
from .kinds import SSH_PASSWORD


class SSHPasswordCredential(Block):
    """User name and password for SSH.

    The passwords are sealed (AES-256-GCM) before Prefect stores them; what opens them stays in a keyring file.

    Attributes:
        credential_id: Identity the envelope is bound to.
        version: Version the envelope is bound to.
        username: Login name on the target.
        sealed: Envelope of the passwords.

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
    _documentation_url: ClassVar[HttpUrl | None] = HttpUrl("https://opsconductor.readthedocs.io/blocks/#ssh_password")
    _logo_url: ClassVar[HttpUrl | None] = HttpUrl("https://opsconductor.readthedocs.io/assets/block.png")

    credential_id: str = Field(description="Identity of the credential, which its envelope is bound to.")
    version: int = Field(ge=1, description="Version of the credential, which its envelope is bound to.")
    username: str = Field(description="Login name on the target.")
    sealed: SecretStr = Field(description="Envelope of the passwords; it opens with the keyring only.")

    def open(self, keyring: Keyring) -> SSHLogin:
        """Open the envelope.

        Args:
            keyring: Holds the key that sealed it.

        Returns:
            User name and secrets, as the SSH transport takes them.

        Raises:
            SealedError: The key is missing or another one, or the envelope belongs to another credential.
        """
        data = {**self.model_dump(), "sealed": self.sealed.get_secret_value()}
        return cast("SSHLogin", open_document(SSH_PASSWORD.slug, data, keyring))
