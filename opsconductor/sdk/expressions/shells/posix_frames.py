"""What encloses a place in a POSIX shell's line."""

import re
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["command", "single", "double", "backtick", "comment", "heredoc", "parameter", "arithmetic"]
UNQUOTED = "\x02"  # stands in a word before an expansion that is not quoted
_OPEN_SUBSCRIPT = re.compile(r"[A-Za-z_]\w*\[[^\]]*")
_HERE_DOCUMENT = re.compile(r"<<(-?)[ \t]*((?:[\w.,:/+%@!=-]+|'[^'\n]*'|\"[^\"\n$`\\]*\")+)")


@dataclass(slots=True)
class Frame:
    """One level: a command list, a quoted text, an expansion.

    Attributes:
        kind: What it is.
        words: Finished words of the current simple command, without their quotes.
        word: The word being read; None between words.
        double_bracket: Whether a bash `[[` is open.
        redirecting: Whether the word is a redirection's.
        fed: Whether all its commands read the output of another one.
        piped: Whether the command reads the output of another one.
        duplicating: Whether the word is that of `>&` or `<&`.
        parentheses: Open ones, of arithmetic.
        line: The line being read, of a here-document.
    """

    kind: Kind
    words: list[str] = field(default_factory=list[str])
    word: str | None = None
    double_bracket: bool = False
    fed: bool = False
    piped: bool = False
    redirecting: bool = False
    duplicating: bool = False
    parentheses: int = 0
    line: str = ""

    def append(self, text: str) -> None:
        """Read on in a word."""
        self.word = (self.word or "") + text

    def word_continues(self) -> None:
        """A quote or expansion makes a word, even an empty one."""
        self.append("")

    def end_word(self) -> None:
        """A blank or an operator ends the word."""
        if self.word is None:
            return
        self.double_bracket = self.word == "[[" or (self.double_bracket and self.word != "]]")
        if not self.redirecting:
            self.words.append(self.word)
        self.word = None
        self.redirecting = self.duplicating = False

    @property
    def in_subscript(self) -> bool:
        """Whether the word may be an array's name with an open subscript, which bash reads up to its `]`."""
        return self.word is not None and _OPEN_SUBSCRIPT.fullmatch(self.word) is not None

    def redirect(self) -> None:
        """`<` or `>`: what follows is a file, what stands right before may be its number."""
        if self.word is not None and re.fullmatch(r"\d+|\{\w+\}", self.word):
            self.word = None
        self.end_word()
        self.redirecting = True

    def end_command(self) -> None:
        """`;`, a new line and their like begin another simple command."""
        self.end_word()
        self.words.clear()
        self.redirecting = self.duplicating = False


@dataclass(frozen=True, slots=True)
class HereDocument:
    """A here-document whose operator was read and whose lines are to come.

    Attributes:
        delimiter: The line that ends it.
        tabs: Whether leading tabs do not count (`<<-`).
        end: Where its operator ends in the text.
    """

    delimiter: str
    tabs: bool
    end: int

    @classmethod
    def read(cls, text: str, at: int) -> "HereDocument | None":
        """Read `<<WORD`; None when the word is not plain."""
        found = _HERE_DOCUMENT.match(text, at)
        if found is None or text[found.end() : found.end() + 1] not in {"", " ", "\t", "\n", ";", "|", ">", "<", "&"}:
            return None
        return cls(re.sub(r"['\"]", "", found[2]), bool(found[1]), found.end())

    def ends(self, line: str) -> bool:
        """Whether a line is the delimiter."""
        return (line.lstrip("\t") if self.tabs else line) == self.delimiter
