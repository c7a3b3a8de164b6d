"""One command on one SSH channel: what goes in, what comes out, how it ends."""

import asyncio
import signal
from typing import Any, Protocol

import asyncssh

GRACE_SECONDS = 0.5
"""After the exit status, how long the outputs may stay silent and open (a child in the background holds them)."""
GRACE_LIMIT_SECONDS = 5.0
"""After the exit status, how long the outputs are read at most."""
STDERR = 1
"""SSH_EXTENDED_DATA_STDERR, RFC 4254 section 5.2."""


class Sink(Protocol):
    """Where bytes of an output go."""

    def feed(self, data: bytes) -> None: ...


class Dialogue(Protocol):
    """Talks with something on the host before the command gets its input (see `sudo`)."""

    def hear(self, data: bytes) -> bytes:
        """Take stderr; returns what is the command's own."""
        ...

    def attach(self, exchange: "Exchange") -> None:
        """Begin."""
        ...


class Exchange(asyncssh.SSHClientSession[bytes]):
    """A session channel that runs one command.

    Attributes:
        sent: The channel was opened, so the command was or is about to be sent: it may have started.
        exit_code: Exit status; 128 + n for signal n; None while unknown.
        ended: Done when nothing more will come.
        heard_at: Loop time of the last output.
    """

    def __init__(self, stdout: Sink, stderr: Sink, stdin: bytes, dialogue: Dialogue | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._stdout = stdout
        self._stderr = stderr
        self._stdin = stdin
        self._dialogue = dialogue
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._exited_at: float | None = None
        self._withdrawn = False
        self.sent = False
        self.exit_code: int | None = None
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self.heard_at = self._loop.time()

    def connection_made(self, chan: "asyncssh.SSHClientChannel[bytes]") -> None:
        """The channel is open; what asyncssh does next is to send the command."""
        self._channel = chan
        if self._withdrawn:
            chan.abort()
        else:
            self.sent = True

    def session_started(self) -> None:
        """The command was taken."""
        self.heard_at = self._loop.time()
        if self._dialogue:
            self._dialogue.attach(self)
        else:
            self.give_input()

    def give_input(self) -> None:
        """Send the command's standard input, all of it, and its end."""
        self.write(self._stdin)
        self.end_input()

    def write(self, data: bytes) -> None:
        """Send bytes to the command; a command that is gone needs none."""
        if data and self._channel and not self._channel.is_closing():
            channel: Any = self._channel  # the types of this method are incomplete
            channel.write(data)

    def end_input(self) -> None:
        """Close the command's standard input."""
        if self._channel and not self._channel.is_closing():
            self._channel.write_eof()

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Output arrived."""
        self.heard_at = self._loop.time()
        if datatype != STDERR:
            self._stdout.feed(data)
        elif self._dialogue:
            self._stderr.feed(self._dialogue.hear(data))
        else:
            self._stderr.feed(data)

    def eof_received(self) -> bool:
        """All output is there; our side stays open."""
        return True

    def exit_status_received(self, status: int) -> None:
        """The command ended by itself."""
        self._exited(status)

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        """The command was ended by a signal."""
        self._exited(128 + _signal_number(signal))

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is closed."""
        self._end()

    def withdraw(self) -> None:
        """Nobody waits any more: close the channel; if the command was not sent yet, it never is."""
        self._withdrawn = True
        if self._channel:
            self._channel.abort()
        self._end()

    def _exited(self, exit_code: int) -> None:
        self.exit_code = exit_code
        self._exited_at = self._loop.time()
        self._loop.call_later(GRACE_SECONDS, self._look_for_silence)

    def _look_for_silence(self) -> None:
        if self.ended.done() or self._exited_at is None:
            return
        now = self._loop.time()
        silent = now - max(self.heard_at, self._exited_at)
        if silent >= GRACE_SECONDS or now - self._exited_at >= GRACE_LIMIT_SECONDS:
            self.withdraw()
        else:
            self._loop.call_later(GRACE_SECONDS - silent + 0.001, self._look_for_silence)

    def _end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


def _signal_number(name: str) -> int:
    """Number of a signal by its name without SIG (RFC 4254 section 6.10); 0 when it is not known here."""
    try:
        return signal.Signals[f"SIG{name.partition('@')[0]}"].value
    except KeyError:
        return 0
