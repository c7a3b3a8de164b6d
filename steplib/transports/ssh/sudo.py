"""The talk with sudo: a password only when it asks for one, once, and never on a command line."""

import secrets

from opsconductor.errors import LoginRefusedError
from opsconductor.sdk.credential import Secret

from .exchange import Exchange

_HELD_BYTES = 16384


class SudoDialogue:
    """Answers sudo's prompt on stderr until the command itself has started.

    The prompt is given to sudo (`-p`) and holds a nonce, so that nothing else is taken for it. A second prompt means
    that the password was wrong: it is not tried again, because accounts get locked.

    Attributes:
        prompt: For `sudo -p`.
        nonce: The started shell says it, and the command gets its input.
        ready: Whether the command was reached.
    """

    def __init__(self, username: str, password: Secret | None) -> None:
        self.nonce = secrets.token_hex(8)
        self.prompt = f"opsc-{self.nonce}-password:"
        self.ready = False
        self._username = username
        self._password = password
        self._prompts = 0
        self._heard = b""
        self._exchange: Exchange | None = None

    def attach(self, exchange: Exchange) -> None:
        """Begin on this channel."""
        self._exchange = exchange

    def hear(self, data: bytes) -> bytes:
        """Take stderr; returns what is the command's own."""
        if self.ready:
            return data
        self._heard += data
        while (place := self._heard.find(self.prompt.encode())) >= 0:
            self._heard = self._heard[:place] + self._heard[place + len(self.prompt) :]
            self._answer()
        before, signal, after = self._heard.partition(f"opsc READY {self.nonce}\n".encode())
        if not signal:
            self._heard = before[-_HELD_BYTES:]
            return b""
        self.ready = True
        if self._exchange:
            self._exchange.give_input()
        return after

    def refusal(self, host: str) -> LoginRefusedError:
        """Why sudo did not start the command."""
        if self._prompts and self._password is None:
            return LoginRefusedError(
                f"sudo asks for a password of {self._username!r}, and the credential has none", host=host
            )
        if self._prompts > 1:
            return LoginRefusedError(f"sudo refused the password of {self._username!r}", host=host)
        said = self.said().splitlines()
        return LoginRefusedError(f"sudo did not run the command: {said[-1] if said else 'it said nothing'}", host=host)

    def said(self) -> str:
        """What was said before the command was reached."""
        return self._heard.decode("utf-8", "replace").strip()

    def _answer(self) -> None:
        self._prompts += 1
        if self._exchange is None:
            return
        if self._prompts == 1 and self._password is not None:
            self._exchange.write(self._password.reveal().encode() + b"\n")
        else:
            self._exchange.end_input()
