"""Host keys: who a host is, before anything is offered to it."""

from collections.abc import Sequence

import asyncssh

from opsconductor.errors import HostKeyError, InvalidInputError, Problem

_ALGORITHMS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)


class HostTrust:
    """Judges the key that a host offers: one of the recorded ones, or the first one ever seen.

    Attributes:
        first_seen: OpenSSH text of the key that was trusted on first use.
        algorithms: Key algorithms to ask for. Those of recorded keys come first, so that a host with several keys
            shows the one that is known.
    """

    def __init__(self, host: str, recorded: Sequence[str]) -> None:
        self.host = host
        self.first_seen: str | None = None
        self._recorded = [_read_key(text) for text in recorded]
        self._offered: asyncssh.SSHKey | None = None
        known = {algorithm.decode() for key in self._recorded for algorithm in key.sig_algorithms}
        self.algorithms = sorted(_ALGORITHMS, key=lambda algorithm: algorithm not in known)

    @property
    def offered(self) -> str:
        """OpenSSH text of the key that the host showed last; empty before."""
        return self._offered.export_public_key("openssh").decode().strip() if self._offered else ""

    @property
    def fingerprint(self) -> str:
        """Fingerprint of that key."""
        return self._offered.get_fingerprint() if self._offered else ""

    def accepts(self, key: asyncssh.SSHKey) -> bool:
        """Whether this is the host we know. A first key is remembered: from then on it is the recorded one."""
        self._offered = key
        if self._recorded:
            return any(key.public_data == known.public_data for known in self._recorded)
        self.first_seen = key.export_public_key("openssh").decode().strip()
        self._recorded = [key]
        return True

    def refusal(self) -> HostKeyError:
        """The error that says which key was expected and which one came."""
        expected = ", ".join(key.get_fingerprint() for key in self._recorded) or "none"
        offered = self._offered.get_fingerprint() if self._offered else "a key of another kind"
        return HostKeyError(host=self.host, expected=expected, offered=offered)


def _read_key(text: str) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_public_key(text)
    except (asyncssh.KeyImportError, ValueError) as error:
        raise InvalidInputError([Problem("host_keys", f"{text[:60]!r} is no public key: {error}")]) from error
