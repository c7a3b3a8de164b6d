"""Certificates for TLS."""

from typing import ClassVar, cast

from pydantic import HttpUrl

from opsconductor.sdk.credential import ClientCertificate

from .keyring import Keyring
from .kinds import CERTIFICATE, Kind
from .sealed_block import LOGO, SealedBlock, documentation


class CertificateCredential(SealedBlock):
    """An X.509 certificate with its private key, and the certificates above it.

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
        from blocks.certificate import CertificateCredential

        credential = CertificateCredential.load("BLOCK_NAME")
        certificate = credential.open(Keyring.load(Path("/var/lib/opsconductor/keyring.json")))
        ```
    """

    _block_type_name: ClassVar[str | None] = "OpsConductor certificate credential"
    _block_type_slug: ClassVar[str | None] = CERTIFICATE.slug
    _description: ClassVar[str | None] = "A sealed client certificate with its private key."
    _documentation_url: ClassVar[HttpUrl | None] = documentation(CERTIFICATE)
    _logo_url: ClassVar[HttpUrl | None] = LOGO
    _kind: ClassVar[Kind] = CERTIFICATE

    def open(self, keyring: Keyring) -> ClientCertificate:
        """Open the envelope.

        Args:
            keyring: Holds the key that sealed it.

        Returns:
            Certificate, chain and private key, in PEM form.

        Raises:
            SealedError: The key is missing or another one, or the envelope belongs to another credential.
        """
        return cast("ClientCertificate", self._opened(keyring))
