"""Logging in: what is offered, to whom, and what came of it."""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from typing import Any

import asyncssh

from opsconductor.errors import HostError, HostUnreachableError, LoginRefusedError
from opsconductor.sdk.credential import Secret, SSHLogin

from .trust import HostTrust

KeyPair = tuple[asyncssh.SSHKey, asyncssh.SSHCertificate | None]
"""A private key, and the certificate that goes with it."""


class PrivateKeys:
    """Private keys, read once however many hosts they are for: an encrypted one costs a tenth of a second."""

    def __init__(self) -> None:
        self._reading: dict[bytes, asyncio.Task[KeyPair]] = {}

    async def read(self, login: SSHLogin, host: str) -> KeyPair | None:
        """The login's key, with its certificate.

        Raises:
            LoginRefusedError: The text is no key, the passphrase is wrong, or the certificate is none.
        """
        if login.private_key is None:
            return None
        text = login.private_key.reveal()
        passphrase = login.passphrase.reveal() if login.passphrase else None
        parts = f"{passphrase!r} {login.certificate!r} {text}"
        name = hashlib.sha256(parts.encode("utf-8", "surrogatepass")).digest()
        reading = self._reading.get(name)
        if reading is None or reading.get_loop() is not asyncio.get_running_loop():
            reading = self._reading[name] = asyncio.create_task(
                asyncio.to_thread(_read_pair, text, passphrase, login.certificate)
            )
        try:
            return await asyncio.shield(reading)
        except (asyncssh.KeyImportError, ValueError, UnicodeError) as error:
            raise LoginRefusedError(f"the private key cannot be read: {error}", host=host) from error


def _read_pair(text: str, passphrase: str | None, certificate: str | None) -> KeyPair:
    key = asyncssh.import_private_key(text, passphrase)
    return key, asyncssh.import_certificate(certificate) if certificate else None


class Applicant(asyncssh.SSHClient):
    """Our side of one login.

    Attributes:
        offering: Whether the host is trusted and the login has begun.
    """

    def __init__(self, trust: HostTrust, login: SSHLogin) -> None:
        self.offering = False
        self._trust = trust
        self._login = login
        self._passwords = _once(login.password)
        self._answers = _once(login.password)
        self._line: asyncssh.SSHClientConnection | None = None
        self._expired = False
        self._methods: Sequence[str] = ()

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        """The TCP connection stands."""
        self._line = conn

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Nothing is offered to a host that is not who it was."""
        return self._trust.accepts(key)

    def begin_auth(self, username: str) -> None:
        """From here on the host knows that we try: no more retries."""
        self.offering = True

    def public_key_auth_requested(self) -> None:
        """There is no other key than the one that was tried; what the host takes is known by now."""
        if self._line:
            self._methods = self._line.get_server_auth_methods()

    def password_auth_requested(self) -> str | None:
        """The password, once."""
        return self._passwords.pop() if self._passwords else None

    def password_change_requested(self, prompt: str, lang: str) -> Any:
        """The password has expired; we do not invent a new one."""
        self._expired = True
        return NotImplemented  # asyncssh's word for no

    def kbdint_auth_requested(self) -> str | None:
        """Servers that ask for the password as a question."""
        return "" if self._answers else None

    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> Sequence[str] | None:
        """One hidden question is the one for the password, whatever its words."""
        if not prompts:
            return []
        if len(prompts) == 1 and not prompts[0][1] and self._answers:
            return [self._answers.pop()]
        return None

    def refusal(self, host: str) -> LoginRefusedError:
        """Why the host did not let us in."""
        name = repr(self._login.username)
        if self._expired:
            return LoginRefusedError(f"the password of {name} has expired", host=host)
        offered = [
            kind
            for kind, secret in (
                ("certificate", self._login.certificate),
                ("key", self._login.private_key),
                ("password", self._login.password),
            )
            if secret is not None
        ]
        if not offered:
            return LoginRefusedError(f"the credential has neither key nor password for {name}", host=host)
        takes = f"; the host takes {', '.join(self._methods)}" if self._methods else ""
        return LoginRefusedError(f"the {' and the '.join(offered)} of {name} was refused{takes}", host=host)


def _once(secret: Secret | None) -> list[str]:
    return [secret.reveal()] if secret is not None else []


def unreachable(error: Exception, host: str) -> HostError:
    """The error that says why there is no connection."""
    reason = str(error) or type(error).__name__
    if isinstance(error, asyncssh.DisconnectError):
        reason = error.reason
    elif isinstance(error, OSError) and error.errno and error.errno > 0:
        reason = os.strerror(error.errno)  # asyncio puts its own words in the place of the system's
    elif isinstance(error, OSError) and error.strerror:
        reason = error.strerror
    return HostUnreachableError(f"no SSH connection: {reason}", host=host)
