"""Messages between worker, fork server and flow process: JSON, with a length in front."""

import asyncio
import json
import socket
import struct
from collections.abc import Mapping
from typing import Any, Final

from opsconductor.errors import OpsError

_HEAD: Final = struct.Struct("!I")
MAX_FRAME_BYTES: Final = 64 * 1024 * 1024


class FramingError(OpsError):
    """The other side said something that is no message."""


def encode(message: Mapping[str, Any]) -> bytes:
    """The message as it travels.

    Raises:
        FramingError: It is larger than any message may be.
    """
    body = json.dumps(message, separators=(",", ":")).encode()
    if len(body) > MAX_FRAME_BYTES:
        raise FramingError(f"a message of {len(body)} bytes is larger than {MAX_FRAME_BYTES}")
    return _HEAD.pack(len(body)) + body


class Frames:
    """Puts messages together again from bytes as they arrive."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """The messages that are whole with these bytes.

        Raises:
            FramingError: The bytes are no message.
        """
        self._buffer += data
        messages: list[dict[str, Any]] = []
        while (message := self._take()) is not None:
            messages.append(message)
        return messages

    def _take(self) -> dict[str, Any] | None:
        if len(self._buffer) < _HEAD.size:
            return None
        (length,) = _HEAD.unpack_from(self._buffer)
        if length > MAX_FRAME_BYTES:
            raise FramingError(f"a message of {length} bytes is larger than {MAX_FRAME_BYTES}")
        end = _HEAD.size + length
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[_HEAD.size : end])
        del self._buffer[:end]
        return _decode(body)


def _decode(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except ValueError as error:
        raise FramingError("a message is no JSON") from error
    if not isinstance(message, dict):
        raise FramingError("a message is no JSON object")
    return message  # pyright: ignore[reportUnknownVariableType]


class Channel:
    """Messages over a connected socket, within asyncio. Owns the socket."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._socket = connection
        self._frames = Frames()
        self._ready: list[dict[str, Any]] = []

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send one message.

        Raises:
            OSError: The other side is gone.
        """
        await asyncio.get_running_loop().sock_sendall(self._socket, encode(message))

    async def receive(self) -> dict[str, Any] | None:
        """The next message; None when the other side has closed.

        Raises:
            FramingError: What came is no message.
        """
        while not self._ready:
            try:
                data = await asyncio.get_running_loop().sock_recv(self._socket, 65536)
            except ConnectionError:
                return None
            if not data:
                return None
            self._ready += self._frames.feed(data)
        return self._ready.pop(0)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
