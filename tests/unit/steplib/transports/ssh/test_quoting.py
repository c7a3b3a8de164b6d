"""What is quoted reaches a program as it is, whatever shell reads it."""

import ast
import shutil
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsconductor.errors import InvalidInputError
from steplib.transports.ssh.quoting import check_length, check_words, quote, shell_line

SHELLS = [path for name in ("sh", "bash", "dash", "zsh", "ksh", "fish") if (path := shutil.which(name))]
HOSTILE = [
    "",
    "'",
    "\\",
    "!",
    "a\\",
    "\\'",
    "$(id)",
    "`id`",
    "a;id",
    "a\nb",
    "\t",
    "~",
    "-n",
    "*",
    "=x",
    "%self",
    "é\U0001f600",
]
words = st.lists(
    st.one_of(
        st.sampled_from(HOSTILE),
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30),
        st.text("'\"\\!$`;&|<>(){}[]*?~#\n\t ab", max_size=30),
    ),
    max_size=6,
)


def printed(shell: str, arguments: list[str]) -> list[str]:
    line = shell_line(
        'exec "$@"', [sys.executable, "-I", "-S", "-c", "import sys; print(ascii(sys.argv[1:]))", *arguments]
    )
    done = subprocess.run([shell, "-c", line], capture_output=True, check=True)
    return ast.literal_eval(done.stdout.decode())


@pytest.mark.parametrize("shell", SHELLS)
def test_hostile_words_are_words(shell: str) -> None:
    assert printed(shell, HOSTILE) == HOSTILE


@settings(deadline=None, max_examples=50)
@given(words)
def test_any_words_survive_sh(arguments: list[str]) -> None:
    assert printed("/bin/sh", arguments) == arguments


@settings(deadline=None, max_examples=50)
@given(words)
def test_any_words_survive_bash(arguments: list[str]) -> None:
    assert printed("/bin/bash", arguments) == arguments


@given(st.text("ab'\\!", max_size=20))
def test_fish_and_csh_find_nothing_special_in_single_quotes(word: str) -> None:
    """fish reads a backslash in single quotes, csh an exclamation mark: neither may stand there."""
    outside = quote(word).replace('"\'"', "").replace("\\\\", "").replace("\\!", "")
    assert not set(outside) & set("\\!")


@pytest.mark.parametrize("word", ["a\0b", "\ud800"])
def test_what_no_argument_can_hold_is_refused_by_place(word: str) -> None:
    with pytest.raises(InvalidInputError, match=r"argv\[1\]"):
        check_words(["echo", word], "argv")


def test_a_line_longer_than_a_host_takes_is_refused() -> None:
    check_length("x" * 131_071)
    with pytest.raises(InvalidInputError, match="131,072 bytes"):
        check_length("x" * 131_072)
