"""Finding `${{ … }}` in a text."""

import re
from dataclasses import dataclass

from opsconductor.errors import ExpressionBudgetError, ExpressionError

OPEN = "${{"
MAX_PIECES = 200
_RAW_LITERAL = r"""(?:[rR][bB]?|[bB][rR])(?:\"\"\".*?\"\"\"|\'\'\'.*?\'\'\'|"[^"\n]*"|'[^'\n]*')"""
_ESCAPED_LITERAL = (
    r"""[bB]?(?:\"\"\"(?:\\.|[^\\])*?\"\"\"|\'\'\'(?:\\.|[^\\])*?\'\'\'|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
)
TEXT_LITERAL = re.compile(f"{_RAW_LITERAL}|{_ESCAPED_LITERAL}", re.DOTALL)
_STEP = re.compile(r"[^\"'{}()\[\]rRbB]+")
_RAW = re.compile(r"raw\s*\(")


@dataclass(frozen=True, slots=True)
class Piece:
    """One `${{ … }}` of a text.

    Attributes:
        source: The expression, without `raw(…)` around it.
        raw: Whether the author wrote `raw(…)`.
    """

    source: str
    raw: bool = False


def split(text: str) -> list[str | Piece]:
    """Cut a text into literal texts and expressions.

    Raises:
        ExpressionError: A `${{` has no `}}`, nothing stands between them, or there are too many.
    """
    if text.count(OPEN) > MAX_PIECES:
        raise ExpressionBudgetError(f"one text may hold {MAX_PIECES} expressions", source=text[:80])
    pieces: list[str | Piece] = []
    at = 0
    while (start := text.find(OPEN, at)) >= 0:
        if start > at:
            pieces.append(text[at:start])
        end = _end(text, start + len(OPEN))
        pieces.append(_piece(text[start + len(OPEN) : end].strip()))
        at = end + 2
    if at < len(text):
        pieces.append(text[at:])
    return pieces


def _end(text: str, at: int) -> int:
    start, depth = at, 0
    while at < len(text):
        if depth == 0 and text.startswith("}}", at):
            return at
        literal = TEXT_LITERAL.match(text, at)
        if literal:
            at = literal.end()
            continue
        depth += (text[at] in "({[") - (text[at] in ")}]")
        plain = _STEP.match(text, at + 1)
        at = plain.end() if plain else at + 1
    raise ExpressionError("`${{` is not closed by `}}`", source=text[start - len(OPEN) :])


def _piece(source: str) -> Piece:
    if not source:
        raise ExpressionError("there is nothing between `${{` and `}}`", source="${{ }}")
    opening = _RAW.match(source)
    if opening and source.endswith(")") and _closes(source, opening.end()) == len(source) - 1:
        return Piece(source[opening.end() : -1].strip(), raw=True)
    return Piece(source)


def _closes(source: str, at: int) -> int:
    """Where the parenthesis closes that was opened just before."""
    depth = 1
    while at < len(source):
        literal = TEXT_LITERAL.match(source, at)
        if literal:
            at = literal.end()
            continue
        depth += (source[at] in "({[") - (source[at] in ")}]")
        if depth == 0:
            return at
        at += 1
    return at
