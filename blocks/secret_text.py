"""Secrets that are one text, such as a token."""

from typing import ClassVar, cast

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl, SecretStr

from opsconductor.sdk.credential import Secret

from .documents import open_document
from .keyring import Keyring
from .kinds import SECRET_TEXT


class SecretText(Block):
    """A secret text, for job parameters of type `secret`.

    The text is sealed (AES-256-GCM) before Prefect stores it; what opens it stays in a keyring file.

    Attributes:
        credential_id: Identity the envelope is bound to.
        version: Version the envelope is bound to.
        sealed: Envelope of the text.

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
    _documentation_url: ClassVar[HttpUrl | None] = HttpUrl("https://opsconductor.readthedocs.io/blocks/#secret_text")
    _logo_url: ClassVar[HttpUrl | None] = HttpUrl("https://opsconductor.readthedocs.io/assets/block.png")

    credential_id: str = Field(description="Identity of the credential, which its envelope is bound to.")
    version: int = Field(ge=1, description="Version of the credential, which its envelope is bound to.")
    sealed: SecretStr = Field(description="Envelope of the text; it opens with the keyring only.")

    def open(self, keyring: Keyring) -> Secret:
        """Open the envelope.

        Args:
            keyring: Holds the key that sealed it.

        Returns:
            The text; `reveal()` gives it.

        Raises:
            SealedError: The key is missing or another one, or the envelope belongs to another credential.
        """
        data = {**self.model_dump(), "sealed": self.sealed.get_secret_value()}
        return cast("Secret", open_document(SECRET_TEXT.slug, data, keyring))
