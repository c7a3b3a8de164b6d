"""JSON values whose texts hold `${{ … }}`: an action's arguments."""

import json
from collections.abc import Callable, Mapping
from typing import Any, cast, final

from opsconductor.errors import ExpressionError

from .expression import Expression, compile_expression
from .pieces import OPEN, Piece, split
from .scope import Scope
from .shells import Quote, Shell, quotes

Render = Callable[[Mapping[str, Any]], Any]
MAX_TEXT = 1_000_000
_MAX_DEPTH = 64


@final
class Template:
    """A compiled value. Made by `compile_template`.

    Attributes:
        expressions: Its expressions, in the order they stand.
        references: The dotted paths they read.
        uses_raw: Whether one of them is `raw(…)`: put into a command line without quoting.
    """

    __slots__ = ("_render", "_value", "expressions", "references", "uses_raw")

    def __init__(self, value: Any, render: Render | None, expressions: tuple[Expression, ...], uses_raw: bool) -> None:
        self.expressions = expressions
        self.references = frozenset[str]().union(*(expression.references for expression in expressions))
        self.uses_raw = uses_raw
        self._value = value
        self._render = render

    @property
    def is_constant(self) -> bool:
        """Whether it holds no expression."""
        return self._render is None

    @property
    def steps(self) -> frozenset[str]:
        """Ids of the steps whose results it reads."""
        return frozenset[str]().union(*(expression.steps for expression in self.expressions))

    def render(self, context: Mapping[str, Any]) -> Any:
        """The value with every expression put in. A constant is returned as it is, not copied.

        Raises:
            ExpressionBudgetError: An expression would cost more than it may.
            ExpressionError: An expression has no value, or its value cannot be written where it stands.
        """
        return self._value if self._render is None else self._render(context)


def compile_template(value: Any, scope: Scope, shell: Shell | None = None) -> Template:
    """Compile a JSON value whose texts may hold `${{ … }}`.

    A text that is exactly one `${{ … }}` becomes the expression's value; any other is a text with the values
    written into it. With `shell`, texts are command lines: every value is quoted for that shell, so that it can
    never become code, and `${{ raw(…) }}` is the author's way out.

    Args:
        value: The value, as the document holds it.
        scope: The names its expressions may use.
        shell: The shell that will read its texts.

    Raises:
        ExpressionBudgetError: An expression is too long or nested too deeply.
        ExpressionError: An expression is refused, or stands where its value cannot be quoted.
    """
    compiler = _Compiler(scope, shell)
    render = compiler.compile(value, 0)
    return Template(value, render, tuple(compiler.expressions), compiler.uses_raw)


class _Compiler:
    def __init__(self, scope: Scope, shell: Shell | None) -> None:
        self.expressions: list[Expression] = []
        self.uses_raw = False
        self._scope = scope
        self._shell: Shell | None = shell

    def compile(self, value: Any, depth: int) -> Render | None:
        """How to render a value, or None when it is constant."""
        if depth > _MAX_DEPTH:
            raise ExpressionError(f"the value is nested deeper than {_MAX_DEPTH} levels", source="")
        if isinstance(value, str):
            return self._text(value) if OPEN in value else None
        if isinstance(value, dict):
            return self._map(cast("dict[str, Any]", value), depth)
        if isinstance(value, list | tuple):
            return self._list(cast("list[Any]", value), depth)
        return None

    def _map(self, value: dict[str, Any], depth: int) -> Render | None:
        for key in value:
            if OPEN in str(key):
                raise ExpressionError("the key of a map cannot be an expression", source=str(key))
        renders = {key: self.compile(element, depth + 1) for key, element in value.items()}
        if not any(renders.values()):
            return None
        pairs = [(key, render or _constant(value[key])) for key, render in renders.items()]
        return lambda context: {key: render(context) for key, render in pairs}

    def _list(self, value: list[Any], depth: int) -> Render | None:
        found = [self.compile(element, depth + 1) for element in value]
        if not any(found):
            return None
        renders = [render or _constant(element) for render, element in zip(found, value, strict=True)]
        return lambda context: [render(context) for render in renders]

    def _text(self, text: str) -> Render:
        pieces = split(text)
        if self._shell is not None:
            return self._line(pieces, self._shell)
        if len(pieces) == 1 and isinstance(pieces[0], Piece):
            return self._expression(pieces[0], alone=True).evaluate
        return _joining([part if isinstance(part, str) else _written(self._expression(part)) for part in pieces])

    def _line(self, pieces: list[str | Piece], shell: Shell) -> Render:
        parts: list[str | Render] = []
        for part, quote in zip(pieces, quotes(pieces, shell), strict=True):
            if isinstance(part, str):
                parts.append(part)
            else:
                parts.append(self._quoted(part, quote))
        return _joining(parts)

    def _quoted(self, piece: Piece, quote: Quote) -> Render:
        expression = self._expression(piece)
        if piece.raw:
            self.uses_raw = True
            return _written(expression)

        def render(context: Mapping[str, Any]) -> str:
            try:
                return quote(expression.evaluate(context))
            except ValueError as error:
                raise ExpressionError(str(error), source=expression.source) from None

        return render

    def _expression(self, piece: Piece, *, alone: bool = False) -> Expression:
        if piece.raw and not self._shell:
            raise ExpressionError("`raw(…)` is for command lines; here nothing is quoted, leave it out", source="raw")
        expression = compile_expression(piece.source, self._scope)
        secret = expression.references & self._scope.secrets
        if secret and not alone:
            raise ExpressionError(
                f"`{min(secret)}` is a secret: hand it over whole, to a parameter that takes a credential",
                source=piece.source,
            )
        self.expressions.append(expression)
        return expression


def _constant(value: Any) -> Render:
    return lambda _: value


def _written(expression: Expression) -> Callable[[Mapping[str, Any]], str]:
    def write(context: Mapping[str, Any]) -> str:
        value = expression.evaluate(context)
        if value is None:
            raise ExpressionError("the value is null, which has no text", source=expression.source)
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    return write


def _joining(parts: list[Any]) -> Render:
    def join(context: Mapping[str, Any]) -> str:
        text = "".join([part if isinstance(part, str) else part(context) for part in parts])
        if len(text) > MAX_TEXT:
            raise ExpressionError(f"the text would be longer than {MAX_TEXT:,} characters", source=text[:40])
        return text

    return join
