"""Read YAML 1.2 text into plain JSON data, remembering the line of everything.

Only what JSON can say is read: tags, anchors, aliases, merge keys, directives and second documents are
refused, so that a document cannot grow while it is read and never makes a Python object. Sizes and nesting
are capped before anything is built.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from opsconductor.errors import DocumentError, Problem

from .paths import MAX_NAMED, Place, SourceLines, path_of, printable

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_NODES = 50_000

_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_A_NUMBER = re.compile(r"[-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN")
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_LONGEST_INTEGER = 19  # digits; CEL and PostgreSQL count in 64 bits


@dataclass(frozen=True, slots=True)
class Source:
    """What a text says, and where it says it."""

    data: Any
    lines: SourceLines


@dataclass(slots=True)
class _Open:
    """A mapping or sequence whose end has not been met yet."""

    place: Place
    data: dict[str, Any] | list[Any]
    key: str | None = None


@dataclass(slots=True)
class _Reading:
    lines: dict[Place, int] = field(default_factory=dict[Place, int])
    problems: list[Problem] = field(default_factory=list[Problem])
    stack: list[_Open] = field(default_factory=list[_Open])
    root: Any = None
    nodes: int = 0

    def refuse(self, place: Place, line: int, message: str, hint: str = "") -> None:
        if len(self.problems) == MAX_NAMED:
            raise _YAMLSyntaxError(Problem("", f"there are more than {MAX_NAMED} problems", "mend these first", line))
        self.problems.append(Problem(path_of(place), message, hint, line))


def read_yaml(text: str) -> Source:
    """Read one YAML document.

    Args:
        text: The whole text.

    Raises:
        DocumentError: The text is not plain YAML 1.2, or too large; every problem that can be found is named.
    """
    _check_text(text)
    reading = _Reading()
    try:
        for event in _events(text):
            _take(reading, event)
    except _YAMLSyntaxError as error:
        raise DocumentError([*reading.problems, error.problem]) from None
    if reading.problems:
        raise DocumentError(reading.problems)
    return Source(reading.root, SourceLines(reading.lines))


def _check_text(text: str) -> None:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        message = f"the document has more than {MAX_BYTES} bytes"
        raise DocumentError([Problem("", message, "put long texts into files on the targets")])
    for number, line in enumerate(text.split("\n"), 1):
        for char in line:
            if (char < " " and char not in "\t\r") or char == "\x7f" or "\ud800" <= char <= "\udfff":
                message = f"the text holds the character U+{ord(char):04X}"
                raise DocumentError([Problem("", message, "control characters are not text; remove it", number)])


class _YAMLSyntaxError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _events(text: str) -> Iterator[Any]:
    from ruamel.yaml import YAML  # 0.1 s that nobody pays who only runs jobs
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    reader: Any = YAML(typ="safe", pure=True)
    try:
        yield from reader.parse(text)
    except MarkedYAMLError as error:
        raise _syntax_error(error, text) from None
    except (YAMLError, ValueError) as error:
        raise _YAMLSyntaxError(
            Problem("", f"not YAML: {printable(str(error), 120)}", "save it as UTF-8 text")
        ) from None


def _syntax_error(error: Any, text: str) -> _YAMLSyntaxError:
    mark = error.problem_mark or error.context_mark
    message = " ".join(printable(part, 120) for part in (error.problem, error.context) if part)
    line = mark.line + 1 if mark else None
    return _YAMLSyntaxError(Problem("", f"not YAML: {message}", _syntax_hint(text, line), line))


def _syntax_hint(text: str, line: int | None) -> str:
    lines = text.splitlines()
    written = lines[line - 1] if line and line <= len(lines) else ""
    if "\t" in written[: len(written) - len(written.lstrip())]:
        return "indent with spaces, not tabs"
    if "${{" in written or ": " in written:
        return "put quotes around text that holds `: `, `#`, `{` or `}`"
    return "check indentation, quotes and brackets on this line and the one above"


def _take(reading: _Reading, event: Any) -> None:
    kind = type(event).__name__
    line = event.start_mark.line + 1 if event.start_mark else 0
    if kind == "DocumentStartEvent":
        _start_document(reading, event, line)
    elif kind == "ScalarEvent":
        _take_scalar(reading, event, line)
    elif kind == "AliasEvent" and not _awaits_key(reading):
        place = _next_place(reading)
        reading.refuse(place, line, f"the alias `*{printable(event.anchor)}` is refused", "write the value out")
        _put(reading, None, line)
    elif kind == "AliasEvent":
        raise _YAMLSyntaxError(Problem("", "an alias as a key is refused", "write the key out", line))
    elif kind in {"MappingStartEvent", "SequenceStartEvent"}:
        _open_collection(reading, event, line, {} if kind == "MappingStartEvent" else [])
    elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
        reading.stack.pop()


def _start_document(reading: _Reading, event: Any, line: int) -> None:
    if () in reading.lines:
        raise _YAMLSyntaxError(Problem("", "there is a second document", "one file holds one job", line))
    if event.tags or (event.explicit and event.version not in {None, (1, 2)}):
        raise _YAMLSyntaxError(Problem("", "`%` directives are refused", "documents are YAML 1.2", line))


def _open_collection(reading: _Reading, event: Any, line: int, data: dict[str, Any] | list[Any]) -> None:
    _refuse_decoration(reading, event, line)
    if len(reading.stack) >= MAX_DEPTH:
        problem = Problem(
            path_of(_next_place(reading)[:8]), f"nested deeper than {MAX_DEPTH} levels", "flatten it", line
        )
        raise _YAMLSyntaxError(problem)
    if _awaits_key(reading):
        hint = "put quotes around text that begins with `{` or `[`"
        raise _YAMLSyntaxError(Problem(path_of(reading.stack[-1].place), "a key is not plain text", hint, line))
    place = _put(reading, data, line)
    reading.stack.append(_Open(place, data))


def _take_scalar(reading: _Reading, event: Any, line: int) -> None:
    _refuse_decoration(reading, event, line)
    plain = event.style in {None, ""} and event.implicit[0]
    if _awaits_key(reading):
        _take_key(reading, event.value, plain, line)
        return
    place = _next_place(reading)
    value, refusal = _resolve(event.value) if plain else _joined(event.value)
    if refusal:
        reading.refuse(place, line, refusal, "put it in quotes if it is text")
    if isinstance(value, str) and "\0" in value:
        reading.refuse(place, line, "the text holds a NUL character", "remove it")
    _put(reading, value, line)


def _take_key(reading: _Reading, key: str, plain: bool, line: int) -> None:
    around = reading.stack[-1]
    place = (*around.place, key)
    if plain and key == "<<":
        reading.refuse(around.place, line, "merge keys (`<<`) are refused", "write the fields out")
    elif plain and not isinstance(_resolve(key)[0], str):
        reading.refuse(around.place, line, f"the key `{printable(key)}` is not text", "put it in quotes")
    elif key in around.data:
        first = reading.lines.get(place)
        reading.refuse(place, line, f"the key `{printable(key)}` is here twice", f"the first is on line {first}")
    around.key = key
    reading.lines.setdefault(place, line)


def _resolve(text: str) -> tuple[Any, str]:
    """The value of a plain scalar by the core schema of YAML 1.2, and why it is refused, if it is."""
    if text in _WORDS:
        return _WORDS[text], ""
    if _INTEGER.fullmatch(text):
        return (int(text), "") if len(text) <= _LONGEST_INTEGER else (0, "the number is too large")
    if _OCTAL.fullmatch(text) or _HEX.fullmatch(text):
        return (int(text, 0), "") if len(text) <= _LONGEST_INTEGER else (0, "the number is too large")
    if _FLOAT.fullmatch(text):
        number = float(text)
        return (number, "") if math.isfinite(number) else (0.0, "the number is too large")
    if _NOT_A_NUMBER.fullmatch(text):
        return 0.0, f"`{text}` is not a number a job can hold"
    return text, ""


def _joined(text: str) -> tuple[str, str]:
    """A quoted text; JSON writes characters beyond U+FFFF as two escaped halves."""
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16"), ""
    except UnicodeDecodeError:
        return "", "the text holds half a character (a lone surrogate)"


def _refuse_decoration(reading: _Reading, event: Any, line: int) -> None:
    place = _next_place(reading)
    if event.anchor:
        reading.refuse(place, line, f"the anchor `&{printable(event.anchor)}` is refused", "write values out")
    implicit: Any = event.implicit  # a pair for scalars: whether the tag may be left out when plain, and when quoted
    if event.tag and not (implicit is True or (implicit is not False and any(implicit))):
        reading.refuse(place, line, f"the tag `{printable(str(event.tag))}` is refused", "remove the tag")


def _awaits_key(reading: _Reading) -> bool:
    return bool(reading.stack) and isinstance(reading.stack[-1].data, dict) and reading.stack[-1].key is None


def _next_place(reading: _Reading) -> Place:
    if not reading.stack:
        return ()
    around = reading.stack[-1]
    if isinstance(around.data, list):
        return (*around.place, len(around.data))
    return around.place if around.key is None else (*around.place, around.key)


def _put(reading: _Reading, value: Any, line: int) -> Place:
    reading.nodes += 1
    if reading.nodes > MAX_NODES:
        raise _YAMLSyntaxError(Problem("", f"the document holds more than {MAX_NODES} values", "split it", line))
    place = _next_place(reading)
    reading.lines.setdefault(place, line)
    if not reading.stack:
        reading.root = value
        return place
    around = reading.stack[-1]
    if isinstance(around.data, list):
        around.data.append(value)
    else:
        around.data.setdefault(around.key or "", value)
        around.key = None
    return place
