"""Output streams: codecs, caps, constant memory."""

import tracemalloc

import pytest

from opsconductor.errors import InvalidInputError
from steplib.transports.ssh.output import OutputStream, check_encoding


def read(data: bytes, encoding: str = "utf-8", limit: int = 65536, piece: int = 1) -> OutputStream:
    stream = OutputStream(encoding, limit)
    for start in range(0, len(data), piece):
        stream.feed(data[start : start + piece])
    stream.finish()
    return stream


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "cp850", "latin-1"])
def test_characters_survive_any_cut(encoding: str) -> None:
    assert read("Grüße, señor\n".encode(encoding), encoding).text() == "Grüße, señor\n"


def test_code_page_437_and_850_differ() -> None:
    assert read(b"\x9b", "cp437").text() == "¢"
    assert read(b"\x9b", "cp850").text() == "ø"


def test_bytes_that_are_no_text_are_marked() -> None:
    assert read(b"a\xff\xfeb").text() == "a��b"


def test_head_and_tail_are_kept_and_the_gap_is_said() -> None:
    stream = read(b"H" * 60 + b"m" * 1000 + b"T" * 60, limit=100, piece=7)
    head, gap, tail = stream.text().split("\n")
    assert (head, tail) == ("H" * 50, "T" * 50)
    assert gap == "[… 1,020 bytes not kept …]"
    assert stream.truncated
    assert stream.size == 1120


def test_what_fits_is_whole() -> None:
    stream = read(b"x" * 100, limit=100)
    assert stream.text() == "x" * 100
    assert not stream.truncated


def test_a_cut_leaves_no_half_characters() -> None:
    text = read(("ü" * 1000).encode(), limit=101).text()
    assert set(text.replace("\n[… 1,900 bytes not kept …]\n", "")) == {"ü"}


def test_ten_megabytes_without_a_newline_take_little_memory() -> None:
    stream = OutputStream("utf-8", 65536)
    tracemalloc.start()
    for _ in range(320):
        stream.feed(b"x" * 32768)
    stream.finish()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert stream.size == 320 * 32768
    assert peak < 2_000_000


def test_what_is_shown_is_everything_that_is_clean() -> None:
    shown: list[str] = []
    stream = OutputStream("utf-8", 10, shown.append)
    stream.feed(b"one\ntwo \x1b[1mbold\x1b[0m")
    assert shown == ["one\n"]
    stream.feed(b"\nthree")
    stream.finish()
    assert "".join(shown) == "one\ntwo bold\nthree"


@pytest.mark.parametrize("name", ["klingon", "base64", "rot13", "", "a\0b"])
def test_what_is_no_codec_of_text_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="no text encoding"):
        check_encoding(name)


@pytest.mark.parametrize("name", ["utf-8", "UTF8", "utf-16", "cp437", "cp850", "latin-1", "shift_jis"])
def test_codecs_of_text_are_taken(name: str) -> None:
    check_encoding(name)
