"""POSIX shells: where in a line an expression stands, and how its value is quoted there.

The line is read as sh, dash and bash read it (POSIX.1-2024, Shell Command Language, 2.2 Quoting, 2.3 Token
Recognition, 2.6 Word Expansions, 2.7.4 Here-Document). Where those shells differ, or a value would be read a
second time as code, the place is refused: refusing too much is a message, refusing too little is a hole.
"""

from collections.abc import Callable, Mapping
from typing import final

from .posix_frames import UNQUOTED, Frame, HereDocument, Kind
from .posix_words import reads_input, rereads
from .values import Write, writer

_OUTSIDE = "write the expression outside of {}, for instance put it into a variable first: `x=${{{{ … }}}}`"
_REFUSED: Mapping[Kind, str] = {
    "backtick": "inside `…` quoting is read twice; use $(…)",
    "comment": "a new line in the value would end the comment",
    "heredoc": "the value could hold the delimiter; " + _OUTSIDE.format("the here-document"),
    "parameter": _OUTSIDE.format("${…}"),
    "arithmetic": "arithmetic runs code in array subscripts; " + _OUTSIDE.format("((…))"),
}
_AROUND: Mapping[Kind, str] = {"single": "'", "double": '"'}
_METACHARACTERS = frozenset(" \t\n;|&<>()")
_ALONE = frozenset(" \t\n;|&<>)")


def quote(text: str) -> str:
    """Quote for a POSIX shell, always: an unquoted `A=1`, `if` or `2` can mean more than itself."""
    return "'" + text.replace("'", "'\"'\"'") + "'"


