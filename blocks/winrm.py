"""Logins on Windows hosts."""

from typing import ClassVar, cast

from pydantic import Field, HttpUrl

from opsconductor.sdk.credential import WinRMLogin

from .keyring import Keyring
from .kinds import WINRM, Kind
from .sealed_block import LOGO, SealedBlock, documentation


class WinRMCredential(SealedBlock):
    """What a Windows host asks for over WinRM: a password for NTLM, Kerberos or Basic, or a client certificate.

    The secrets are sealed (AES-256-GCM) before Prefect stores them; what opens them stays in a keyring file.

    Attributes:
        credential_id: Identity the envelope is bound to.
        version: Version the envelope is bound to.
        username: Login name on the target; empty where the certificate says who it is.
        authentication: How to sign in: ntlm, kerberos, basic or certificate; empty for ntlm.
        domain: Windows domain or Kerberos realm; empty for accounts of the host itself.
        sealed: Envelope of every field; those that the block shows beside it must be the same.

    Example:
        Load a stored credential and open it:

        ```python
        from pathlib import Path

        from blocks.keyring import Keyring
        from blocks.winrm import WinRMCredential

        credential = WinRMCredential.load("BLOCK_NAME")
        login = credential.open(Keyring.load(Path("/var/lib/opsconductor/keyring.json")))
        ```
    """

    _block_type_name: ClassVar[str | None] = "OpsConductor WinRM credential"
    _block_type_slug: ClassVar[str | None] = WINRM.slug
    _description: ClassVar[str | None] = "Sealed login for Windows targets: NTLM, Kerberos, Basic or a certificate."
    _documentation_url: ClassVar[HttpUrl | None] = documentation(WINRM)
    _logo_url: ClassVar[HttpUrl | None] = LOGO
    _kind: ClassVar[Kind] = WINRM

    username: str = Field(
        default="", description="Login name on the target; empty where the certificate says who it is."
    )
    authentication: str = Field(
        default="", description="How to sign in: ntlm, kerberos, basic or certificate; empty for ntlm."
    )
    domain: str = Field(
        default="", description="Windows domain or Kerberos realm; empty for accounts of the host itself."
    )

    def open(self, keyring: Keyring) -> WinRMLogin:
        """Open the envelope.

        Args:
            keyring: Holds the key that sealed it.

        Returns:
            User name, domain and secrets, with the way to sign in.

        Raises:
            SealedError: The key is missing or another one, or the envelope belongs to another credential.
        """
        return cast("WinRMLogin", self._opened(keyring))
