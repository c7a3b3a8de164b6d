"""What every credential block is: fields that may be seen, and one envelope."""

from typing import ClassVar

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl, SecretStr

from opsconductor.sdk.credential import Credential

from .documents import open_document
from .keyring import Keyring
from .kinds import Kind

_DOCUMENTATION = "https://opsconductor.readthedocs.io/blocks/"
LOGO = HttpUrl("https://opsconductor.readthedocs.io/assets/block.png")


def documentation(kind: Kind) -> HttpUrl:
    """Where the block of a kind is described."""
    return HttpUrl(f"{_DOCUMENTATION}#{kind.name}")


class SealedBlock(Block):
    """A credential whose secrets are sealed (AES-256-GCM) before Prefect stores them.

    Attributes:
        credential_id: Identity the envelope is bound to.
        version: Version the envelope is bound to.
        sealed: Envelope of every field; those that the block shows beside it must be the same.
    """

    _kind: ClassVar[Kind]

    credential_id: str = Field(description="Identity of the credential, which its envelope is bound to.")
    version: int = Field(ge=1, description="Version of the credential, which its envelope is bound to.")
    sealed: SecretStr = Field(description="Envelope of the secrets; it opens with the keyring only.")

    def _opened(self, keyring: Keyring) -> Credential:
        data = {**self.model_dump(), "sealed": self.sealed.get_secret_value()}
        return open_document(self._kind.slug, data, keyring)
