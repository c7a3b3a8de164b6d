"""Expressions made of Python operators: what `${{ … }}` and `when` hold, without writing it by hand."""

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn, cast

_OR, _AND, _RELATION, _SUM, _PRODUCT, _UNARY, _MEMBER = range(1, 8)


class Term:
    """An expression under construction.

    Attribute access and `[]` go deeper (`target.vars.site`), comparison and arithmetic operators do what they say,
    `&`, `|` and `~` are and, or and not. In an f-string a term becomes `${{ … }}`.
    """

    __slots__ = ("_binds", "_text")
    __hash__ = None  # pyright: ignore[reportAssignmentType]  # `==` makes a term, so terms cannot be keys

    def __init__(self, text: str, binds: int = _MEMBER) -> None:
        self._text = text
        self._binds = binds

    def __getattr__(self, name: str) -> "Term":
        if name.startswith("_"):
            raise AttributeError(name)
        return Term(f"{_within(self, _MEMBER)}.{name}")

    def __getitem__(self, key: Any) -> "Term":
        return Term(f"{_within(self, _MEMBER)}[{_literal(key)}]")

    def __eq__(self, other: object) -> "Term":  # type: ignore[override]
        return _join(self, "==", other, _RELATION)

    def __ne__(self, other: object) -> "Term":  # type: ignore[override]
        return _join(self, "!=", other, _RELATION)

    def __lt__(self, other: Any) -> "Term":
        return _join(self, "<", other, _RELATION)

    def __le__(self, other: Any) -> "Term":
        return _join(self, "<=", other, _RELATION)

    def __gt__(self, other: Any) -> "Term":
        return _join(self, ">", other, _RELATION)

    def __ge__(self, other: Any) -> "Term":
        return _join(self, ">=", other, _RELATION)

    def __and__(self, other: Any) -> "Term":
        return _join(self, "&&", other, _AND)

    def __or__(self, other: Any) -> "Term":
        return _join(self, "||", other, _OR)

    def __invert__(self) -> "Term":
        return Term(f"!{_within(self, _UNARY)}", _UNARY)

    def __neg__(self) -> "Term":
        return Term(f"-{_within(self, _UNARY)}", _UNARY)

    def __add__(self, other: Any) -> "Term":
        return _join(self, "+", other, _SUM)

    def __radd__(self, other: Any) -> "Term":
        return _join(other, "+", self, _SUM)

    def __sub__(self, other: Any) -> "Term":
        return _join(self, "-", other, _SUM)

    def __rsub__(self, other: Any) -> "Term":
        return _join(other, "-", self, _SUM)

    def __mul__(self, other: Any) -> "Term":
        return _join(self, "*", other, _PRODUCT)

    def __rmul__(self, other: Any) -> "Term":
        return _join(other, "*", self, _PRODUCT)

    def __truediv__(self, other: Any) -> "Term":
        return _join(self, "/", other, _PRODUCT)

    def __mod__(self, other: Any) -> "Term":
        return _join(self, "%", other, _PRODUCT)

    def __call__(self, *arguments: Any) -> "Term":
        """A method of the expression language, such as `probe.stdout.contains("ready")`."""
        return Term(f"{self._text}({', '.join(_literal(argument) for argument in arguments)})")

    def __bool__(self) -> NoReturn:
        raise TypeError("a term has no value while the job is written; use `&`, `|` and `~` for and, or and not")

    def __iter__(self) -> NoReturn:
        raise TypeError("a term has no items while the job is written; give it whole")

    def __contains__(self, item: object) -> NoReturn:
        raise TypeError("write `is_in(item, list)`: Python's `in` cannot make a term")

    def __repr__(self) -> str:
        return f"Term({self._text!r})"

    def __str__(self) -> str:
        return f"${{{{ {self._text} }}}}"

    def __format__(self, spec: str) -> str:
        if spec:
            raise TypeError(f"a term cannot be formatted as `{spec}`: it has no value while the job is written")
        return str(self)


target = Term("target")
"""The target a step runs on: `target.name`, `target.address`, `target.vars.site`, …"""

run = Term("run")
"""The run: `run.id`, `run.summary`, `run.failed_targets`, …"""


def has(term: Term) -> Term:
    """Whether an output is there; a skipped step has none."""
    return Term(f"has({source(term)})")


def raw(term: Term) -> Term:
    """The value as it is, not quoted for the shell that reads it. Visible in the UI and audited."""
    return Term(f"raw({source(term)})")


def size(term: Term) -> Term:
    """Length of a text, a list or a map."""
    return Term(f"size({source(term)})")


def is_in(item: Any, items: Any) -> Term:
    """Whether an item is in a list, or a key in a map."""
    return _join(item, "in", items, _RELATION)


def choose(condition: Term, then: Any, otherwise: Any) -> Term:
    """One value or the other."""
    arms = f"{_operand(then, _OR)} : {_operand(otherwise, 0)}"
    return Term(f"{_within(condition, _OR)} ? {arms}", 0)


def source(term: Any) -> str:
    """The text of an expression, as `when` takes it."""
    return term._text if isinstance(term, Term) else str(term)  # pyright: ignore[reportPrivateUsage]


def plain(value: Any) -> Any:
    """A value with every term in it as `${{ … }}`: what the document holds."""
    if isinstance(value, Term):
        return str(value)
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in cast("list[Any]", value)]
    return value


def _join(left: Any, operator: str, right: Any, binds: int) -> Term:
    # Relations do not chain; the other operators group from the left.
    return Term(f"{_operand(left, binds + (binds == _RELATION))} {operator} {_operand(right, binds + 1)}", binds)


def _operand(value: Any, least: int) -> str:
    return _within(value, least) if isinstance(value, Term) else _literal(value)


def _within(term: Term, least: int) -> str:
    text, binds = term._text, term._binds  # pyright: ignore[reportPrivateUsage]
    return f"({text})" if binds < least else text


def _literal(value: Any) -> str:
    if isinstance(value, Term):
        return source(value)
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, Any]", value).items()
        return "{" + ", ".join(f"{_literal(key)}: {_literal(inner)}" for key, inner in entries) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_literal(inner) for inner in cast("list[Any]", value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is not a number an expression can hold")
    if value is None or isinstance(value, bool | int | float | str):
        return json.dumps(value, ensure_ascii=False)
    raise TypeError(f"a {type(value).__name__} cannot be part of an expression")
