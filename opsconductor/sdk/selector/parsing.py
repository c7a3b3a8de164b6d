"""Reading selectors."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast, final

from opsconductor.errors import InvalidInputError, Problem

from .conditions import And, Everything, Field, Is, Not, Or, Selector, VariableIs

MAX_LENGTH = 4096
MAX_DEPTH = 32

_FIELDS: Mapping[str, Field] = {
    "name": "name", "host": "name", "target": "name", "group": "group", "tag": "tag", "os": "os", "platform": "os",
    "zone": "zone",
}  # fmt: skip
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<variable>var(?:\.[\w-]+)+) | (?P<compare>==|!=) | (?P<bracket>[()]) | (?P<text>"(?:\\.|[^"\\])*"|'[^']*')
      | (?P<field>[A-Za-z]+):(?P<pattern>"(?:\\.|[^"\\])*"|'[^']*'|[^\s()"':]+) | (?P<word>[\w.*?-]+) | (?P<other>\S)
    )""",
    re.VERBOSE,
)
_WORDS = frozenset({"and", "or", "not", "all"})


def parse_selector(text: str) -> Selector:
    """Read a selector.

    `and` binds tighter than `or`, `not` tightest; parentheses group. `field:pattern` asks for `name` (or `host`),
    `group`, `tag`, `os` or `zone`, with `*` and `?`; `var.path == "value"` and `!=` for target variables.

    Raises:
        InvalidInputError: It is not a selector; says at which column, and what to write.
    """
    if len(text) > MAX_LENGTH:
        raise _refusal(f"a selector may have {MAX_LENGTH:,} characters", "put the targets into a group")
    parser = _Parser(text)
    selector = parser.either(0)
    parser.expect_end()
    return selector


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int
    pattern: str = ""


@final
class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._next
        self._at += token.kind != "end"
        return token

    def _taken(self, *words: str) -> bool:
        found = self._next.kind in {"word", "bracket"} and self._next.text in words
        self._at += found
        return found

    def expect_end(self) -> None:
        token = self._next
        if token.kind == "end":
            return
        hint = "write `and` or `or` between two conditions" if token.kind != "bracket" else "remove it, or open one"
        raise _refusal_at(token, f"`{token.text}` was not expected here", hint)

    def either(self, depth: int) -> Selector:
        return self._chain("or", lambda: self._both(depth), Or)

    def _both(self, depth: int) -> Selector:
        return self._chain("and", lambda: self._negated(depth), And)

    def _chain(
        self, word: str, part: Callable[[], Selector], join: Callable[[tuple[Selector, ...]], Selector]
    ) -> Selector:
        parts = [part()]
        while self._taken(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else join(tuple(parts))

    def _negated(self, depth: int) -> Selector:
        if depth > MAX_DEPTH:
            raise _refusal_at(
                self._next, f"the selector is nested deeper than {MAX_DEPTH} levels", "put targets into groups"
            )
        if self._taken("not"):
            return Not(self._negated(depth + 1))
        if not self._taken("("):
            return self._condition()
        inner = self.either(depth + 1)
        if not self._taken(")"):
            raise _refusal_at(self._next, "a parenthesis is not closed", "write `)`")
        return inner

    def _condition(self) -> Selector:
        token = self._take()
        match token.kind:
            case "field":
                return _condition_on(token)
            case "variable":
                return self._comparison(token)
            case "word" if token.text == "all":
                return Everything()
            case "end":
                raise _refusal_at(token, "a condition is missing", "such as `group:web`, or `all` for every target")
            case "word" if token.text not in _WORDS:
                raise _refusal_at(
                    token,
                    f"`{token.text}` says not what it is",
                    f"write `name:{token.text}` or `group:{token.text}`"
                    if token.text not in _FIELDS
                    else f"write `{token.text}:` and what to look for, such as `{token.text}:web`",
                )
            case _:
                raise _refusal_at(token, f"a condition was expected, not `{token.text}`", "such as `group:web`")

    def _comparison(self, variable: _Token) -> Selector:
        operator, value = self._take(), self._take()
        if operator.kind != "compare":
            raise _refusal_at(
                operator, f"`{variable.text}` is compared with nothing", f'write `{variable.text} == "…"`'
            )
        condition = VariableIs(tuple(variable.text.split(".")[1:]), _literal(value))
        return condition if operator.text == "==" else Not(condition)


def _tokens(text: str) -> Iterator[_Token]:
    end = len(text.rstrip())
    at = 0
    while at < end:
        found = cast("re.Match[str]", _TOKEN.match(text, at))  # `other` takes whatever is left
        kind = "field" if found["pattern"] is not None else str(found.lastgroup)
        column = found.end() - len(found[0].lstrip()) + 1
        yield _Token(kind, found["field"] or found[kind], column, found["pattern"] or "")
        at = found.end()
    yield _Token("end", "the end", end + 1)


def _condition_on(token: _Token) -> Selector:
    known = _FIELDS.get(token.text)
    if known is None:
        raise _refusal_at(
            token, f"targets have no `{token.text}`", "use name, group, tag, os or zone; or var.… for variables"
        )
    pattern = _unquoted(token.pattern) if token.pattern[0] in "\"'" else token.pattern
    return Is(known, re.sub(r"\*+", "*", pattern))


def _literal(token: _Token) -> str | int | float | bool:
    if token.kind == "text":
        return _unquoted(token.text)
    if token.text in {"true", "false"}:
        return token.text == "true"
    if re.fullmatch(r"-?\d{1,18}", token.text):
        return int(token.text)
    if re.fullmatch(r"-?\d{1,18}\.\d{1,18}", token.text):
        return float(token.text)
    raise _refusal_at(token, f"`{token.text}` is not a value", f'put texts in quotes: "{token.text}"')


def _unquoted(text: str) -> str:
    return text[1:-1] if text[0] == "'" else re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


def _refusal_at(token: _Token, message: str, hint: str) -> InvalidInputError:
    return _refusal(f"column {token.column}: {message}", hint)


def _refusal(message: str, hint: str) -> InvalidInputError:
    return InvalidInputError([Problem(path="", message=message, hint=hint)])
