"""Words for login shells that are not known: sh, bash, dash, zsh, ksh, fish."""

import re
from collections.abc import Iterable

from opsconductor.errors import InvalidInputError, Problem

COMMAND_LIMIT_BYTES = 131_071
"""Linux's longest single argument (MAX_ARG_STRLEN): sshd hands the whole line to the login shell as one."""

_PLAIN = re.compile(r"[A-Za-z0-9_./:@+,-]+", re.ASCII)
_SPECIAL = re.compile(r"(['\\!])")
_OUTSIDE = {"'": '"\'"', "\\": "\\\\", "!": "\\!"}


def quote(word: str) -> str:
    """The word such that every login shell reads exactly it.

    Single quotes protect everything but themselves in all shells, except that fish also reads the backslash in
    them and csh the exclamation mark; those stand outside of the quotes.
    """
    if _PLAIN.fullmatch(word):
        return word
    parts = _SPECIAL.split(word)
    return "".join(_OUTSIDE.get(part) or f"'{part}'" for part in parts if part) or "''"


def shell_line(script: str, words: Iterable[str], *, name: str = "opsc") -> str:
    """The line that makes any login shell become `/bin/sh` with this script, `$0` and positional parameters."""
    return " ".join(("exec /bin/sh -c", quote(script), name, *map(quote, words)))


def check_words(words: Iterable[str], field: str) -> None:
    """Refuse what no program argument can hold.

    Raises:
        InvalidInputError: A NUL character, or half of a surrogate pair.
    """
    problems: list[Problem] = []
    for number, word in enumerate(words):
        if "\0" in word:
            problems.append(Problem(f"{field}[{number}]", "holds a NUL character, which no program argument can"))
        elif not _is_encodable(word):
            problems.append(Problem(f"{field}[{number}]", "holds half of a surrogate pair, which is no character"))
    if problems:
        raise InvalidInputError(problems)


def check_length(line: str) -> None:
    """Refuse a line that the host's kernel would refuse.

    Raises:
        InvalidInputError: The line is too long.
    """
    size = len(line.encode())
    if size > COMMAND_LIMIT_BYTES:
        message = f"the command line has {size:,} bytes; a host takes at most {COMMAND_LIMIT_BYTES:,}"
        raise InvalidInputError([Problem("argv", message, "send large content by standard input")])


def _is_encodable(word: str) -> bool:
    return word.isascii() or not any("\ud800" <= character <= "\udfff" for character in word)
