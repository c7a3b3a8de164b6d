"""Text as a terminal would leave it, without what a terminal would obey.

ECMA-48 control sequences (CSI, OSC with links and titles, DCS, the C1 forms), control characters and marks that turn
the direction of text are dropped. A carriage return starts the line again, so that of a progress bar its last state
stays; a backspace takes one character away.
"""

import re

HELD_CHARACTERS = 8192
"""Of an unfinished line or sequence; what grows longer is let go as it is."""

_STRING = r"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])"
_SEQUENCE = re.compile(
    rf"{_STRING}[^\x07\x1b\x9c\n\r]*(?:\x07|\x1b\\|\x9c|(?=[\n\r\x1b]))"  # an end of line ends a string, too
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|\x1b[ -/]*[0-OQ-WYZ`-~]"
)
_UNFINISHED = re.compile(rf"(?:{_STRING}[^\x07\x1b\x9c\n\r]*[\x1b\r]?|(?:\x1b\[|\x9b)[0-?]*[ -/]*|\x1b[ -/]*|\r)\Z")
_DROPPED = re.compile(r"[\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SUSPECT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class TerminalText:
    """Cleans text that arrives in pieces; how it is cut makes no difference."""

    __slots__ = ("_line", "_line_length", "_rest", "_started")

    def __init__(self) -> None:
        self._rest = ""
        self._line: list[str] = []
        self._line_length = 0
        self._started = False

    def feed(self, text: str) -> str:
        """Take a piece; returns what is settled."""
        if self._rest:
            text, self._rest = self._rest + text, ""
        if _SUSPECT.search(text):
            unfinished = _UNFINISHED.search(text)
            if unfinished and len(text) - unfinished.start() <= HELD_CHARACTERS:
                text, self._rest = text[: unfinished.start()], text[unfinished.start() :]
            # An escape that is held back still ends the string before it; alone, it leaves nothing.
            text = _strip(text + "\x1b" if self._rest.startswith("\x1b") else text)
        return self._settle(text)

    def finish(self) -> str:
        """The end of the text; returns what was held back."""
        text, self._rest = self._rest.removesuffix("\r"), ""
        settled = self._settle(_strip(text))
        return settled + self._let_go()

    def _settle(self, text: str) -> str:
        """Whole lines as they look in the end; the last, unfinished one is held."""
        *whole, last = text.split("\n")
        settled: list[str] = []
        for line in whole:
            settled += (self._append(line), self._let_go(), "\n")
            self._started = False
        settled.append(self._append(last))
        return "".join(settled)

    def _append(self, text: str) -> str:
        """Add to the held line; returns what has to be let go of it."""
        settled: list[str] = []
        before, *restarts = text.split("\r")
        self._hold(before)
        for piece in restarts:
            settled.append(self._restart())
            self._hold(piece)
        if self._line_length > HELD_CHARACTERS:
            settled.append(self._let_go())
        return "".join(settled)

    def _hold(self, text: str) -> None:
        if text:
            self._line.append(text)
            self._line_length += len(text)

    def _restart(self) -> str:
        """The line begins again: what is held of it is overwritten, unless too much of it was shown already."""
        if self._started or self._line_length > HELD_CHARACTERS:
            shown = self._let_go() + "\n"
            self._started = False
            return shown
        self._line.clear()
        self._line_length = 0
        return ""

    def _let_go(self) -> str:
        text = "".join(self._line)
        self._line.clear()
        self._line_length = 0
        self._started = self._started or bool(text)
        return _rub_out(text) if "\b" in text else text


def _strip(text: str) -> str:
    return _DROPPED.sub("", _SEQUENCE.sub("", text.replace("\r\n", "\n")))


def _rub_out(line: str) -> str:
    kept: list[str] = []
    for character in line:
        if character != "\b":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)
