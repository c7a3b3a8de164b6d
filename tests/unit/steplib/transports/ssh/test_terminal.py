"""Output as a terminal would leave it, however it is cut into pieces."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from steplib.transports.ssh.terminal import HELD_CHARACTERS, TerminalText


def clean(*pieces: str) -> str:
    view = TerminalText()
    return "".join(view.feed(piece) for piece in pieces) + view.finish()


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("\x1b]0;title\x07text", "text"),
        ("\x9b31mred\x9d0;t\x9cx", "redx"),
        ("\x1bP1$r\x1b\\a\x1b_apc\x1b\\b\x1b^pm\x1b\\c\x1bXsos\x1b\\d", "abcd"),
        ("\x1b(Ba\x1bcb\x1b7c", "abc"),
        ("\x1b[2J\x1b[Hhome", "home"),
        ("a\0b\x07c\x7fd", "abcd"),
        ("safe\u202eevil\u2066x", "safeevilx"),
        ("one\r\ntwo\r\n", "one\ntwo\n"),
        ("10%\r50%\r100%\ndone", "100%\ndone"),
        ("|\b/\b-\bok", "ok"),
        ("tab\tstays", "tab\tstays"),
        ("\x1b]0;never ended\nnext line", "\nnext line"),
        ("end\x1b", "end"),
        ("end\x1b[3", "end[3"),
        ("end\r", "end"),
    ],
)
def test_control_sequences_leave_text(raw: str, seen: str) -> None:
    assert clean(raw) == seen


pieces = st.lists(
    st.one_of(
        st.sampled_from(
            ["\x1b", "[", "]8;;", "\x07", "\x1b\\", "\r", "\n", "\r\n", "\b", "\x9b", "\x9d", "31m", "\0", "P"]
        ),
        st.text(max_size=5),
    ),
    max_size=30,
)


@settings(max_examples=500)
@example(["\x980", "\r\n"])
@example(["\x9d0", "\x1b", "[", "\x1b"])
@given(pieces)
def test_how_it_is_cut_makes_no_difference(cut: list[str]) -> None:
    assert clean(*cut) == clean("".join(cut)) == clean(*"".join(cut))


@given(pieces)
def test_nothing_that_a_terminal_obeys_is_left(cut: list[str]) -> None:
    left = clean(*cut)
    assert not [
        character for character in left if character not in "\n\t" and (character < " " or "\x7f" <= character < "\xa0")
    ]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cf"])))
def test_plain_text_is_not_touched(text: str) -> None:
    assert clean(text) == text


def test_a_sequence_that_never_ends_hides_no_more_than_is_held() -> None:
    text = clean("\x1b]0;", *["x" * 1000] * 100)
    assert len(text) > 100_000 - 2 * HELD_CHARACTERS


def test_a_line_that_is_too_long_to_hold_is_shown_before_it_ends() -> None:
    view = TerminalText()
    assert view.feed("x" * (HELD_CHARACTERS + 1)) == "x" * (HELD_CHARACTERS + 1)
    assert view.feed("\rnext\n") == "\nnext\n"