@final
class PosixLine:
    """Reads a line for sh, dash and bash."""

    def __init__(self) -> None:
        self._frames = [Frame("command")]
        self._pending: list[HereDocument] = []
        self._lost = ""
        self._tail = ""
        self._valued = False
        self._input_read_by = ""
        self._readers: dict[Kind, Callable[[str, int], int]] = {
            "command": self._in_command,
            "single": self._in_single,
            "double": self._in_double,
            "backtick": self._in_backtick,
            "comment": self._in_comment,
            "heredoc": self._in_here_document,
            "parameter": self._in_parameter,
            "arithmetic": self._in_arithmetic,
        }

    def read(self, text: str) -> None:
        at = 0
        self._tail = ""
        while at < len(text) and not self._lost:
            at += self._readers[self._frames[-1].kind](text, at)

    def place(self, following: str) -> Write | str:
        frame = self._frames[-1]
        problem = self._problem()
        alone = frame.kind == "command" and frame.word is None and (not following or following in _ALONE)
        self._command.append("\0")  # from here on the word has something in it
        self._valued = True
        return problem or writer(quote, around=_AROUND.get(frame.kind, ""), alone=alone)

    def finish(self) -> str:
        for frame in self._frames:
            self._end_command(frame)
        name = self._input_read_by
        return f"`{name}` reads what is piped into it as code; hand the value over as an argument" if name else ""

    def _problem(self) -> str:
        if self._tail:
            return f"`{self._tail}` stands right before it; leave it out or write it inside single quotes"
        if self._lost:
            return self._lost
        if self._pending and len(self._frames) > 1:
            return "a here-document begins in this line"
        return next((why for outer in self._frames if (why := _refusal(outer))), "")

    @property
    def _command(self) -> Frame:
        return next(frame for frame in reversed(self._frames) if frame.kind == "command")

    def _push(self, kind: Kind, length: int) -> int:
        self._frames.append(Frame(kind))
        return length

    def _pop(self) -> int:
        self._frames.pop()
        return 1

    def _lose(self, why: str) -> int:
        self._lost = f"what stands before it ({why}) is read differently from shell to shell"
        return 1

    def _expand(self) -> None:
        """Outside quotes an expansion may become several words, or none at all."""
        self._command.append(UNQUOTED if self._frames[-1].kind == "command" else "")

    def _escape(self, text: str, at: int) -> int:
        if at + 1 == len(text):
            self._tail = "\\"
            return 1
        if text[at + 1] != "\n":
            self._command.append(text[at + 1])
        return 2

    def _dollar(self, text: str, at: int) -> int:
        following = text[at + 1 : at + 3]
        self._expand()
        if not following:
            self._tail = "$"
        elif following == "((":
            self._frames.append(Frame("arithmetic", parentheses=2))
            return 3
        elif following[0] == "(":
            return self._push("command", 2)
        elif following[0] == "{":
            return self._lose("${ …") if following[1:] in {" ", "|", "\n", "\t"} else self._push("parameter", 2)
        elif following[0] == "[" or (following[0] == "'" and self._frames[-1].kind != "double"):
            return self._lose("$" + following[0])
        self._command.append("$")
        return 1

    def _expansion(self, text: str, at: int) -> int:
        """A character that means the same in commands, double quotes, parameters and arithmetic; 0 if none."""
        match text[at]:
            case "\\":
                return self._escape(text, at)
            case "$":
                return self._dollar(text, at)
            case "`":
                self._expand()
                return self._push("backtick", 1)
            case _:
                return 0

    def _in_command(self, text: str, at: int) -> int:
        frame, character = self._frames[-1], text[at]
        if taken := self._expansion(text, at):
            return taken
        if character in "'\"":
            frame.word_continues()
            return self._push("single" if character == "'" else "double", 1)
        if character in _METACHARACTERS and frame.in_subscript:
            return self._lose("a[ …")
        if character in "()":
            return self._parenthesis(text, at)
        if text.startswith("<<", at):
            return self._lose("<<<") if text.startswith("<<<", at) else self._here_document(text, at)
        if character == "#" and frame.word is None:
            return self._lose("a comment in (…)") if len(self._frames) > 1 else self._push("comment", 1)
        return self._word(text, at)

    def _word(self, text: str, at: int) -> int:
        frame, character = self._frames[-1], text[at]
        if character in " \t":
            frame.end_word()
        elif character in "<>":
            frame.redirect()
        elif character == "\n":
            self._end_command(frame)
            self._begin_here_documents()
        elif character in ";&|":
            return self._operator(text, at)
        else:
            frame.append(character)
        if frame.word is None and "case" in frame.words and len(self._frames) > 1:
            return self._lose("case inside (…)")
        return 1

    def _operator(self, text: str, at: int) -> int:
        frame, redirects = self._frames[-1], at > 0 and text[at - 1] in "<>"
        if text.startswith("&>", at):
            return self._lose("&>")
        frame.duplicating = redirects and text[at] == "&"
        if redirects:
            return 1
        self._end_command(frame)
        frame.piped = frame.fed or (text[at] == "|" and not text.startswith("||", at))
        return 2 if text.startswith(("||", "|&"), at) else 1

    def _end_command(self, frame: Frame) -> None:
        frame.end_word()
        if frame.piped and self._valued:
            self._input_read_by = self._input_read_by or reads_input(frame.words)
        frame.piped = frame.fed or (frame.piped and not frame.words)
        frame.end_command()

    def _parenthesis(self, text: str, at: int) -> int:
        frame = self._frames[-1]
        if text.startswith("((", at):
            self._frames.append(Frame("arithmetic", parentheses=2))
            return 2
        if text[at] == "(":
            if text[at - 1 : at] in {"<", ">"}:
                return self._lose(f"{text[at - 1]}(…)")
            if frame.word is not None and (frame.word.endswith("=") or not text.startswith("()", at)):
                # An array of bash; after a mistake in it bash goes on with the next line, and a value may have some.
                return self._lose("a=(…)")
            frame.end_command()
            self._frames.append(Frame("command", fed=frame.piped, piped=frame.piped))
            return 1
        self._end_command(frame)
        if len(self._frames) == 1:
            return 1
        return self._lose("a here-document") if self._pending else self._pop()

    def _here_document(self, text: str, at: int) -> int:
        found = HereDocument.read(text, at)
        if found is None or len(self._frames) > 1 or found.end == len(text):
            return self._lose("<<")
        self._frames[-1].end_word()
        self._pending.append(found)
        return found.end - at

    def _begin_here_documents(self) -> None:
        if self._pending:
            self._frames.append(Frame("heredoc", line=""))

    def _in_here_document(self, text: str, at: int) -> int:
        frame = self._frames[-1]
        if text[at] != "\n":
            frame.line += text[at]
            return 1
        if self._pending[0].ends(frame.line):
            self._pending.pop(0)
        frame.line = ""
        if not self._pending:
            self._pop()
        return 1

    def _in_double(self, text: str, at: int) -> int:
        if taken := self._expansion(text, at):
            return taken
        if text[at] == '"':
            return self._pop()
        if text[at] == "\n" and self._pending:
            return self._lose("a here-document")
        self._command.append(text[at])
        return 1

    def _in_single(self, text: str, at: int) -> int:
        if text[at] == "'":
            return self._pop()
        if text[at] == "\n" and self._pending:
            return self._lose("a here-document")
        self._command.append(text[at])
        return 1

    def _in_backtick(self, text: str, at: int) -> int:
        if text[at] == "\\":
            return 2
        return self._pop() if text[at] == "`" else 1

    def _in_comment(self, text: str, at: int) -> int:
        if text[at] != "\n":
            return 1
        self._frames.pop()
        return 0

    def _in_parameter(self, text: str, at: int) -> int:
        if taken := self._expansion(text, at):
            return taken
        if text[at] in "'\"":
            if any(frame.kind == "double" for frame in self._frames):
                return self._lose("quotes in ${…} in quotes")
            return self._push("single" if text[at] == "'" else "double", 1)
        return self._pop() if text[at] == "}" else 1

    def _in_arithmetic(self, text: str, at: int) -> int:
        if taken := self._expansion(text, at):
            return taken
        frame, character = self._frames[-1], text[at]
        if character in "'\"#;\n":
            return self._lose("((…)) with quotes, comments or commands")
        frame.parentheses += (character == "(") - (character == ")")
        return self._pop() if frame.parentheses == 0 else 1


def _refusal(frame: Frame) -> str:
    if frame.kind != "command":
        return _REFUSED.get(frame.kind, "")
    if frame.duplicating:
        return "bash runs code in the word after `>&`, even when it is quoted; use `>file 2>&1`"
    return "bash runs code in [[ … ]]; use [ … ]" if frame.double_bracket else rereads(frame.words, frame.word)
