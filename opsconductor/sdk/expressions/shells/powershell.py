"""PowerShell: single quotes, and nothing else.

Rules from about_Quoting_Rules, about_Parsing and PowerShell's own `CodeGeneration.EscapeSingleQuotedStringContent`:
in a verbatim string only single quotes mean something, and the typographic ones (U+2018 to U+201B) are single
quotes too; each is written twice.
"""

import re
from typing import final

from .values import Write, writer

_SINGLE = "'\u2018\u2019\u201a\u201b"
_DOUBLE = '"\u201c\u201d\u201e'
_AFTER = frozenset(" \t\r\n;|)},]>&")
_CODE = re.compile(
    r"(?i)\b(?:iex|invoke-expression|invoke-command|icm|powershell(?:\.exe)?|pwsh(?:\.exe)?|cmd(?:\.exe)?|start-process|"
    r"add-type)\b|scriptblock|expandstring|invokescript|--%"
)
_TOKEN = re.compile(
    rf"""
      (?P<escape>`(?:.|\Z)) | (?P<block><\#) | (?P<here>@[{_SINGLE}{_DOUBLE}]) | (?P<single>[{_SINGLE}])
      | (?P<double>[{_DOUBLE}]) | (?P<comment>(?<![^\s;({{|&)}}])\#) | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_END = {
    "single": re.compile(f"[{_SINGLE}]"),
    "double": re.compile(rf"`.|[{_DOUBLE}]", re.DOTALL),
    "comment": re.compile(r"\n"),
    "block": re.compile(r"#>"),
}


def quote(text: str) -> str:
    """Quote for PowerShell."""
    return "'" + re.sub(f"[{_SINGLE}]", lambda found: found[0] * 2, text) + "'"


@final
class PowerShellLine:
    """Reads a line for PowerShell."""

    def __init__(self) -> None:
        self._inside = ""
        self._before = ""
        self._statement = ""

    def read(self, text: str) -> None:
        at = 0
        while at < len(text):
            at = self._skip(text, at) if self._inside else self._token(text, at)
        self._before = text[-2:]

    def place(self, following: str) -> Write | str:
        before, self._before = self._before, "'"
        if self._inside:
            return "write the expression outside of quotes, comments and here-strings"
        if before[-1:] in {"`", "$", "@", "#", *_SINGLE, *_DOUBLE} or before == "<#":
            return f"`{before[-1]}` stands right before it"
        if following and following not in _AFTER:
            return "PowerShell would make two arguments of the value and what follows it; put a blank between them"
        if _CODE.search(self._statement):
            return "the command reads its arguments as code"
        return writer(quote, alone=before[-1:] in {"", " ", "\t", "\n"})

    def finish(self) -> str:
        return ""

    def _token(self, text: str, at: int) -> int:
        found = _TOKEN.match(text, at)
        if found is None:
            return len(text)
        kind = found.lastgroup or "other"
        if kind in {"single", "double", "comment", "block", "here"}:
            self._inside = kind
        self._statement = "" if found[0] in {"\n", ";"} else self._statement + found[0]
        return found.end()

    def _skip(self, text: str, at: int) -> int:
        end = _END[self._inside].search(text, at) if self._inside in _END else None
        if end is None:
            self._statement += text[at:]
            return len(text)
        self._statement += text[at : end.end()]
        if self._inside == "double" and (end[0].startswith("`") or "$(" in text[at : end.start()]):
            self._inside = "nested" if "$(" in text[at : end.start()] else "double"
        else:
            self._inside = ""
        return end.end()
