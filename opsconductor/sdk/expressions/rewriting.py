"""Putting other names and values into the text of an expression, without reading it as code.

Only whole dotted names are replaced, never anything inside a text literal; whatever comes out is compiled and
checked like any other expression.
"""

import json
import re
from collections.abc import Callable
from typing import Any, cast

from opsconductor.errors import ExpressionBudgetError, ExpressionError

from .pieces import OPEN, TEXT_LITERAL, Piece, split

Replace = Callable[[tuple[str, ...]], tuple[int, str] | None]
"""From the names of a dotted path to how many of them are replaced, and by what; None leaves it as it is."""

MAX_REWRITTEN = 16_384
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_MORE = re.compile(r"\s*\.\s*([A-Za-z_]\w*)", re.ASCII)
_TEST = re.compile(r"has\s*\(\s*(?=[A-Za-z_])", re.ASCII)
_CLOSE = re.compile(r"\s*\)")
_PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)


def rewrite_expression(source: str, replace: Replace) -> str:
    """The expression with other names in it.

    Raises:
        ExpressionBudgetError: It grows beyond what an expression may be.
        ExpressionError: A `has(…)` would test something that is no field.
    """
    found: list[str] = []
    at = size = 0
    while at < len(source):
        text, at = _next(source, at, replace)
        found.append(text)
        size += len(text)
        if size > MAX_REWRITTEN:
            raise ExpressionBudgetError("the expression grows too long with what is put into it", source=source)
    return "".join(found)


def rewrite_text(text: str, replace: Replace) -> str:
    """A text that holds `${{ … }}`, with other names in its expressions.

    Raises:
        ExpressionError: As `rewrite_expression`; or an expression is not closed.
    """
    return "".join([part if isinstance(part, str) else _written(part, replace) for part in split(text)])


def as_expression(value: Any) -> str:
    """The expression whose value is a JSON value with `${{ … }}` in its texts.

    Raises:
        ExpressionError: It holds `raw(…)`, which belongs into a command line.
    """
    if isinstance(value, str):
        return _text_expression(value) if OPEN in value else _literal(value)
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return "{" + ", ".join(f"{_literal(key)}: {as_expression(inner)}" for key, inner in items) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(as_expression(inner) for inner in cast("list[Any]", value)) + "]"
    return _literal(value)


def _next(source: str, at: int, replace: Replace) -> tuple[str, int]:
    literal = TEXT_LITERAL.match(source, at)
    if literal:
        return literal[0], literal.end()
    test = _TEST.match(source, at)
    if test and (tested := _tested(source, test, replace)):
        return tested
    name = _NAME.match(source, at)
    if name is None:
        return source[at], at + 1
    if source[:at].rstrip().endswith("."):
        return name[0], name.end()
    names, ends = _chain(source, name)
    replaced = replace(names)
    if replaced is None:
        return source[at : ends[-1]], ends[-1]
    count, text = replaced
    return text, ends[count - 1]


def _tested(source: str, test: re.Match[str], replace: Replace) -> tuple[str, int] | None:
    """`has(params.x)` with what stands for it: a value that was put in is always there."""
    names, ends = _chain(source, cast("re.Match[str]", _NAME.match(source, test.end())))
    close = _CLOSE.match(source, ends[-1])
    replaced = replace(names)
    if close is None or replaced is None:
        return None
    count, text = replaced
    rest = "".join(f".{name}" for name in names[count:])
    if _PATH.fullmatch(text) or rest:
        return f"has({text}{rest})", close.end()
    if names[0] != "params":
        raise ExpressionError(f"`has(…)` asks for a field, and `{'.'.join(names)}` is computed", source=source)
    return "true", close.end()


def _chain(source: str, first: re.Match[str]) -> tuple[tuple[str, ...], list[int]]:
    """The names of a dotted path, and where each ends."""
    names, ends = [first[0]], [first.end()]
    while more := _MORE.match(source, ends[-1]):
        names.append(more[1])
        ends.append(more.end())
    return tuple(names), ends


def _written(piece: Piece, replace: Replace) -> str:
    source = rewrite_expression(piece.source, replace)
    return f"${{{{ raw({source}) }}}}" if piece.raw else f"${{{{ {source} }}}}"


def _text_expression(text: str) -> str:
    parts = split(text)
    if any(isinstance(part, Piece) and part.raw for part in parts):
        raise ExpressionError("`raw(…)` is for command lines, and this is a value for one", source="raw")
    if len(parts) == 1 and isinstance(parts[0], Piece):
        return _enclosed(parts[0].source)
    joined = [_literal(part) if isinstance(part, str) else f"string({part.source}\n)" for part in parts]
    return f"({' + '.join(joined)})"


def _enclosed(source: str) -> str:
    # The line end closes a comment that the author may have put at the end.
    return source if _PATH.fullmatch(source) else f"({source}\n)"


def _literal(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return f"({text})" if text.startswith("-") else text
