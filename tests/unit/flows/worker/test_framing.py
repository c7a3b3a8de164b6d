import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.worker.framing import MAX_FRAME_BYTES, Channel, Frames, FramingError, encode

MESSAGES = st.lists(st.dictionaries(st.text(), st.none() | st.integers() | st.text()), max_size=5)


@given(MESSAGES, st.integers(1, 50))
def test_messages_arrive_whole_however_they_are_cut(messages: list[dict[str, object]], size: int) -> None:
    data = b"".join(encode(message) for message in messages)
    frames, found = Frames(), []
    for begin in range(0, len(data), size):
        found += frames.feed(data[begin : begin + size])
    assert found == messages


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"1"])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(FramingError):
        Frames().feed(struct.pack("!I", len(body)) + body)


def test_a_length_beyond_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(FramingError, match="larger"):
        Frames().feed(struct.pack("!I", MAX_FRAME_BYTES + 1))


async def test_a_channel_ends_when_the_other_side_closes() -> None:
    ours, theirs = socket.socketpair()
    one, other = Channel(ours), Channel(theirs)
    await one.send({"a": 1})
    await one.send({"b": 2})
    one.close()
    assert [await other.receive(), await other.receive(), await other.receive()] == [{"a": 1}, {"b": 2}, None]
    other.close()
