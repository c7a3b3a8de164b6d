"""cmd.exe: double quotes, and a refusal of everything they do not protect.

In double quotes `& | < > ^ ( )` are plain, but `%` still expands, `!` does when delayed expansion is on, and `"`
cannot be escaped in a way that both cmd.exe and the program understand. Characters that Windows may turn into one
of those while converting to a code page (best-fit mapping) are refused like them.
"""

import unicodedata
from typing import final

from .values import Write, writer

_REFUSED = frozenset('"%!')
_BEST_FIT = frozenset("\u02ba\u030e\u2033\u2036\u201c\u201d\u201e\u201f\u301d\u301e\u00a5\u20a9")
_AFTER = frozenset(" \t\r\n&|)<>")


def quote(text: str) -> str:
    """Quote for cmd.exe and for the program that splits its line as the Microsoft C runtime does.

    Raises:
        ValueError: The text holds a character that no quoting makes safe.
    """
    for character in text:
        if ord(character) < 32 or ord(character) == 127:
            raise ValueError("the value holds a control character, which cmd.exe cannot quote")
        if _REFUSED & set(unicodedata.normalize("NFKC", character)) or character in _BEST_FIT:
            raise ValueError(f"the value holds {character}, which cmd.exe cannot quote")
    backslashes = len(text) - len(text.rstrip("\\"))
    return '"' + text + "\\" * backslashes + '"'


@final
class CmdLine:
    """Reads a line for cmd.exe."""

    def __init__(self) -> None:
        self._quoted = False
        self._before = ""
        self._code = False

    def read(self, text: str) -> None:
        for character in text:
            self._quoted = character != "\n" and self._quoted != (character == '"')
        self._before = text[-1:] or self._before
        words = text.lower().split()
        self._code = self._code or any(word.rpartition("\\")[2] in _READS_CODE for word in words)

    def place(self, following: str) -> Write | str:
        before, self._before = self._before, '"'
        if self._quoted:
            return "write the expression outside the double quotes"
        if before in {"^", "%", "!", '"', "\\"}:
            return f"`{before}` stands right before it"
        if following and following not in _AFTER:
            return "put a blank between the value and what follows it"
        if self._code:
            return "the command reads its arguments as code"
        return writer(quote, alone=before in {"", " ", "\t", "\n"})

    def finish(self) -> str:
        return ""


_READS_CODE = frozenset({"cmd", "cmd.exe", "powershell", "powershell.exe", "pwsh", "for", "forfiles", "call", "set"})
