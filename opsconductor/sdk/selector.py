"""Selectors: which targets, in words. `group:web and tag:prod and not host:web09`."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal, cast, final

from opsconductor.errors import InvalidInputError, Problem

MAX_LENGTH = 4096
MAX_DEPTH = 32
Field = Literal["name", "group", "tag", "os", "zone"]

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


@dataclass(frozen=True, slots=True)
class Facts:
    """What a selector can ask of a target.

    Attributes:
        name: Label of the target.
        groups: Names of the groups it is in.
        tags: Tags.
        os: Platform, such as `linux`.
        zone: Zone; empty for none.
        vars: Target variables.
    """

    name: str
    groups: Collection[str] = ()
    tags: Collection[str] = ()
    os: str = ""
    zone: str = ""
    vars: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Everything:
    """`all`."""

    def matches(self, facts: Facts) -> bool:
        """Always."""
        return True

    def __str__(self) -> str:
        return "all"


@dataclass(frozen=True, slots=True)
class Is:
    """`tag:prod`, `name:web-*`."""

    field: Field
    pattern: str

    def matches(self, facts: Facts) -> bool:
        """Whether one of the field's values is like the pattern (`*` and `?`)."""
        return any(fnmatchcase(value, self._escaped) for value in self._values(facts))

    def _values(self, facts: Facts) -> Collection[str]:
        match self.field:
            case "name":
                return (facts.name,)
            case "group":
                return facts.groups
            case "tag":
                return facts.tags
            case "os":
                return (facts.os,)
            case "zone":
                return (facts.zone,)

    @property
    def _escaped(self) -> str:
        return self.pattern.replace("[", "[[]")

    def __str__(self) -> str:
        plain = re.fullmatch(r"[^\s()\"':\\]+", self.pattern)
        return f"{self.field}:{self.pattern if plain else _quoted(self.pattern)}"


@dataclass(frozen=True, slots=True)
class VariableIs:
    """`var.site == "fra"`. A variable that is not set equals nothing."""

    path: tuple[str, ...]
    value: str | int | float | bool

    def matches(self, facts: Facts) -> bool:
        """Whether the variable has the value, and the value's type."""
        found: Any = facts.vars
        for name in self.path:
            if not isinstance(found, Mapping) or name not in found:
                return False
            found = cast("Mapping[str, Any]", found)[name]
        return found == self.value and isinstance(found, bool) == isinstance(self.value, bool)

    def __str__(self) -> str:
        value = _quoted(self.value) if isinstance(self.value, str) else str(self.value).lower()
        return f"var.{'.'.join(self.path)} == {value}"


@dataclass(frozen=True, slots=True)
class Not:
    """`not …`."""

    inner: "Selector"

    def matches(self, facts: Facts) -> bool:
        """Whether the inner one does not."""
        return not self.inner.matches(facts)

    def __str__(self) -> str:
        return f"not ({self.inner})" if isinstance(self.inner, And | Or) else f"not {self.inner}"


@dataclass(frozen=True, slots=True)
class And:
    """`… and …`."""

    parts: tuple["Selector", ...]

    def matches(self, facts: Facts) -> bool:
        """Whether all parts do."""
        return all(part.matches(facts) for part in self.parts)

    def __str__(self) -> str:
        return " and ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """`… or …`."""

    parts: tuple["Selector", ...]

    def matches(self, facts: Facts) -> bool:
        """Whether at least one part does."""
        return any(part.matches(facts) for part in self.parts)

    def __str__(self) -> str:
        return " or ".join(str(part) for part in self.parts)


Selector = Everything | Is | VariableIs | Not | And | Or


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
                    token, f"`{token.text}` says not what it is", f"write `name:{token.text}` or `group:{token.text}`"
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


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def _unquoted(text: str) -> str:
    return text[1:-1] if text[0] == "'" else re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


def _refusal_at(token: _Token, message: str, hint: str) -> InvalidInputError:
    return _refusal(f"column {token.column}: {message}", hint)


def _refusal(message: str, hint: str) -> InvalidInputError:
    return InvalidInputError([Problem(path="", message=message, hint=hint)])
